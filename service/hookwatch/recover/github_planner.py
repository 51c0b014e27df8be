"""Which failed deliveries to bring back, and why not the others. Pure: deliveries in, a plan out; never redelivers.

A group with any success is done, whatever came before or after it. What needs fixing first is taken as fixed once any
later delivery of the same hook has succeeded: that is GitHub's own record and nobody's opinion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from hookwatch.recover.cure import Cure
from hookwatch.recover.github_cause import Cause, cause_of, matches
from hookwatch.recover.github_group import Group, grouped
from hookwatch.recover.github_plan import Asked, Item, Key, Plan, Verdict, Wanted, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hookwatch.recover.github_model import Delivery


def make_plan(
    deliveries: Mapping[int, Iterable[Delivery]],
    wanted: Wanted,
    now: datetime,
    memory: Mapping[Key, Asked] = MappingProxyType({}),
    sizes: Mapping[int, int] = MappingProxyType({}),
) -> Plan:
    """Decide about every delivery.

    Args:
        deliveries: hook id -> its attempts, in any order; one that was read twice counts once.
        wanted: what is asked for.
        now: GitHub's clock.
        memory: what earlier runs did; may be empty or old, GitHub's own record comes first.
        sizes: delivery id -> bytes of its body, where somebody has looked.
    """
    read = done = filtered = 0
    items: list[Item] = []
    for hook_id, attempts in deliveries.items():
        groups, count = grouped(attempts)
        read += count
        successes = (each.order for group in groups.values() for each in group.attempts if each.ok)
        judge = _Judge(wanted, now, working_since=max(successes, default=None))
        for guid, group in groups.items():
            cause = cause_of(group.newest, sizes.get(group.newest.id))
            if group.ok:
                done += 1
            elif judge.wants(group, cause):
                items.append(judge.item(hook_id, group, cause, memory.get((hook_id, guid))))
            else:
                filtered += 1
    items.sort(key=lambda item: (item.first_at, item.delivery.id))
    return Plan(items=_capped(items, wanted.maximum), read=read, done=done, filtered=filtered)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Decides about the deliveries of one hook.

    Attributes:
        wanted: what is asked for.
        now: GitHub's clock.
        working_since: the last delivery of this hook that succeeded, in order; None if none did.
    """

    wanted: Wanted
    now: datetime
    working_since: tuple[datetime, int] | None

    def wants(self, group: Group, cause: Cause) -> bool:
        """Whether a failed delivery is one of those that were asked for."""
        wanted, newest = self.wanted, group.newest
        return (
            (wanted.since is None or newest.delivered_at >= wanted.since)
            and (wanted.until is None or group.first.delivered_at <= wanted.until)
            and (not wanted.events or newest.event in wanted.events)
            and (not wanted.actions or (newest.action or "") in wanted.actions)
            and (not wanted.repositories or newest.repository_id in wanted.repositories)
            and (not wanted.statuses or matches(newest, cause, wanted.statuses))
        )

    def item(self, hook_id: int, group: Group, cause: Cause, asked: Asked | None) -> Item:
        """What becomes of a failed delivery that was asked for."""
        first_at = group.first.delivered_at
        # Whether a redelivery starts a new three days is documented nowhere: so the first attempt counts.
        left = first_at + self.wanted.retention - self.now
        return Item(
            hook_id=hook_id,
            delivery=group.newest,
            verdict=self._verdict(group, cause, asked),
            cause=cause,
            redeliveries=group.redeliveries,
            first_at=first_at,
            hours_left=max(0.0, round(left / timedelta(hours=1), 2)),
            truncated=group.first.redelivery,
            refused=asked is not None and asked.refused and asked.delivery_id == group.newest.id,
        )

    def _verdict(self, group: Group, cause: Cause, asked: Asked | None) -> Verdict:
        """In the order of what nobody can change: what is gone, what is under way, what cannot be, what was tried."""
        if asked is not None and asked.reinjected:
            return Verdict.REINJECTED
        if group.newest.delivered_at + self.wanted.retention <= self.now:
            return Verdict.EXPIRED
        if asked is not None and group.is_pending(asked, self.now):
            return Verdict.PENDING
        if self.wanted.reinject:
            return Verdict.REINJECT if cause.reinject else Verdict.NEVER
        if cause.cure is Cure.NEVER:
            return Verdict.NEVER
        if group.redeliveries >= self.wanted.max_attempts:
            return Verdict.CAPPED
        if cause.cure is Cure.FIX and not self._is_fixed(group):
            return Verdict.FIX
        return Verdict.RETRY

    def _is_fixed(self, group: Group) -> bool:
        if self.wanted.fixed:
            return True
        return self.working_since is not None and self.working_since > group.newest.order


def _capped(items: Sequence[Item], maximum: int | None) -> tuple[Item, ...]:
    """The oldest so many stay, because they are forgotten first; the others wait for the next run."""
    if maximum is None:
        return tuple(items)
    wanted = in_turn([item for item in items if item.verdict in (Verdict.RETRY, Verdict.REINJECT)])
    later = {item.key for item in wanted[maximum:]}
    return tuple(replace(item, verdict=Verdict.LATER) if item.key in later else item for item in items)
