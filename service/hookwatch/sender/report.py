"""What a run of deliveries showed: counts and latency percentiles. Never sends and never prints."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.sender.forging import Forgery
    from hookwatch.sender.load import Reply

PERCENTILES = {"p50": 50, "p90": 90, "p99": 99, "max": 100}


@dataclass(slots=True)
class Tally:
    """Counts replies as they come.

    Attributes:
        forgery: what was wrong with the requests, which decides the answers that are right.
        first: the first reply, which is all there is to see when one delivery is sent.
    """

    forgery: Forgery
    first: Reply | None = None
    as_expected: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    _latencies_ms: list[float] = field(default_factory=list)

    @property
    def replies(self) -> int:
        """How many requests came to an end."""
        return self.statuses.total() + self.errors.total()

    def add(self, reply: Reply) -> None:
        """Count one reply. Only answers have a latency: a refused connection is quick and means nothing."""
        self.first = self.first or reply
        if reply.status is None:
            self.errors[reply.error or "no answer"] += 1
            return
        self.statuses[str(reply.status)] += 1
        self.outcomes[reply.outcome or "unnamed"] += 1
        self.as_expected += self.forgery.expects(reply.status)
        self._latencies_ms.append(reply.latency_ms)

    def latency_ms(self) -> dict[str, float]:
        """Percentiles of the answers' latencies in milliseconds; empty if nothing was answered."""
        ordered = sorted(self._latencies_ms)
        return {name: round(percentile(ordered, rank), 2) for name, rank in PERCENTILES.items()} if ordered else {}

    def document(self, asked: Mapping[str, object], count: int, elapsed_s: float) -> dict[str, object]:
        """The whole report as JSON takes it.

        Args:
            asked: what was asked for; stands in front.
            count: how many deliveries were asked for.
            elapsed_s: how long the run took.
        """
        return {
            **asked,
            "count": count,
            "replies": self.replies,
            "as_expected": self.as_expected,
            "ok": self.as_expected == count,
            "interrupted": self.replies < count,
            "statuses": dict(sorted(self.statuses.items())),
            "outcomes": dict(sorted(self.outcomes.items())),
            "errors": dict(sorted(self.errors.items())),
            "latency_ms": self.latency_ms(),
            "elapsed_s": round(elapsed_s, 3),
            "per_second": round(self.replies / elapsed_s, 1) if elapsed_s else 0.0,
            "first": None
            if self.first is None
            else {
                "delivery_id": self.first.delivery_id,
                "status": self.first.status,
                "outcome": self.first.outcome,
                "error": self.first.error,
                "answer": self.first.answer,
            },
        }


def percentile(ordered: Sequence[float], rank: int) -> float:
    """The nearest-rank percentile of sorted values: always one that was measured, never between two."""
    return ordered[max(math.ceil(len(ordered) * rank / 100) - 1, 0)]
