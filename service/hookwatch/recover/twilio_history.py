"""What earlier runs did about one lost webhook, in the words of the journal. Values only: reads and writes no file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

ASKED, ASKED_PUBLISH = "asked", "asked-publish"
"""About to be sent to the function, or to be published from here."""
SENT, FAILED, RELEASED = "sent", "failed", "released"
"""It is durable; it did not arrive, and would not the next time; it did not arrive, as nothing else would have."""


@dataclass(frozen=True, slots=True)
class History:
    """What earlier runs wrote.

    Attributes:
        words: all of it, oldest first.
    """

    words: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was brought back."""
        return SENT in self.words

    @property
    def unanswered(self) -> str:
        """The way of the last try, where nobody learned how that ended; else empty."""
        last = self.words[-1] if self.words else ""
        return last if last in (ASKED, ASKED_PUBLISH) else ""

    @property
    def asked(self) -> int:
        """How often it was tried in vain, whatever the reason; 0 where it is back."""
        return 0 if self.done else sum(each in (ASKED, ASKED_PUBLISH) for each in self.words)

    def tries(self, way: str) -> int:
        """How many tries of one way say something of this webhook: not those in which nothing worked."""
        return sum(each == way and then != RELEASED for each, then in pairwise((*self.words, "")))


NONE = History()
