"""What is asked for, what becomes of each failed delivery, and the plan made of that. Values only: decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.recover.github_cause import Cause
    from hookwatch.recover.github_model import Delivery

RETENTION = timedelta(days=3)
"""github.com and Enterprise Cloud; Enterprise Server keeps deliveries for seven days ("Viewing webhook deliveries",
read 2026-11-22)."""
MAX_ATTEMPTS = 3
"""Redeliveries of one GUID that GitHub's record shows; more have never helped what three did not."""
Key = tuple[int, str]


class Verdict(StrEnum):
    """What becomes of a failed delivery."""

    RETRY = "retry"
    FIX = "fix first"
    NEVER = "never"
    CAPPED = "tried enough"
    PENDING = "under way"
    EXPIRED = "expired"
    LATER = "over --max"
    REINJECT = "re-inject"
    REINJECTED = "re-injected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Attributes:
        since: deliveries of before this do not count; None for all that GitHub still has.
        until: nor do those of after this.
        events: names of events; empty for all.
        actions: their actions; empty for all.
        repositories: ids of repositories; empty for all.
        statuses: `503`, `5xx`, `timed_out`; empty for all.
        maximum: how many at most, the oldest first.
        max_attempts: redeliveries of one GUID that are enough.
        retention: how long GitHub keeps a delivery.
        fixed: whether the operator says that what had to be fixed is fixed.
        reinject: whether to publish from here instead of asking GitHub to deliver.
    """

    since: datetime | None = None
    until: datetime | None = None
    events: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    repositories: frozenset[int] = frozenset()
    statuses: frozenset[str] = frozenset()
    maximum: int | None = None
    max_attempts: int = MAX_ATTEMPTS
    retention: timedelta = RETENTION
    fixed: bool = False
    reinject: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run of ours did about a delivery.

    Attributes:
        delivery_id: the newest attempt at that time, the one that was asked for again.
        at: when.
        reinjected: whether it was published from here instead.
        refused: whether GitHub refused to.
    """

    delivery_id: int
    at: datetime
    reinjected: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One delivery that failed at one hook.

    Attributes:
        hook_id: the hook.
        delivery: its newest attempt: what is asked for again.
        verdict: what becomes of it.
        cause: why it failed, last time.
        redeliveries: how often it was redelivered already.
        first_at: when it was first tried, as far as GitHub's record shows.
        hours_left: until GitHub forgets it, counted from its first attempt.
        truncated: whether earlier attempts lie beyond what was read: the first one known is a redelivery.
        refused: whether this attempt was refused when it was last asked for.
    """

    hook_id: int
    delivery: Delivery
    verdict: Verdict
    cause: Cause
    redeliveries: int
    first_at: datetime
    hours_left: float
    truncated: bool = False
    refused: bool = False

    @property
    def key(self) -> Key:
        """The hook and the GUID."""
        return self.hook_id, self.delivery.guid


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done.

    Attributes:
        items: the failed deliveries that were asked for, oldest first.
        read: how many attempts were looked at.
        done: how many deliveries need nothing: one of their attempts succeeded.
        filtered: how many failed ones were not asked for.
    """

    items: tuple[Item, ...]
    read: int
    done: int
    filtered: int

    def of(self, *verdicts: Verdict) -> tuple[Item, ...]:
        """The items that end so."""
        return tuple(item for item in self.items if item.verdict in verdicts)

    @property
    def now(self) -> tuple[Item, ...]:
        """What a run would bring back, in its order."""
        return in_turn(self.of(Verdict.RETRY, Verdict.REINJECT))


def in_turn(items: Sequence[Item]) -> tuple[Item, ...]:
    """The oldest first, and last what was refused before: what never gets through must not stand before what does."""
    return tuple(sorted(items, key=lambda item: item.refused))


def summary(items: Sequence[Item]) -> Counter[tuple[Verdict, str]]:
    """How many of each verdict and cause."""
    return Counter((item.verdict, item.cause.name) for item in items)
