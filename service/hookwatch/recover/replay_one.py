"""One parked message onto the bus again. Deletes nothing and moves nothing: that is up to whoever received it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from hookwatch.ingest.model import Refusal
from hookwatch.ingest.parked import Damaged, decode
from hookwatch.ingest.publish import NotPublished, Published, entry_bytes, refusal_before_call
from hookwatch.ingest.publish_errors import is_final
from hookwatch.ingest.secrets import Deadline
from hookwatch.outcomes import Outcome
from hookwatch.recover import replay_object
from hookwatch.recover.replay_event import marked
from hookwatch.recover.replay_model import DAMAGED, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.ingest.model import Envelope
    from hookwatch.ingest.parked import Parked

# PutEvents for one message, retries and all. SQS brings back what fails, so nobody waits for long here.
PUBLISH_WITHIN_S = 4.0
# An object into the bucket: one attempt, and another after one that was refused at once.
CLAIM_WITHIN_S = 2.5

# Reasons of the publisher's that say something about the bus and nothing about the entry.
BUS_DOWN = frozenset({"throttled", "bus_failing", "unreachable", "answer_incomplete", "out_of_time"})


class Claim(Protocol):
    """Puts a detail into the bucket."""

    def __call__(self, parked: Parked, deadline: Deadline) -> Envelope | Refusal:
        """The slim envelope for the bus, or why the detail could not be stored."""


@dataclass(frozen=True, slots=True)
class Replayer:
    """Publishes parked messages.

    Attributes:
        publish: puts envelopes onto the bus before the deadline.
        objects: an S3 client; None where there is no bucket.
        bucket: our bucket; empty where there is none.
        claim: what becomes of an event that the bus cannot take; None where nothing can.
        max_entry_bytes: the largest entry that is tried.
        clock: seconds that only go forward.
        now_ms: the time of day, milliseconds since the epoch.
    """

    publish: Callable[[Sequence[Envelope], Deadline], Published | NotPublished]
    objects: Any
    bucket: str
    claim: Claim | None
    max_entry_bytes: int
    clock: Callable[[], float]
    now_ms: Callable[[], int]

    def replay(self, body: str) -> Verdict:
        """Publish one message, if it is a parked event. Never raises."""
        parked = decode(body)
        if isinstance(parked, Damaged):
            return Verdict(outcome="refused", reason=f"{DAMAGED}{parked.reason}", provider=parked.provider)
        try:
            verdict = self._replay(parked)
        except Exception as error:  # noqa: BLE001 - one message that we did not foresee must not hold up the others
            verdict = Verdict(outcome="failed", reason="unforeseen", error_code=type(error).__name__, error=error)
        return replace(verdict, provider=parked.provider, delivery_id=parked.delivery_id, parked_ms=parked.parked_ms)

    def _replay(self, parked: Parked) -> Verdict:
        if parked.stored is not None:
            detail = replay_object.read(self.objects, parked.stored, self.bucket)
            if isinstance(detail, replay_object.Lost):
                return Verdict(
                    outcome="refused" if detail.final else "failed",
                    reason=detail.reason,
                    error_code=detail.error_code,
                    place=replay_object.place(parked.stored),
                )
            parked = replace(parked, envelope=replace(parked.envelope, detail=detail), stored=None)
        envelope = self._fitting(parked)
        if isinstance(envelope, Refusal):
            return _refused(envelope)
        published = self.publish([replace(envelope, trace=parked.trace)], self._within(PUBLISH_WITHIN_S))
        attempts = published.attempts if published.attempts > 1 else None
        if isinstance(published, NotPublished):
            return replace(_refused(published.refusal), attempts=attempts)
        return Verdict(outcome="replayed", event_id=published.event_ids[0], attempts=attempts)

    def _within(self, seconds: float) -> Deadline:
        return Deadline(self.clock() + seconds, self.clock)

    def _fitting(self, parked: Parked) -> Envelope | Refusal:
        """The envelope as the bus takes it: whole, or slim with the detail in the bucket."""
        envelope = marked(parked.envelope, parked.event_format, self.now_ms())
        refusal = refusal_before_call(envelope, entry_bytes(envelope), self.max_entry_bytes)
        if refusal is None:
            return envelope
        if refusal.outcome is not Outcome.TOO_LARGE or self.claim is None:
            return refusal
        slim = self.claim(parked, self._within(CLAIM_WITHIN_S))
        return slim if isinstance(slim, Refusal) else marked(slim, parked.event_format, self.now_ms())


def _refused(refusal: Refusal) -> Verdict:
    final = is_final(refusal)
    return Verdict(
        outcome="refused" if final else "failed",
        reason=refusal.reason,
        error_code=refusal.error_code,
        bus_down=not final and refusal.reason in BUS_DOWN,
    )
