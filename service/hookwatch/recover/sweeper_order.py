"""What the sweeper is told to do: sweep by itself, or one of the three steps of a recovery that somebody approves.

Never asks anybody. The schedule's event orders nothing, and means to sweep; runbooks/stack.yaml sends the others.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from hookwatch.recover.github_story import Story

Action = Literal["sweep", "plan", "redeliver", "verify"]

ALL_EVENTS = "all"
MAX_HOURS = 24 * 30
MAX_BATCH = 1_000
"""More than this does not fit into one run of a function, at one redelivery a second."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do.

    Attributes:
        action: sweep and redeliver act; plan and verify only read.
        maximum: how many redeliveries at most; None for the configured cap, and for what only reads.
        since: how far back; None for all that GitHub still has.
        events: names of events; empty for all.
    """

    action: Action = "sweep"
    maximum: int | None = None
    since: timedelta | None = None
    events: frozenset[str] = frozenset()

    @property
    def reads_only(self) -> bool:
        """Whether nothing is to be asked for."""
        return self.action in ("plan", "verify")


def read_order(event: object) -> Order | Problem:
    """Read the event that the function was invoked with."""
    if not isinstance(event, dict) or "action" not in event:
        return Order()
    action = event["action"]
    hours, maximum, name = event.get("since_hours", 0), event.get("max", 0), event.get("event", ALL_EVENTS)
    if action not in ("sweep", "plan", "redeliver", "verify"):
        return Problem("action must be sweep, plan, redeliver or verify", code="bad_order")
    if not _is_count(hours, MAX_HOURS) or not _is_count(maximum, MAX_BATCH):
        return Problem(
            f"since_hours and max must be whole numbers, up to {MAX_HOURS} and {MAX_BATCH}", code="bad_order"
        )
    if not isinstance(name, str) or not name.replace("_", "").isalpha():
        return Problem(f"event must be the name of an event, or {ALL_EVENTS}", code="bad_order")
    return Order(
        action=action,
        maximum=maximum or None,
        since=timedelta(hours=hours) if hours else None,
        events=frozenset() if name == ALL_EVENTS else frozenset({name}),
    )


def report(story: Story) -> dict[str, Any]:
    """What whoever ordered it is told; counts and causes, nothing of a payload."""
    plan, ran = story.looked.plan, story.ran
    asked = 0 if ran is None else len(ran.asked)
    stopped = None if ran is None else ran.stopped
    wanted = plan.of(Verdict.RETRY, Verdict.LATER)
    return {
        "wanted": len(wanted),
        "redelivered": asked,
        "missing": story.missing,
        # Only a run that got on may be followed by another one: a loop must not turn where nothing moves.
        "more": asked > 0 and stopped is None and bool(plan.of(Verdict.LATER)),
        "stopped": "" if stopped is None else stopped.message,
        "summary": _summary(story),
    }


def _summary(story: Story) -> str:
    counted = Counter((item.verdict.value, item.cause.name) for item in story.still_missing)
    parts = [f"{count} {cause} ({verdict})" for (verdict, cause), count in sorted(counted.items())]
    hours = [item.hours_left for item in story.still_missing]
    end = f"; GitHub forgets the first in {min(hours):.0f} h" if hours else ""
    return f"{story.missing} missing: {', '.join(parts)}{end}" if parts else "nothing is missing"


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
