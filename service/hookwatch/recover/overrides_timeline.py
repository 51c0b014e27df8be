"""What Twilio does within its 15 seconds when a webhook fails, attempt by attempt. Never waits and never sends.

Twilio's page names no pause between two attempts and no use of Retry-After, so each attempt here begins when the one
before it has failed. There is no attempt after the total time: Twilio has no delayed redelivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hookwatch.recover.overrides_table import LONGEST_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.overrides import Overrides

# Our answers: see outcomes.py and publish.py. The function gives up by itself after 8 s, Lambda ends it after 9 s.
OUR_ANSWER_MS = 8000
FUNCTION_TIMEOUT_MS = 9000
ROUND_TRIP_MS = 100
"""A refusal is there as fast as the network carries it; the number only keeps two attempts apart on paper."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a webhook fails.

    Attributes:
        says: what happens.
        policy: the word of rp that tries it again, None where none does.
        error: Twilio's error code for it.
        takes_ms: how long one attempt takes until it has failed; None: as long as the timeout of its policy.
    """

    says: str
    policy: str | None
    error: int
    takes_ms: int | None


FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "connect-refused": Failure("the connection is refused", "ct", 11202, ROUND_TRIP_MS),
        "connect-timeout": Failure("no connection within ct", "ct", 11205, None),
        "answer-503": Failure("we answer 503 at once: no secret, a crash", "5xx", 11200, ROUND_TRIP_MS),
        "answer-503-late": Failure("we answer 503 after trying the bus for 8 s", "5xx", 11200, OUR_ANSWER_MS),
        "answer-429": Failure("Lambda throttles: 429", "4xx", 11200, ROUND_TRIP_MS),
        "answer-401": Failure("we refuse the signature: 401", "4xx", 11200, ROUND_TRIP_MS),
        "slow-answer": Failure("no first byte of an answer within rt", "rt", 11200, None),
        "partial-answer": Failure("the answer stops in the middle", None, 11200, None),
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: when it begins, when it has failed, both ms after the first one began, and through which edge."""

    at_ms: int
    failed_ms: int
    edge: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What becomes of a webhook that fails in one way every time.

    Attributes:
        failure: its name in `FAILURES`.
        attempts: what Twilio does; the first is the delivery itself.
        wanted: how many retries the URL asks for after this failure.
    """

    failure: str
    attempts: tuple[Attempt, ...]
    wanted: int

    @property
    def retries(self) -> int:
        """How many times it is tried again."""
        return len(self.attempts) - 1

    @property
    def given_up_ms(self) -> int:
        """When Twilio has given up."""
        return self.attempts[-1].failed_ms


def timeline(overrides: Overrides, name: str) -> Timeline:
    """What happens when every attempt fails in this way."""
    failure = FAILURES[name]
    limit_ms = min(overrides.total_timeout_ms, LONGEST_MS)
    connecting = failure.policy == "ct"
    patience_ms = overrides.connect_timeout_ms if connecting else overrides.read_timeout_ms
    takes_ms = patience_ms if failure.takes_ms is None else min(failure.takes_ms, patience_ms)
    # An answer that would come after rt is for Twilio no answer.
    policy = (
        "rt" if not connecting and failure.takes_ms is not None and failure.takes_ms > patience_ms else failure.policy
    )
    wanted = overrides.retries if policy in overrides.retry_on else 0
    attempts: list[Attempt] = []
    at_ms = 0
    while len(attempts) <= wanted and at_ms < limit_ms:
        edge = overrides.edges[len(attempts) % len(overrides.edges)]
        attempts.append(Attempt(at_ms, min(at_ms + takes_ms, limit_ms), edge))
        at_ms += takes_ms
    return Timeline(name, tuple(attempts), wanted)
