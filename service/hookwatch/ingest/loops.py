"""Notices a loop while it is small: our own actor, or one subject too often. Remembers nothing beyond this process.

A loop through a provider loses every header of ours on the way, so only what the payload says about who caused it is
left. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-patterns-best-practices.html (read 2026-11-22)
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.config import LoopPolicy

Suspicion = Literal["own_actor", "subject_rate"]

# So many subjects are watched at once; the one that has been quiet longest is forgotten first.
MAX_SUBJECTS = 1000
# Enough of an HMAC to tell subjects apart in a log, and too little to be worth attacking.
PSEUDONYM_CHARACTERS = 16


def is_own(policy: LoopPolicy, actor: str) -> bool:
    """Whether this login or phone number is one of our own actors. An app's slug stands for its bot user, too."""
    actor = actor.lower()
    return bool(actor) and (actor in policy.own_actors or actor.removesuffix("[bot]") in policy.own_actors)


class SubjectRate:
    """Counts deliveries of a subject within a sliding window, in this process only."""

    def __init__(self, policy: LoopPolicy, clock: Callable[[], float]) -> None:
        """Make an empty counter.

        Args:
            policy: limit and window.
            clock: seconds that only go forward.
        """
        self._policy = policy
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def exceeded(self, subject: str) -> bool:
        """Count one delivery of a subject; whether there are now too many."""
        if self._policy.limit == 0:
            return False
        now_s = self._clock()
        # One more than the limit is all that has to be remembered of a subject.
        times = self._seen.setdefault(subject, deque(maxlen=self._policy.limit + 1))
        self._seen.move_to_end(subject)
        if len(self._seen) > MAX_SUBJECTS:
            self._seen.popitem(last=False)
        times.append(now_s)
        return len(times) > self._policy.limit and now_s - times[0] <= self._policy.window_s


def pseudonym(key: bytes, subject: str) -> str:
    """A name for a subject that must not be logged: the same everywhere that holds the key, and telling nothing."""
    return hmac.new(key, subject.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:PSEUDONYM_CHARACTERS]
