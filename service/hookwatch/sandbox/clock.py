"""The sandbox's own time, which can run faster than the machine's.

Never sleeps and never slows anything down: deliveries, timeouts and faults take as long as they take. Only what is said
about time (the stamps of data points, the evaluation of alarms, the age of messages) is in sandbox time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_SPEED = 1
MAX_SPEED = 3_600
"""Ours: an hour a second. The alarms of the whole template then cost under a tenth of a core (measured 2026-11)."""


class Clock:
    """Sandbox time: it starts at the machine's time and runs `speed` times as fast."""

    def __init__(self, speed: float = 1.0, real_s: Callable[[], float] = time.time) -> None:
        """Start now; `real_s` gives the machine's Unix time in seconds."""
        self.speed = speed
        self._real_s = real_s
        self._origin_s = real_s()

    def now_s(self) -> float:
        """Return the sandbox's Unix time in seconds."""
        return self._at(self._real_s())

    def stamp_s(self, real_s: float) -> float:
        """Return the sandbox time of a moment that the machine's clock named `real_s`.

        What is three seconds old stays three seconds old. Stretched with the clock, the start of a delivery of nine
        seconds would lie nine minutes back at speed 60, behind every window that could have seen it.
        """
        if self.speed == 1.0:
            return real_s
        now_s = self._real_s()
        return self._at(now_s) - (now_s - real_s)

    def age_s(self, since_real_s: float) -> float:
        """Return how much sandbox time has passed since a moment of the machine's clock."""
        return max(0.0, self._real_s() - since_real_s) * self.speed

    def _at(self, real_s: float) -> float:
        return self._origin_s + (real_s - self._origin_s) * self.speed


def iso(time_s: float) -> str:
    """Return a Unix time as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
