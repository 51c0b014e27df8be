"""Safekeeping's front door: what every delivery asks of it, without loading what few deliveries need."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hookwatch.ingest.budget import parking_s
from hookwatch.ingest.publish_errors import is_final
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.config import Settings
    from hookwatch.ingest.kept import Kept, Missing
    from hookwatch.ingest.model import Envelope, Notes, Refusal
    from hookwatch.ingest.publish import NotPublished, Published
    from hookwatch.ingest.safekeeping import Safekeeping
    from hookwatch.ingest.secrets import Deadline


class Keeper:
    """Keeps what the bus did not take."""

    def __init__(self, make: Callable[[], Safekeeping], *, queue: bool, bucket: bool) -> None:
        """Make it; nothing is loaded before the first event has to be kept.

        Args:
            make: makes what does the work.
            queue: whether there is a queue to park events in.
            bucket: whether there is a bucket for what is too large.
        """
        self._make = make
        self._queue = queue
        self._bucket = bucket

    def reserve_s(self, envelopes: Sequence[Envelope]) -> float:
        """How long before the deadline publishing must have ended, so that these can still be parked."""
        return parking_s(envelopes, has_bucket=self._bucket) if self._queue else 0.0

    def takes(self, refusal: Refusal) -> bool:
        """Whether an event that was refused like this can be kept at all."""
        return takes(refusal, queue=self._queue, bucket=self._bucket)

    def keep(self, missing: Sequence[Missing], deadline: Deadline, notes: Notes) -> Kept | Refusal:
        """Keep all of them, or say why one cannot be kept."""
        return self._safekeeping.keep(missing, deadline, notes)

    @cached_property
    def _safekeeping(self) -> Safekeeping:
        return self._make()


def takes(refusal: Refusal, *, queue: bool, bucket: bool) -> bool:
    """Whether an event that was refused like this has a place in a queue or a bucket."""
    return bucket if refusal.outcome is Outcome.TOO_LARGE else queue and not is_final(refusal)


def keeper(
    settings: Settings, provider: str, publish: Callable[[Sequence[Envelope], Deadline], Published | NotPublished]
) -> Keeper:
    """Make the keeper that these settings describe; slim events are published with `publish`."""
    keeping = settings.keeping

    def make() -> Safekeeping:
        from hookwatch.ingest.bucket import Bucket
        from hookwatch.ingest.claim_check import ClaimCheck
        from hookwatch.ingest.parking import Parking
        from hookwatch.ingest.safekeeping import Safekeeping

        bucket = Bucket(keeping.bucket, provider) if keeping.bucket else None
        parking = Parking(keeping.queue_url, provider, settings.event_format, bucket) if keeping.queue_url else None
        claims = ClaimCheck(bucket, settings.event_format, settings.max_entry_bytes) if bucket else None
        return Safekeeping(publish, parking, claims)

    return Keeper(make, queue=keeping.queue_url is not None, bucket=keeping.bucket is not None)
