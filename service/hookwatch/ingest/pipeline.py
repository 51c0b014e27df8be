"""One delivery from request to result. Pure orchestration over plain callables: no AWS, no logging, no HTTP.

The order is the order of cost and of trust: the shape of the signature, then the body's bytes, then the keys, then the
signature itself, and only then what the body says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.ingest import signing
from hookwatch.ingest.budget import TABLE_S
from hookwatch.ingest.loops import pseudonym
from hookwatch.ingest.model import HEARTBEAT, Notes, Refusal, Result
from hookwatch.ingest.publish import NotPublished, Published, entry_bytes, refusal_before_call
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hookwatch.config import EventFormat
    from hookwatch.ingest.kept import Missing
    from hookwatch.ingest.loops import SubjectRate
    from hookwatch.ingest.model import Accepted, Cause, Delivery, Envelope, Provider, Signature
    from hookwatch.ingest.ports import Keeper, Keys, Memory
    from hookwatch.ingest.secrets import Deadline


# The outcomes after which a delivery need not come again, and another one like it is a duplicate.
DURABLE = frozenset({Outcome.ACCEPTED, Outcome.PARKED, Outcome.CLAIM_CHECKED})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a delivery passes through.

    Attributes:
        provider: how to verify and wrap.
        keyrings: the keys by the name that a signature asks for.
        publish: puts envelopes onto the bus before the deadline.
        keeper: what to do with envelopes that the bus did not take or cannot take; None where nothing keeps them, and
            then the provider is told no and keeps its own copy.
        memory: remembers which deliveries are done; None where a delivery that comes again is published again.
        event_format: what `detail` looks like.
        max_entry_bytes: the largest entry that is tried.
        clock: seconds that only go forward.
        rate: counts deliveries of one subject.
        drop_own: whether what our own actors caused is kept off the bus.
    """

    provider: Provider
    keyrings: Mapping[str, Keys]
    publish: Callable[[Sequence[Envelope], Deadline], Published | NotPublished]
    event_format: EventFormat
    max_entry_bytes: int
    clock: Callable[[], float]
    rate: SubjectRate
    drop_own: bool = False
    keeper: Keeper | None = None
    memory: Memory | None = None

    def run(self, delivery: Delivery, deadline: Deadline, notes: Notes) -> Result:
        """Take one delivery to its outcome."""
        signature = self.provider.claim(delivery)
        if isinstance(signature, Refusal):
            return _ended(signature, notes)
        body = delivery.body()
        if body is None:
            # Lambda made the base64, so this request did not come through a Function URL; nothing was signed over it.
            return _ended(Refusal(Outcome.UNSIGNED, "body_not_base64"), notes)
        notes.payload_bytes = len(body)
        proven = self._verify(delivery, body, signature, deadline, notes)
        if isinstance(proven, Refusal):
            return _ended(proven, notes)
        key, message = proven
        accepted = self.provider.accept(delivery, body, self.event_format)
        if isinstance(accepted, Refusal):
            return _ended(accepted, notes)
        notes.event_type, notes.action = accepted.event_type, accepted.action
        notes.delivery_id = accepted.delivery_id
        self._suspect(accepted.cause, key, notes)
        if accepted.cause.own and self.drop_own:
            return Result(Outcome.DROPPED, "own_actor", notes=notes)
        if self.memory is None or accepted.event_type == HEARTBEAT:
            return self._publish(accepted, deadline, notes)
        return self._once(self.memory, accepted, message, deadline, notes)

    def _verify(
        self, delivery: Delivery, body: bytes, signature: Signature, deadline: Deadline, notes: Notes
    ) -> tuple[bytes, bytes] | Refusal:
        """The key that made the signature, if a valid one did, and the message that it was made over."""
        keyring = self.keyrings[signature.keyring]
        if self.keeper is not None:
            # The older keys are looked up only while there is time to park what they verify.
            deadline = deadline.earlier(self.keeper.reserve_s(()))
        began_s = self.clock()
        current = keyring.current()
        # No time worth naming means that nothing was read.
        notes.secret_ms = _ms(self.clock() - began_s) or None
        notes.secret_error = keyring.failure()
        if isinstance(current, Refusal):
            return current
        began_s = self.clock()
        messages = self.provider.signed(delivery, body)
        if isinstance(messages, Refusal):
            return messages
        signer = signing.signer(signature, messages, keyring.keys(current, deadline))
        if signer is None and keyring.reread(deadline):
            current = keyring.current()
            if isinstance(current, bytes):
                signer = signing.signer(signature, messages, keyring.keys(current, deadline))
        notes.secret_error = keyring.failure() or notes.secret_error
        notes.verify_ms = _ms(self.clock() - began_s)
        if signer is None:
            # The key that signed may be one that we could not read, and then it is our fault and not the caller's.
            if unread := keyring.unread():
                return Refusal(Outcome.SECRET_UNAVAILABLE, "older_key_unreadable", unread)
            return Refusal(Outcome.BAD_SIGNATURE, "no_key_fits")
        notes.key_stage, key, message = signer
        return key, message

    def _suspect(self, cause: Cause, key: bytes, notes: Notes) -> None:
        """Note what the delivery is about, and whether it looks like part of a loop."""
        if not cause.subject:
            return
        notes.subject = pseudonym(key, cause.subject) if cause.private else cause.subject
        # Counted even if it is our own doing, or a loop of our own would hide behind its mark.
        too_often = self.rate.exceeded(notes.subject)
        notes.loop = "own_actor" if cause.own else "subject_rate" if too_often else None

    def _once(self, memory: Memory, accepted: Accepted, message: bytes, deadline: Deadline, notes: Notes) -> Result:
        """Publish a delivery unless it is done already, and remember it if it is durable."""
        began_s = self.clock()
        reserve_s = 0.0 if self.keeper is None else self.keeper.reserve_s(accepted.envelopes)
        entry = memory.begin(accepted, hashlib.sha256(message).hexdigest(), deadline.earlier(reserve_s), notes)
        notes.dedupe_ms = _ms(self.clock() - began_s)
        if entry is None:
            return Result(Outcome.DUPLICATE, "seen_before", notes=notes)
        result = self._publish(accepted, deadline, notes)
        memory.end(entry, deadline, notes, durable=result.outcome in DURABLE)
        return result

    def _publish(self, accepted: Accepted, deadline: Deadline, notes: Notes) -> Result:
        envelopes = accepted.envelopes
        sizes = [entry_bytes(envelope) for envelope in envelopes]
        notes.entry_bytes = max(sizes)
        notes.events = len(envelopes) if len(envelopes) > 1 else None
        fitting: list[Envelope] = []
        missing: list[Missing] = []
        for envelope, size in zip(envelopes, sizes, strict=True):
            refusal = refusal_before_call(envelope, size, self.max_entry_bytes)
            if refusal is None:
                fitting.append(envelope)
            elif self.keeper is None or not self.keeper.takes(refusal):
                return _ended(refusal, notes)
            else:
                missing += _missing((envelope,), (refusal,))
        if fitting:
            missing += self._put(fitting, deadline, notes)
        return self._kept(missing, deadline, notes) if missing else Result(Outcome.ACCEPTED, notes=notes)

    def _put(self, envelopes: Sequence[Envelope], deadline: Deadline, notes: Notes) -> list[Missing]:
        """Put events onto the bus; those that it did not take."""
        began_s = self.clock()
        reserve_s = 0.0 if self.keeper is None else self.keeper.reserve_s(envelopes)
        reserve_s += 0.0 if self.memory is None else TABLE_S
        published = self.publish(envelopes, deadline.earlier(reserve_s))
        notes.publish_ms = _ms(self.clock() - began_s)
        notes.attempts = published.attempts if published.attempts > 1 else None
        if isinstance(published, NotPublished):
            return _missing(published.missing, published.refusals)
        notes.event_id = published.event_ids[0]
        return []

    def _kept(self, missing: Sequence[Missing], deadline: Deadline, notes: Notes) -> Result:
        """What the bus did not take goes to safekeeping, where there is one."""
        if self.keeper is None:
            return _ended(missing[-1].refusal, notes)
        began_s = self.clock()
        kept = self.keeper.keep(missing, deadline, notes)
        notes.keep_ms = _ms(self.clock() - began_s)
        if isinstance(kept, Refusal):
            return _ended(kept, notes)
        return Result(kept.outcome, kept.because.reason, kept.because.error_code, notes)


def _missing(envelopes: Sequence[Envelope], refusals: Sequence[Refusal]) -> list[Missing]:
    from hookwatch.ingest.kept import Missing

    return [Missing(*each) for each in zip(envelopes, refusals, strict=True)]


def _ended(refusal: Refusal, notes: Notes) -> Result:
    return Result(refusal.outcome, refusal.reason, refusal.error_code, notes)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
