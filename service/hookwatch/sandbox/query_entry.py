"""One metric or expression of a dashboard query, in each of the three ways in which it can be written.

Never evaluates and never looks a metric up: an entry is what was asked for, in one form. The ways are our own, that of
GetMetricData (API_MetricDataQuery.html, read 2026-11-22) and a dashboard widget's rows (CloudWatch-Dashboard-Body-
Structure.html, read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_STATISTIC = "Average"
"""CloudWatch's own, for a widget that names none."""

DEFAULT_PERIOD_S = 60
WIDGET_PERIOD_S = 300
"""CloudWatch's own, for a widget that names none."""


@dataclass(frozen=True, slots=True)
class BadQuery:
    """A query that cannot be answered, and the sentence that says why."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry; `expression` None is a metric. Values are as they were given and not yet checked."""

    id: Any
    expression: Any = None
    namespace: Any = None
    name: Any = None
    dimensions: Any = field(default_factory=dict)
    stat: Any = DEFAULT_STATISTIC
    period_s: Any = DEFAULT_PERIOD_S
    unit: Any = None
    label: Any = None
    shown: bool = True


def read_own(item: object, number: int) -> Entry | BadQuery:
    """Read our own form: `{id, metric: {namespace, name, dimensions}, stat, period_s}` or `{id, expression}`."""
    if not isinstance(item, Mapping):
        return BadQuery(f"query {number} is no object")
    identity = item.get("id", f"q{number}")
    period_s = item.get("period_s", item.get("period"))
    shown = item.get("shown", True) is not False
    if "expression" in item:
        return Entry(
            id=identity, expression=item["expression"], period_s=period_s, label=item.get("label"), shown=shown
        )
    metric = item.get("metric")
    if not isinstance(metric, Mapping):
        return BadQuery(f"query {identity} has neither expression nor metric with namespace and name")
    return Entry(
        id=identity,
        namespace=metric.get("namespace"),
        name=metric.get("name"),
        dimensions=metric.get("dimensions", {}),
        stat=item.get("stat", DEFAULT_STATISTIC),
        period_s=DEFAULT_PERIOD_S if period_s is None else period_s,
        unit=item.get("unit"),
        label=item.get("label"),
        shown=shown,
    )


def read_aws(item: object, number: int) -> Entry | BadQuery:
    """Read an entry of GetMetricData's MetricDataQueries."""
    if not isinstance(item, Mapping):
        return BadQuery(f"query {number} is no object")
    identity, shown = item.get("Id", f"q{number}"), item.get("ReturnData", True) is not False
    if "Expression" in item:
        return Entry(
            id=identity,
            expression=item["Expression"],
            period_s=item.get("Period"),
            label=item.get("Label"),
            shown=shown,
        )
    stat = item.get("MetricStat")
    metric = stat.get("Metric") if isinstance(stat, Mapping) else None
    if not isinstance(stat, Mapping) or not isinstance(metric, Mapping):
        return BadQuery(f"query {identity} has neither Expression nor MetricStat with a Metric")
    pairs = metric.get("Dimensions") or []
    if not isinstance(pairs, list) or not all(isinstance(pair, Mapping) for pair in pairs):
        return BadQuery(f"query {identity}: Dimensions is a list of Name and Value")
    return Entry(
        id=identity,
        namespace=metric.get("Namespace"),
        name=metric.get("MetricName"),
        dimensions={str(pair.get("Name")): pair.get("Value") for pair in pairs},
        stat=stat.get("Stat", DEFAULT_STATISTIC),
        period_s=stat.get("Period", DEFAULT_PERIOD_S),
        unit=stat.get("Unit"),
        label=item.get("Label"),
        shown=shown,
    )


def read_rows(rows: list[Any], stat: Any, period_s: Any) -> list[Entry | BadQuery]:
    """Read a widget's rows, with `.` and `...` for what stands above; `stat` and `period_s` are the widget's own."""
    entries: list[Entry | BadQuery] = []
    above: list[Any] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or not row:
            entries.append(BadQuery(f"row {number} of metrics is no list"))
            continue
        options = row[-1] if isinstance(row[-1], Mapping) else {}
        parts = _expanded([part for part in row if not isinstance(part, Mapping)], above)
        identity = options.get("id", f"m{number}")
        shown = options.get("visible", True) is not False
        if "expression" in options:
            entries.append(
                Entry(
                    id=options.get("id", f"e{number}"),
                    expression=options["expression"],
                    period_s=options.get("period"),
                    label=options.get("label"),
                    shown=shown,
                )
            )
            continue
        if len(parts) < 2 or len(parts) % 2:  # noqa: PLR2004 - namespace and name, then pairs
            entries.append(BadQuery(f"row {number} of metrics is no namespace, name and pairs of dimensions"))
            continue
        above = parts
        entries.append(
            Entry(
                id=identity,
                namespace=parts[0],
                name=parts[1],
                dimensions=dict(zip(map(str, parts[2::2]), parts[3::2], strict=True)),
                stat=options.get("stat", stat),
                period_s=options.get("period", period_s),
                label=options.get("label"),
                shown=shown,
            )
        )
    return entries


def _expanded(parts: list[Any], above: list[Any]) -> list[Any]:
    if "..." in parts:
        at = parts.index("...")
        rest = parts[at + 1 :]
        parts = parts[:at] + above[at : len(above) - len(rest)] + rest
    return [above[at] if part == "." and at < len(above) else part for at, part in enumerate(parts)]
