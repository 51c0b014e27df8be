"""Which functions metric math has and what they take and give.

Never computes. One row a function, from the functions table of using-metric-math.html (read 2026-11-22):
S is a number, TS a series, TS[] an array of series.
"""

import difflib
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The three data types of metric math, and the words that some functions take."""

    SCALAR = "a number"
    SERIES = "a series"
    ARRAY = "an array of series"
    TEXT = "a text"
    KEYWORD = "a keyword"


S, TS, ARRAY, TEXT, KEYWORD = Kind.SCALAR, Kind.SERIES, Kind.ARRAY, Kind.TEXT, Kind.KEYWORD


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives.

    Attributes:
        takes: For each argument the kinds that it may have.
        gives: The kind of the result for each kind of the first argument; None as key holds for no argument.
        required: How many arguments must be there.
        whole_range: True when the result depends on how many datapoints were retrieved, which AWS warns of in alarms.
    """

    takes: tuple[frozenset[Kind], ...]
    gives: dict[Kind | None, Kind]
    required: int
    whole_range: bool = False


def _row(*takes: set[Kind], gives: dict[Kind | None, Kind], required: int = -1, whole_range: bool = False) -> Signature:
    wanted = tuple(frozenset(kinds) for kinds in takes)
    return Signature(wanted, gives, len(wanted) if required < 0 else required, whole_range)


_ALIKE: dict[Kind | None, Kind] = {TS: TS, ARRAY: ARRAY}
_FOLD: dict[Kind | None, Kind] = {TS: S, ARRAY: TS}
_PER_POINT = _row({TS, ARRAY}, gives=_ALIKE)
_FOLDING = _row({TS, ARRAY}, gives=_FOLD, whole_range=True)
_CALENDAR = _row({TS}, gives={TS: TS})

SIGNATURES: dict[str, Signature] = {
    "ABS": _PER_POINT,
    "AVG": _FOLDING,
    "CEIL": _PER_POINT,
    "DATAPOINT_COUNT": _FOLDING,
    "DATE": _CALENDAR,
    "DAY": _CALENDAR,
    "DIFF": _PER_POINT,
    "DIFF_TIME": _PER_POINT,
    "EPOCH": _CALENDAR,
    "FILL": _row({TS, ARRAY}, {S, TS, KEYWORD}, gives=_ALIKE),
    "FIRST": _row({ARRAY}, gives={ARRAY: TS}),
    "FLOOR": _PER_POINT,
    "HOUR": _CALENDAR,
    "IF": _row({S, TS}, {S, TS}, {S, TS}, gives={S: TS, TS: TS}, required=2),
    "INSIGHT_RULE_METRIC": _row({TEXT}, {TEXT, KEYWORD}, gives={TEXT: TS}),
    "LAST": _row({ARRAY}, gives={ARRAY: TS}),
    "LOG": _PER_POINT,
    "LOG10": _PER_POINT,
    "MAX": _FOLDING,
    "METRICS": _row({TEXT}, gives={None: ARRAY, TEXT: ARRAY}, required=0),
    "METRIC_COUNT": _row({ARRAY}, gives={ARRAY: S}),
    "MIN": _FOLDING,
    "MINUTE": _CALENDAR,
    "MONTH": _CALENDAR,
    "PERIOD": _row({TS}, gives={TS: S}),
    "RATE": _PER_POINT,
    "REMOVE_EMPTY": _row({ARRAY}, gives={ARRAY: ARRAY}, whole_range=True),
    "RUNNING_SUM": _row({TS, ARRAY}, gives=_ALIKE, whole_range=True),
    "SLICE": _row({ARRAY}, {S}, {S}, gives={ARRAY: ARRAY}, required=2),
    "SORT": _row({ARRAY}, {KEYWORD}, {KEYWORD}, {S}, gives={ARRAY: ARRAY}, required=3),
    "STDDEV": _FOLDING,
    "SUM": _FOLDING,
    "TIME_SERIES": _row({S}, gives={S: TS}),
    "YEAR": _CALENDAR,
}

NOT_SIMULATED = frozenset(
    {"ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "LAMBDA", "SEARCH", "SERVICE_QUOTA", "OUTLIER_DETECTION"}
)
"""Functions that CloudWatch computes from what no test file can hold."""

FILLERS = frozenset({"REPEAT", "LINEAR"})
SORT_KEYS = frozenset({"AVG", "MIN", "MAX", "SUM"})
SORT_ORDERS = frozenset({"ASC", "DESC"})
INSIGHT_METRICS = frozenset(
    {"UniqueContributors", "MaxContributorValue", "SampleCount", "Sum", "Minimum", "Maximum", "Average"}
)
KEYWORDS = FILLERS | SORT_KEYS | SORT_ORDERS | INSIGHT_METRICS


def closest(word: str) -> str:
    """Return a hint for a mistyped function name; empty when nothing is near."""
    if word.upper() in SIGNATURES:
        return f": functions are written in upper case, {word.upper()}"
    near = difflib.get_close_matches(word.upper(), SIGNATURES, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
