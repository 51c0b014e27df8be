"""How a redelivery went, from plan to proof, and what is still missing. Values only: draws nothing and asks nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.github_verify import Verified

if TYPE_CHECKING:
    from hookwatch.recover.github_look import Looked
    from hookwatch.recover.github_model import Scope
    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.github_run import Ran
    from hookwatch.recover.loop_stop import Problem


@dataclass(slots=True, kw_only=True)
class Story:
    """One command from beginning to end.

    Attributes:
        scope: where the hooks live.
        looked: the hooks and the plan.
        dry_run: whether nothing was to be changed.
        ran: what was done; None for a dry run, or if there was nothing to do.
        verified: what GitHub's record says of it afterwards; a `Problem` if that could not be read, None if it was not.
        notes: what else to know, a sentence each.
        waited_s: how long was waited for GitHub's limits.
        requests: requests to GitHub's API.
    """

    scope: Scope
    looked: Looked
    dry_run: bool
    ran: Ran | None = None
    verified: Verified | Problem | None = None
    notes: list[str] = field(default_factory=list)
    waited_s: float = 0.0
    requests: int = 0

    @property
    def recovered(self) -> int:
        """How many are back: delivered and verified, or published from here."""
        back = 0 if self.ran is None else sum(item.verdict is Verdict.REINJECT for item in self.ran.asked)
        return back + (len(self.verified.recovered) if isinstance(self.verified, Verified) else 0)

    @property
    def missing(self) -> int:
        """How many are not back and could be; what nobody can bring back any more is not among them."""
        return sum(_can_come_back(item) for item in self.looked.plan.items) - self.recovered


def _can_come_back(item: Item) -> bool:
    match item.verdict:
        case Verdict.EXPIRED | Verdict.REINJECTED:
            return False
        case Verdict.NEVER:
            return item.cause.reinject
        case _:
            return True
