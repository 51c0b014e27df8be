"""A parked event that the bus cannot take is checked in before it is published: the payload into the bucket, slim out.

It is too large where the bucket, too, refused when it came. Publishes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.ingest.bucket import Bucket
from hookwatch.ingest.calls import Failed
from hookwatch.ingest.claim_check import ClaimCheck
from hookwatch.ingest.model import Refusal
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.ingest.model import Envelope
    from hookwatch.ingest.parked import Parked
    from hookwatch.ingest.secrets import Deadline


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Takes in what the bus cannot take.

    Attributes:
        bucket: the bucket's name.
        client: gives an S3 client.
        max_entry_bytes: the size that an entry must stay under.
    """

    bucket: str
    client: Callable[[], Any]
    max_entry_bytes: int

    def __call__(self, parked: Parked, deadline: Deadline) -> Envelope | Refusal:
        """The slim envelope for the bus, or why the detail could not be stored."""
        bucket = Bucket(self.bucket, parked.provider, self.client)
        slim = ClaimCheck(bucket, parked.event_format, self.max_entry_bytes).check_in(parked.envelope, deadline)
        if isinstance(slim, Failed):
            return Refusal(Outcome.PUBLISH_FAILED, "claim_check_failed", slim.code)
        return slim
