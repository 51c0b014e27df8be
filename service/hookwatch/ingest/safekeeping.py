"""What becomes of an event that is not on the bus: parked, checked in, or handed back. Answers nobody by itself.

After it, every event of the delivery is durable, or the provider is told no and keeps its own copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.ingest.budget import QUEUE_S
from hookwatch.ingest.calls import Failed
from hookwatch.ingest.keeper import takes
from hookwatch.ingest.kept import Kept, Missing
from hookwatch.ingest.model import Refusal
from hookwatch.ingest.publish import NotPublished, entry_bytes
from hookwatch.ingest.publish_errors import is_final
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.ingest.claim_check import ClaimCheck
    from hookwatch.ingest.model import Envelope, Notes
    from hookwatch.ingest.parking import Parking
    from hookwatch.ingest.publish import Published
    from hookwatch.ingest.secrets import Deadline


@dataclass(frozen=True, slots=True)
class Safekeeping:
    """Keeps what the bus did not take.

    Attributes:
        publish: puts slim events onto the bus.
        parking: takes what may be published later; None where there is no queue.
        claims: takes what is too large for the bus; None where there is no bucket.
    """

    publish: Callable[[Sequence[Envelope], Deadline], Published | NotPublished]
    parking: Parking | None = None
    claims: ClaimCheck | None = None

    def keep(self, missing: Sequence[Missing], deadline: Deadline, notes: Notes) -> Kept | Refusal:
        """Keep all of them, or say why one cannot be kept."""
        for each in missing:
            # First of all: where one of them cannot be kept, keeping the others would only make duplicates.
            has_place = takes(each.refusal, queue=self.parking is not None, bucket=self.claims is not None)
            if not has_place:
                return each.refusal
        large = [each for each in missing if each.refusal.outcome is Outcome.TOO_LARGE]
        waiting = [each for each in missing if each.refusal.outcome is not Outcome.TOO_LARGE]
        slims: list[Envelope] = []
        for each in large:
            envelope = self._check_in(each.envelope, deadline, notes)
            if isinstance(envelope, Failed):
                # The bucket may be back before the replay is at it, which then checks the event in.
                notes.claim_error = envelope.code
                refusal = Refusal(Outcome.PUBLISH_FAILED, "claim_check_failed", envelope.code)
                waiting.append(Missing(each.envelope, refusal))
            else:
                slims.append(envelope)
        if slims:
            waiting += self._published(slims, deadline, notes)
        if not waiting:
            return Kept(Outcome.CLAIM_CHECKED, missing[0].refusal)
        return self._parked(waiting, deadline, notes)

    def _check_in(self, envelope: Envelope, deadline: Deadline, notes: Notes) -> Envelope | Failed:
        if self.claims is None:
            return Failed("no_bucket")
        slim = self.claims.check_in(envelope, deadline.earlier(self._parking_s()))
        if not isinstance(slim, Failed):
            # The size that counts from here on is that of what goes onto the bus.
            notes.entry_bytes = entry_bytes(slim)
        return slim

    def _published(self, slims: Sequence[Envelope], deadline: Deadline, notes: Notes) -> list[Missing]:
        """Put slim events onto the bus; those that it did not take."""
        published = self.publish(slims, deadline.earlier(self._parking_s()))
        if isinstance(published, NotPublished):
            return [Missing(*each) for each in zip(published.missing, published.refusals, strict=True)]
        notes.event_id = notes.event_id or published.event_ids[0]
        return []

    def _parked(self, waiting: Sequence[Missing], deadline: Deadline, notes: Notes) -> Kept | Refusal:
        because = waiting[0].refusal
        for each in waiting:
            if self.parking is None or is_final(each.refusal):
                return each.refusal
        failed = self.parking.park(waiting, deadline) if self.parking is not None else None
        if failed is None:
            return Kept(Outcome.PARKED, because)
        notes.parking_error = failed.code
        return Refusal(Outcome.PUBLISH_FAILED, "parking_failed", because.error_code)

    def _parking_s(self) -> float:
        """What parking something small takes."""
        return 0.0 if self.parking is None else QUEUE_S
