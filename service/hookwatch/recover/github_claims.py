"""Who brings back which delivery: a run claims each before it asks for it, and says afterwards what became of it.

A protocol and its words only. The command line keeps a file (`github_journal`), the sweeper objects (`sweeper_claims`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.problem import Problem

ASKED, ACCEPTED, REFUSED, REINJECTED, RELEASED = "asked", "accepted", "refused", "reinjected", "released"


class Claims(Protocol):
    """Where a run writes what it does."""

    def claim(self, item: Item, at: datetime) -> bool | Problem:
        """Before a request: whether it may be made. False if another run makes it, a `Problem` if nobody can tell."""

    def settle(self, item: Item, what: str, at: datetime) -> None:
        """After it: ACCEPTED, REFUSED, REINJECTED, or RELEASED if it was never sent."""
