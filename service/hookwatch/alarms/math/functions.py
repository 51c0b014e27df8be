"""The functions of metric math over series that are already there.

Never fetches and never checks types: `kinds.check` did. Where AWS's page is silent, the docstring says what we do.
"""

import itertools
import math
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from hookwatch.alarms.math.series import Series, series

Array = tuple[Series, ...]
Value = float | Series | Array


class Span(NamedTuple):
    """The retrieved time: `[start_s, end_s)`."""

    start_s: int
    end_s: int

    def grid(self, period_s: int) -> range:
        """Return the start of every period in the span."""
        return range(-(-self.start_s // period_s) * period_s, self.end_s, period_s)


def _fold_values(function: str, values: list[float]) -> float:
    """Fold the datapoints that exist; an empty series gives no number, which drops whatever is computed with it."""
    if function in ("SUM", "DATAPOINT_COUNT"):
        return math.fsum(values) if function == "SUM" else float(len(values))
    if not values:
        return math.nan
    match function:
        case "AVG":
            return math.fsum(values) / len(values)
        case "MIN":
            return min(values)
        case "MAX":
            return max(values)
        case _:
            return statistics.pstdev(values)


def fold(function: str, value: Series | Array) -> float | Series:
    """SUM, AVG, MIN, MAX, STDDEV, DATAPOINT_COUNT: of a series one number, of an array one series.

    AVG of an array counts a missing value as 0, as the page says; MIN, MAX and STDDEV take those that exist.
    """
    if isinstance(value, Series):
        return _fold_values(function, list(value.points.values()))
    times = sorted({at for item in value for at in item.points})
    missing = [0.0] if function == "AVG" else []

    def at_time(at: int) -> float:
        present = [item.points[at] for item in value if at in item.points]
        return _fold_values(function, present + missing * (len(value) - len(present)))

    return series(max((item.period_s for item in value), default=1), ((at, at_time(at)) for at in times))


def _steps(item: Series, function: Callable[[float, int], float]) -> Series:
    points = item.ordered()
    pairs = itertools.pairwise(points)
    return series(item.period_s, ((at, function(value - before, at - then)) for (then, before), (at, value) in pairs))


def _running_sum(item: Series) -> Series:
    total = 0.0
    points: list[tuple[int, float | None]] = []
    for at, value in item.ordered():
        total += value
        points.append((at, total))
    return series(item.period_s, points)


def _logarithm(function: Callable[[float], float]) -> Callable[[Series], Series]:
    return lambda item: item.map(function)


PER_SERIES: dict[str, Callable[[Series], Series]] = {
    "ABS": lambda item: item.map(abs),
    "CEIL": lambda item: item.map(lambda value: float(math.ceil(value))),
    "DIFF": lambda item: _steps(item, lambda change, _: change),
    "DIFF_TIME": lambda item: _steps(item, lambda _, seconds: float(seconds)),
    "FLOOR": lambda item: item.map(lambda value: float(math.floor(value))),
    "LOG": _logarithm(math.log),
    "LOG10": _logarithm(math.log10),
    "RATE": lambda item: _steps(item, lambda change, seconds: change / seconds),
    "RUNNING_SUM": _running_sum,
}
"""Functions of one series; of an array they are taken one by one."""

_CALENDAR: dict[str, Callable[[datetime], int]] = {
    "DATE": lambda at: at.day,
    "DAY": lambda at: at.isoweekday(),
    "EPOCH": lambda at: int(at.timestamp()),
    "HOUR": lambda at: at.hour,
    "MINUTE": lambda at: at.minute,
    "MONTH": lambda at: at.month,
    "YEAR": lambda at: at.year,
}
CALENDAR = frozenset(_CALENDAR)


def calendar(function: str, item: Series, span: Span) -> Series:
    """MINUTE, HOUR, DAY (Monday is 1), DATE, MONTH, YEAR, EPOCH: of each timestamp (UTC), without gaps."""
    read = _CALENDAR[function]
    points = ((at, float(read(datetime.fromtimestamp(at, UTC)))) for at in span.grid(item.period_s))
    return series(item.period_s, points)


def fill(item: Series, filler: float | Series | str, span: Span) -> Series:
    """FILL: put a value where there is none.

    REPEAT has nothing to repeat before the first datapoint, LINEAR nothing to join outside the first and the last.
    """
    grid = span.grid(item.period_s)
    match filler:
        case float():
            return series(item.period_s, ((at, item.points.get(at, filler)) for at in grid))
        case Series():
            return series(item.period_s, ((at, item.points.get(at, filler.points.get(at))) for at in grid))
        case "REPEAT":
            return _repeated(item, grid)
        case _:
            return _interpolated(item, grid)


def _repeated(item: Series, grid: range) -> Series:
    last: float | None = None
    points: list[tuple[int, float | None]] = []
    for at in grid:
        last = item.points.get(at, last)
        points.append((at, last))
    return series(item.period_s, points)


def _interpolated(item: Series, grid: range) -> Series:
    known = item.ordered()
    points: list[tuple[int, float | None]] = list(known)
    for (then, before), (later, after) in itertools.pairwise(known):
        points += [(at, before + (after - before) * (at - then) / (later - then)) for at in grid if then < at < later]
    return series(item.period_s, points)


def choose(condition: float | Series, when_true: float | Series, when_false: float | Series | None) -> Value:
    """IF: by each datapoint of the condition, or by one number.

    A missing value behind a true condition is 0, behind a false one it is dropped; both are the page's rules.
    """
    if isinstance(condition, Series):
        points = ((at, _picked(at, truth, when_true, when_false)) for at, truth in condition.points.items())
        return series(condition.period_s, points)
    chosen = when_true if condition and not math.isnan(condition) else when_false
    if chosen is None:
        period_s = when_true.period_s if isinstance(when_true, Series) else 1
        return Series(period_s)
    return chosen


def _picked(at: int, truth: float, when_true: float | Series, when_false: float | Series | None) -> float | None:
    if truth:
        return when_true.points.get(at, 0.0) if isinstance(when_true, Series) else when_true
    return when_false.points.get(at) if isinstance(when_false, Series) else when_false


def sort(items: Array, key: str, order: str, limit: float | None) -> Array:
    """SORT: series without data come last in either order."""
    filled = [item for item in items if item.points]
    empty = [item for item in items if not item.points]
    ordered = sorted(filled, key=lambda item: float(_number(fold(key, item))), reverse=order == "DESC")
    return tuple((ordered + empty)[: None if limit is None else max(0, int(limit))])


def _number(value: float | Series) -> float:
    return value if isinstance(value, float) else math.nan
