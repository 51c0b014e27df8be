"""A value for every minute, however fast the clock runs. Measures nothing by itself.

SQS publishes a queue's depth once a minute. At speed 150 a minute lasts 0.4 s and a look at the queues comes once a
second, so that an alarm on ten minutes in a row would never see ten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.sandbox.lambda_model import MetricPoint

MINUTE_S = 60
MOST_MINUTES = 1_440
"""Ours: what a sandbox that slept for longer than its day missed stays missed."""


class EveryMinute:
    """Fills the sandbox minutes between two looks with what the first of them saw."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._minute: int | None = None
        self._seen: Sequence[MetricPoint] = ()

    def filled(self, points: Sequence[MetricPoint], now_s: float) -> list[MetricPoint]:
        """Return the points of a look at the sandbox time `now_s`, and before them those of the minutes since the last.

        A point's own time is the machine's, and what is a minute old on one clock is so on the other (`Clock.stamp_s`).
        """
        minute = int(now_s // MINUTE_S)
        since = minute if self._minute is None else max(self._minute + 1, minute - MOST_MINUTES)
        real_s = points[0].time_s if points else 0.0
        missed = [
            replace(point, time_s=real_s - (minute - each) * MINUTE_S)
            for each in range(since, minute)
            for point in (self._seen if points else ())
        ]
        self._minute, self._seen = minute, points
        return [*missed, *points]
