"""What became of what was asked for: GitHub's record is read again. Never asks for anything a second time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hookwatch.recover.github_cause import cause_of
from hookwatch.recover.github_group import Group, grouped
from hookwatch.recover.github_read import read_deliveries
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_cause import Cause
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.github_plan import Item

FIRST_LOOK_S, LOOK_EVERY_S = 1.0, 5.0
SETTLE_S = 60.0
"""How long is waited for redeliveries to show up; what has not by then is still pending and no failure."""
_CLOCKS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Verified:
    """How redeliveries ended.

    Attributes:
        recovered: delivered.
        failed: failed again, and why.
        pending: not in GitHub's record yet.
    """

    recovered: tuple[Item, ...]
    failed: tuple[tuple[Item, Cause], ...]
    pending: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for GitHub's record.

    Attributes:
        now_s: GitHub's clock.
        sleep: waits so many seconds.
        settle_s: how long at most.
    """

    now_s: Callable[[], float]
    sleep: Callable[[float], None]
    settle_s: float = SETTLE_S


def verify(
    github: GitHub, scope: Scope, items: Sequence[Item], since: datetime, waiting: Waiting
) -> Verified | Problem:
    """Read until every redelivery has shown up, or the time is over.

    Args:
        github: the API.
        scope: where the hooks live.
        items: what was asked for.
        since: when the run began, by GitHub's clock.
        waiting: how long.
    """
    pause_s, began_s = FIRST_LOOK_S, waiting.now_s()
    while True:
        found = read_deliveries(github, scope, sorted({item.hook_id for item in items}), since - _CLOCKS)
        if isinstance(found, Problem):
            return found
        verified = _judge(items, {hook: grouped(each)[0] for hook, each in found.items()})
        left_s = waiting.settle_s - (waiting.now_s() - began_s)
        if not verified.pending or left_s <= 0:
            return verified
        waiting.sleep(min(pause_s, left_s))
        pause_s = LOOK_EVERY_S


def _judge(items: Sequence[Item], groups: dict[int, dict[str, Group]]) -> Verified:
    recovered: list[Item] = []
    failed: list[tuple[Item, Cause]] = []
    pending: list[Item] = []
    for item in items:
        group = groups[item.hook_id].get(item.delivery.guid, Group())
        # The item's own attempt was the newest when it was planned.
        fresh = [each for each in group.attempts if each.order > item.delivery.order]
        if any(each.ok for each in fresh):
            recovered.append(item)
        elif fresh:
            failed.append((item, cause_of(fresh[-1])))
        else:
            pending.append(item)
    return Verified(tuple(recovered), tuple(failed), tuple(pending))
