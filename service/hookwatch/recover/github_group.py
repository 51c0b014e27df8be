"""The attempts of one delivery at one hook, grouped by GUID. Pure, and total over pages that overlap or come mixed.

GitHub gives one event the same GUID at every hook that hears of it, so a group never spans hooks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.recover.github_model import Delivery
    from hookwatch.recover.github_plan import Asked

PENDING = timedelta(minutes=30)
"""A redelivery that was accepted is under way for so long; GitHub promises no time, surges are slowed down."""
_CLOCKS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Group:
    """The attempts of one GUID at one hook.

    Attributes:
        attempts: oldest first, at least one.
    """

    attempts: list[Delivery] = field(default_factory=list)

    @property
    def newest(self) -> Delivery:
        """The last attempt."""
        return self.attempts[-1]

    @property
    def first(self) -> Delivery:
        """The first attempt, as far as GitHub's record goes back."""
        return self.attempts[0]

    @property
    def ok(self) -> bool:
        """Whether any attempt succeeded."""
        return any(each.ok for each in self.attempts)

    @property
    def redeliveries(self) -> int:
        """How many attempts were redeliveries, whoever asked for them."""
        return sum(each.redelivery for each in self.attempts)

    def is_pending(self, asked: Asked, now: datetime) -> bool:
        """Whether the redelivery that was asked for is not in GitHub's record yet."""
        if asked.refused or now - asked.at > PENDING:
            return False
        return self.newest.id == asked.delivery_id or self.newest.delivered_at < asked.at - _CLOCKS


def grouped(attempts: Iterable[Delivery]) -> tuple[dict[str, Group], int]:
    """Attempts by GUID, and how many there were; one that was read twice counts once."""
    once = {each.id: each for each in attempts}
    groups: dict[str, Group] = {}
    for each in sorted(once.values(), key=lambda each: each.order):
        groups.setdefault(each.guid, Group()).attempts.append(each)
    return groups, len(once)
