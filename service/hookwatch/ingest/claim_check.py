"""The claim check: the whole payload into the bucket, and a slim event that says where. Publishes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hookwatch.ingest import payload
from hookwatch.ingest.calls import Failed
from hookwatch.ingest.slim import SLIM_BYTES, slim

if TYPE_CHECKING:
    from hookwatch.config import EventFormat
    from hookwatch.ingest.bucket import Bucket
    from hookwatch.ingest.model import Envelope
    from hookwatch.ingest.secrets import Deadline

# What an entry has beside its detail, at most: source, detail-type, resources and its time.
ENTRY_HEAD_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """Takes in what the bus cannot take.

    Attributes:
        bucket: where payloads go.
        event_format: what `detail` looks like: whether it has our own key.
        max_entry_bytes: the size that an entry must stay under.
    """

    bucket: Bucket
    event_format: EventFormat
    max_entry_bytes: int

    def check_in(self, envelope: Envelope, deadline: Deadline) -> Envelope | Failed:
        """The slim envelope for the bus, once the whole detail is in the bucket."""
        where = self.bucket.put("claims", envelope, deadline)
        if isinstance(where, Failed):
            return where
        ours = payload.fields((payload.fields(envelope.detail) or {}).get(payload.OUR_KEY, b"")) or {}
        # In the quick start's format a key of this name would be the provider's, and give way as anywhere else.
        known = ours if self.event_format == "hookwatch" else {}
        room = min(SLIM_BYTES, self.max_entry_bytes - ENTRY_HEAD_BYTES)
        detail = slim(envelope.detail, known, where, room)
        return replace(envelope, detail=detail, detail_bytes=payload.utf8_length((detail,)))
