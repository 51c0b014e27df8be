"""Carries a plan out, one delivery after the other, and can be stopped anywhere. Never decides what is in the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.recover.github_claims import ACCEPTED, REFUSED, REINJECTED, RELEASED
from hookwatch.recover.github_errors import INVALID, NOT_FOUND, UNAVAILABLE
from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.recover.github_claims import Claims
    from hookwatch.recover.github_plan import Item

BRAKE_EVERY = 25
"""Deliveries between two looks at the loop alarm: 25 seconds, and an alarm's shortest period is a minute."""
IN_A_ROW = 5
"""So many in a row that say that nothing works are no bad luck: the hook is gone, GitHub fails, or the bus does."""

UNPROVEN, UNPUBLISHED = "unproven", "unpublished"
ONE_ONLY = frozenset({NOT_FOUND, INVALID, UNPROVEN, UNPUBLISHED})
"""Problems of this one delivery; every other is one of the connection, the permission or the limits."""
NOTHING_WORKS = frozenset({NOT_FOUND, UNAVAILABLE, UNPUBLISHED})
"""What may be the same for all. A delivery that is refused for what it is itself never ends the run for the others."""


@dataclass(slots=True)
class Ran:
    """What a run did.

    Attributes:
        asked: what was accepted: GitHub delivers it again, or it is on the bus.
        unknown: what was sent and not answered: it may have been accepted.
        refused: what was not accepted, and why.
        taken: what another run was already bringing back.
        stopped: why the run ended before its time; None if it did not.
    """

    asked: list[Item] = field(default_factory=list)
    unknown: list[Item] = field(default_factory=list)
    refused: list[tuple[Item, Problem]] = field(default_factory=list)
    taken: list[Item] = field(default_factory=list)
    stopped: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """How a plan is carried out.

    Attributes:
        ask: brings back one delivery: asks GitHub to deliver it again, or publishes it.
        claims: where it is written down before and after.
        brake: says why to stop; asked before the first and then every `BRAKE_EVERY`.
        now_s: GitHub's clock.
        advance: told after each.
    """

    ask: Callable[[Item], Problem | None]
    claims: Claims
    brake: Callable[[], Problem | None]
    now_s: Callable[[], float]
    advance: Callable[[Ran], None] = lambda _ran: None

    def run(self, items: Sequence[Item], ran: Ran) -> Ran:
        """Bring back one after the other, in this order.

        Args:
            items: what.
            ran: where what was done is noted; it is right at any moment, so that Ctrl-C loses nothing.
        """
        misses = 0
        for number, item in enumerate(items):
            ran.stopped = self.brake() if number % BRAKE_EVERY == 0 else None
            if ran.stopped is not None:
                break
            claimed = self.claims.claim(item, self._now())
            if isinstance(claimed, Problem):
                ran.stopped = claimed
                break
            if not claimed:
                ran.taken.append(item)
                continue
            problem = self.ask(item)
            self._note(item, problem, ran)
            misses = misses + 1 if problem is not None and problem.code in NOTHING_WORKS else 0
            if misses >= IN_A_ROW:
                ran.stopped = problem
            if ran.stopped is not None:
                break
            self.advance(ran)
        return ran

    def _note(self, item: Item, problem: Problem | None, ran: Ran) -> None:
        if problem is None:
            what = REINJECTED if item.verdict is Verdict.REINJECT else ACCEPTED
            self.claims.settle(item, what, self._now())
            ran.asked.append(item)
        elif problem.code == UNAVAILABLE:
            # Nobody knows whether it was carried out, so it stays written down as asked for.
            ran.unknown.append(item)
        elif problem.code in ONE_ONLY:
            self.claims.settle(item, REFUSED, self._now())
            ran.refused.append((item, problem))
        else:
            self.claims.settle(item, RELEASED, self._now())
            ran.stopped = problem

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s(), UTC)
