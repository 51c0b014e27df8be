"""What becomes of each lost webhook, and why. Values only: asks nobody and sends nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hookwatch.recover.cure import Cure
from hookwatch.recover.twilio_alert import RETENTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from hookwatch.recover.twilio_cause import Cause
    from hookwatch.recover.twilio_lost import Lost

SENT, ASKED, FAILED = "sent", "asked", "failed"


class Verdict(StrEnum):
    """What becomes of a lost webhook."""

    RETRY = "retry"
    FIX = "fix first"
    NEVER = "never"
    ARRIVED = "arrived"
    DONE = "done before"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    LATER = "over --max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        maximum: how many at most, the oldest first; None for all.
        fixed: whether the operator says that what had to be fixed is fixed.
        publish: whether to publish from here instead of sending to the function.
        again: whether to send again what an earlier run sent without learning the answer.
    """

    maximum: int | None = None
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
        items: every lost webhook, oldest first.
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
    memory: Mapping[str, str],
    arrived: frozenset[str] | None,
    now: datetime,
) -> Plan:
    """Decide.

    Args:
        lost: the webhooks, oldest first.
        wanted: what is asked for.
        memory: what earlier runs did: delivery id -> SENT, ASKED or FAILED.
        arrived: the delivery ids that our own record knows as durable; None where it cannot be asked.
        now: the time.
    """
    items: list[Item] = []
    left = wanted.maximum
    for each in lost:
        verdict, why = _verdict(each, wanted, memory, arrived, now)
        if verdict is Verdict.RETRY and left is not None:
            left -= 1
            if left < 0:
                verdict, why = Verdict.LATER, f"more than --max {wanted.maximum}; run this again for the next"
        items.append(Item(each, verdict, why, None if arrived is not None else each.unsure))
    return Plan(tuple(items), arrived is not None)


def _verdict(
    lost: Lost, wanted: Wanted, memory: Mapping[str, str], arrived: frozenset[str] | None, now: datetime
) -> tuple[Verdict, str]:
    if arrived is not None and lost.delivery_id in arrived:
        what = "this status of the call" if lost.numberless else "a later try"
        return Verdict.ARRIVED, f"our own log says that {what} arrived"
    before = memory.get(lost.delivery_id)
    if before == SENT:
        return Verdict.DONE, "an earlier run brought it back"
    if before == ASKED and arrived is None and not wanted.again:
        return Verdict.UNKNOWN, "an earlier run sent it and did not learn the answer: --again sends it once more"
    if now - lost.last.at > RETENTION:
        return Verdict.EXPIRED, f"older than the {RETENTION.days} days that Twilio keeps alerts"
    if lost.missing:
        return Verdict.NEVER, lost.missing
    if not lost.kind:
        return Verdict.NEVER, "its parameters are no webhook that we know"
    return _by_cause(lost.cause, wanted)


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
