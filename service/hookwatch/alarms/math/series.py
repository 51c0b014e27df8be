"""A time series inside metric math: values at aligned times.

Never holds a value that is not finite: what cannot be computed is no datapoint.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Series:
    """One series.

    Attributes:
        period_s: Distance of its datapoints in seconds.
        points: Value by start of period (seconds); an absent key is missing data.
    """

    period_s: int
    points: dict[int, float] = field(default_factory=dict)

    def map(self, function: Callable[[float], float]) -> "Series":
        """Apply a function to each value; a datapoint that cannot be computed is dropped."""
        return series(self.period_s, ((at, _attempt(function, value)) for at, value in self.points.items()))

    def ordered(self) -> list[tuple[int, float]]:
        """Return the datapoints, oldest first."""
        return sorted(self.points.items())


def series(period_s: int, points: Iterable[tuple[int, float | None]]) -> Series:
    """Make a series and drop what is no finite number."""
    kept = {at: float(value) for at, value in points if value is not None and math.isfinite(value)}
    return Series(period_s, kept)


def combine(left: Series, right: Series, function: Callable[[float, float], float]) -> Series:
    """Join two series at every time that either has; a missing value counts as 0, as CloudWatch documents."""
    period_s = max(left.period_s, right.period_s)
    times = sorted(left.points.keys() | right.points.keys())
    return series(
        period_s, ((at, _attempt(function, left.points.get(at, 0.0), right.points.get(at, 0.0))) for at in times)
    )


def _attempt(function: Callable[..., float], *values: float) -> float | None:
    try:
        result = function(*values)
    except (ArithmeticError, ValueError):
        return None
    return None if isinstance(result, complex) else result  # a fractional power of a negative is complex
