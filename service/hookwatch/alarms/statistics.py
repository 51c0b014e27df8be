"""CloudWatch's statistics over the samples of one period.

Never sees time. Samples are weighted, `(value, how often)`, so that a million equal samples cost one entry.
Percentiles are nearest-rank: p99 is the largest of the lowest 99 %, as the definitions page says when it compares
p99 with tm99. CloudWatch itself reads them from a histogram and can differ by a fraction of a per cent.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html, read 2026-11-22.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

Samples = list[tuple[float, int]]
"""Values with their weights; a weight is at least 1."""

LOW_SAMPLE_FACTOR = 10
"""A percentile p needs 10/(1-p) samples, or 10/p under the median.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html, read 2026-11-22.
"""

KEPT = 256
"""Names of statistics that are remembered: a template has a handful, and what is asked over HTTP must not add up."""

BASIC = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
_SHORT = re.compile(r"(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)")
_RANGED = re.compile(r"(TM|TC|TS|WM|PR)\((-?\d*\.?\d*)(%?):(-?\d*\.?\d*)(%?)\)")
_HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic, ready to apply.

    Attributes:
        text: As CloudWatch writes it.
        family: `Sum`, `p`, `tm`, `PR`, ...
        low: Lower bound, a fraction when `percent`, else a value (exclusive). None is open.
        high: Upper bound, likewise (inclusive).
        percent: Whether the bounds are fractions of the samples.
    """

    text: str
    family: str
    low: float | None = None
    high: float | None = None
    percent: bool = True

    def samples_needed(self) -> int:
        """Return how many samples make a percentile significant; 0 for every other statistic."""
        if self.family != "p" or self.high is None or self.high in (0.0, 1.0):
            return 0
        return math.ceil(round(LOW_SAMPLE_FACTOR / (1 - self.high if self.high >= 0.5 else self.high), 6))  # noqa: PLR2004 - the median, as the source says

    def of(self, samples: Samples) -> float | None:
        """Apply to the samples of one period; None when there is nothing to tell."""
        if not samples:
            return None
        if self.family in _PLAIN:
            return _PLAIN[self.family](samples)
        ordered = sorted(samples)
        if self.family == "p":
            return _at_rank(ordered, self.high or 0.0)
        kept = _trim_by_rank(ordered, self) if self.percent else _trim_by_value(ordered, self)
        match self.family:
            case "tm":
                return _average(kept) if kept else None
            case "tc":
                return float(_count(kept))
            case "ts":
                return _sum(kept) if kept else None
            case "PR":
                return _HUNDRED * _count(kept) / _count(ordered)
            case _:
                return _winsorized(ordered, kept)


def parse_statistic(text: str) -> Statistic | str:
    """Read a statistic's name; a text is the sentence that says why it is none."""
    if text in BASIC:
        return Statistic(text, text)
    if text == "IQM":
        return Statistic(text, "tm", 0.25, 0.75)
    if found := _SHORT.fullmatch(text):
        bound = float(found.group(2))
        if bound > _HUNDRED:
            return f"the statistic {text} is over 100 %"
        return Statistic(text, found.group(1), None, bound / _HUNDRED)
    if found := _RANGED.fullmatch(text.replace(" ", "")):
        return _ranged(found)
    return f"{text!r} is no statistic of CloudWatch ({', '.join(BASIC)}, p99, tm95, TM(10%:90%), PR(:3000), IQM, ...)"


@lru_cache(maxsize=KEPT)
def known_statistic(text: str) -> Statistic | None:
    """Read a statistic's name, remembering it; None when it is none."""
    parsed = parse_statistic(text)
    return parsed if isinstance(parsed, Statistic) else None


def _ranged(found: re.Match[str]) -> Statistic | str:
    text = found.group()
    family, low, low_sign, high, high_sign = found.groups()
    if not low and not high:
        return f"the statistic {text} has no bound"
    if low and high and low_sign != high_sign:
        return f"the statistic {text} mixes a percentage with a value"
    percent = "%" in (low_sign, high_sign)
    if family == "PR" and percent:
        return f"the statistic {text} takes values, not percentages"
    scale = _HUNDRED if percent else 1.0
    bounds = [float(part) / scale if part not in ("", "-", ".", "-.") else None for part in (low, high)]
    return Statistic(text, family if family == "PR" else family.lower(), bounds[0], bounds[1], percent)


def _count(samples: Samples) -> int:
    return sum(weight for _, weight in samples)


def _sum(samples: Samples) -> float:
    return math.fsum(value * weight for value, weight in samples)


def _average(samples: Samples) -> float:
    return _sum(samples) / _count(samples)


_PLAIN: dict[str, Callable[[Samples], float]] = {
    "SampleCount": lambda samples: float(_count(samples)),
    "Sum": _sum,
    "Average": _average,
    "Minimum": lambda samples: min(value for value, _ in samples),
    "Maximum": lambda samples: max(value for value, _ in samples),
}


def _at_rank(ordered: Samples, fraction: float) -> float:
    rank = max(1, math.ceil(round(fraction * _count(ordered), 9)))
    seen = 0
    for value, weight in ordered:
        seen += weight
        if seen >= rank:
            return value
    return ordered[-1][0]


def _trim_by_rank(ordered: Samples, statistic: Statistic) -> Samples:
    total = _count(ordered)
    first = math.floor(round((statistic.low or 0.0) * total, 9))
    last = math.ceil(round((1.0 if statistic.high is None else statistic.high) * total, 9))
    kept: Samples = []
    seen = 0
    for value, weight in ordered:
        inside = min(seen + weight, last) - max(seen, first)
        if inside > 0:
            kept.append((value, inside))
        seen += weight
    return kept


def _trim_by_value(ordered: Samples, statistic: Statistic) -> Samples:
    low = -math.inf if statistic.low is None else statistic.low
    high = math.inf if statistic.high is None else statistic.high
    return [(value, weight) for value, weight in ordered if low < value <= high]


def _winsorized(ordered: Samples, kept: Samples) -> float | None:
    if not kept:
        return None
    lowest, highest = kept[0][0], kept[-1][0]
    return _average([(min(max(value, lowest), highest), weight) for value, weight in ordered])


def merged(samples: Iterable[tuple[float, int]]) -> Samples:
    """Put equal values together."""
    weights: dict[float, int] = {}
    for value, weight in samples:
        weights[value] = weights.get(value, 0) + weight
    return list(weights.items())
