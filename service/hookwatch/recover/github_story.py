"""How a redelivery went, from plan to proof, and what is still missing. Values only: draws nothing and asks nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.github_verify import Verified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.outcomes import Outcome
    from hookwatch.recover.github_look import Looked
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.github_plan import Item, Key
    from hookwatch.recover.github_run import Ran
    from hookwatch.recover.problem import Problem


EXPIRING_HOURS = 12.0
"""What GitHub forgets within this is told apart: half a day, in which somebody can still act."""


@dataclass(slots=True, kw_only=True)
class Story:
    """One command from beginning to end.

    Attributes:
        scope: where the hooks live.
        looked: the hooks and the plan.
        dry_run: whether nothing was to be changed.
        ran: what was done; None for a dry run, or if there was nothing to do.
        verified: what GitHub's record says of it afterwards; a `Problem` if that could not be read, None if it was not.
        said: cause -> what our own function had answered, where it did.
        notes: what else to know, a sentence each.
        waited_s: how long was waited for GitHub's limits.
        requests: requests to GitHub's API.
    """

    scope: Scope
    looked: Looked
    dry_run: bool
    ran: Ran | None = None
    verified: Verified | Problem | None = None
    said: Mapping[str, Outcome] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    waited_s: float = 0.0
    requests: int = 0

    @property
    def recovered(self) -> int:
        """How many are back: delivered and verified, or published from here."""
        return len(self._back())

    @property
    def still_missing(self) -> tuple[Item, ...]:
        """What is not back and could be; what nobody can bring back any more is not among it."""
        back = self._back()
        return tuple(item for item in self.looked.plan.items if _can_come_back(item) and item.key not in back)

    @property
    def expiring_soon(self) -> tuple[Item, ...]:
        """What of it GitHub forgets within `EXPIRING_HOURS`."""
        return tuple(item for item in self.still_missing if item.hours_left < EXPIRING_HOURS)

    @property
    def missing(self) -> int:
        """How many these are."""
        return len(self.still_missing)

    def _back(self) -> frozenset[Key]:
        published = () if self.ran is None else self.ran.asked
        back = {item.key for item in published if item.verdict is Verdict.REINJECT}
        if isinstance(self.verified, Verified):
            back |= {item.key for item in self.verified.recovered}
        return frozenset(back)


def _can_come_back(item: Item) -> bool:
    match item.verdict:
        case Verdict.EXPIRED | Verdict.REINJECTED:
            return False
        case Verdict.NEVER:
            return item.cause.reinject
        case _:
            return True
