"""What becomes of each lost webhook, and why. Values only: asks nobody and sends nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hookwatch.recover.cure import Cure
from hookwatch.recover.twilio_alert import RETENTION
from hookwatch.recover.twilio_history import ASKED, ASKED_PUBLISH, NONE, History

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from hookwatch.recover.twilio_cause import Cause
    from hookwatch.recover.twilio_lost import Lost

MAX_ATTEMPTS = 3
"""As for GitHub: what three tries of one webhook did not bring, more of them would not."""


class Verdict(StrEnum):
    """What becomes of a lost webhook."""

    RETRY = "retry"
    FIX = "fix first"
    NEVER = "never"
    CAPPED = "tried enough"
    ARRIVED = "arrived"
    DONE = "done before"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    LATER = "over --max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        maximum: how many at most, in the plan's order; None for all.
        max_attempts: tries of one webhook, sent or published, that are enough.
        fixed: whether the operator says that what had to be fixed is fixed.
        publish: whether to publish from here instead of sending to the function.
        again: whether to send again what an earlier run sent without learning the answer.
    """

    maximum: int | None = None
    max_attempts: int = MAX_ATTEMPTS
    fixed: bool = False
    publish: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One lost webhook and what becomes of it.

    Attributes:
        lost: the webhook.
        verdict: what becomes of it.
        why: why, a sentence.
        duplicate: whether the event may be there already; None where our own record says that it is not.
    """

    lost: Lost
    verdict: Verdict
    why: str
    duplicate: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done.

    Attributes:
        items: every lost webhook: those that were tried least first, of these the oldest.
        recorded: whether our own record could be asked what arrived.
    """

    items: tuple[Item, ...]
    recorded: bool

    @property
    def wanted(self) -> tuple[Item, ...]:
        """What would be sent."""
        return tuple(each for each in self.items if each.verdict is Verdict.RETRY)

    def counts(self) -> Counter[tuple[Verdict, str]]:
        """How many have which verdict for which cause."""
        return Counter((each.verdict, each.lost.cause.name) for each in self.items)


def plan(
    lost: Iterable[Lost],
    wanted: Wanted,
    memory: Mapping[str, History],
    arrived: frozenset[str] | None,
    now: datetime,
) -> Plan:
    """Decide.

    Args:
        lost: the webhooks, oldest first.
        wanted: what is asked for.
        memory: delivery id -> what earlier runs did about it.
        arrived: the delivery ids that our own record knows as durable; None where it cannot be asked.
        now: the time.
    """
    items: list[Item] = []
    left = wanted.maximum
    # What failed before comes last, so that it can never keep the others back.
    for each in sorted(lost, key=lambda one: memory.get(one.delivery_id, NONE).asked):
        verdict, why = _verdict(each, wanted, memory.get(each.delivery_id, NONE), arrived, now)
        if verdict is Verdict.RETRY and left is not None:
            left -= 1
            if left < 0:
                verdict, why = Verdict.LATER, f"more than --max {wanted.maximum}; run this again for the next"
        items.append(Item(each, verdict, why, None if arrived is not None else each.unsure))
    return Plan(tuple(items), arrived is not None)


def _verdict(
    lost: Lost, wanted: Wanted, before: History, arrived: frozenset[str] | None, now: datetime
) -> tuple[Verdict, str]:
    if arrived is not None and lost.delivery_id in arrived:
        what = "this status of the call" if lost.numberless else "a later try"
        return Verdict.ARRIVED, f"our own log says that {what} arrived"
    if before.done:
        return Verdict.DONE, "an earlier run brought it back"
    unknown = "" if wanted.again else _unknown(before, arrived)
    if unknown:
        return Verdict.UNKNOWN, unknown
    if now - lost.last.at > RETENTION:
        return Verdict.EXPIRED, f"older than the {RETENTION.days} days that Twilio keeps alerts"
    if lost.missing:
        return Verdict.NEVER, lost.missing
    if not lost.kind:
        return Verdict.NEVER, "its parameters are no webhook that we know"
    verdict, why = _by_cause(lost.cause, wanted)
    if verdict is Verdict.RETRY and before.tries(ASKED_PUBLISH if wanted.publish else ASKED) >= wanted.max_attempts:
        return Verdict.CAPPED, f"tried {wanted.max_attempts} times in vain: mend why, then a higher --max-attempts"
    return verdict, why


def _unknown(before: History, arrived: frozenset[str] | None) -> str:
    """Why nobody can say whether the last try arrived; empty where it can be said."""
    if before.unanswered == ASKED_PUBLISH:
        # It never passed the function, whose log therefore cannot know it.
        return "an earlier run published it and did not learn the answer: --again brings it once more"
    if before.unanswered == ASKED and arrived is None:
        return "an earlier run sent it and did not learn the answer: --again brings it once more"
    return ""


def _by_cause(cause: Cause, wanted: Wanted) -> tuple[Verdict, str]:
    """What helps against why it failed, and whether that was asked for."""
    match cause.cure:
        case Cure.RETRY:
            return Verdict.RETRY, cause.sentence
        case Cure.FIX:
            helped = wanted.fixed or (wanted.publish and cause.publish)
            return (Verdict.RETRY, cause.sentence) if helped else (Verdict.FIX, f"{cause.sentence}; then --fixed")
        case Cure.NEVER:
            return Verdict.RETRY if wanted.publish and cause.publish else Verdict.NEVER, cause.sentence
