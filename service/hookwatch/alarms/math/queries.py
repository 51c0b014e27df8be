"""The entries of an alarm's or a widget's `Metrics`: a metric, or an expression over others.

Never evaluates and never reads a template.
"""

from dataclasses import dataclass

from hookwatch.alarms.math.nodes import Call, Name, Node, walk
from hookwatch.alarms.metrics import Metric

DEFAULT_EXPRESSION_PERIOD_S = 60
"""Period of an expression without any metric and without its own; CloudWatch's finest standard resolution."""


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric with its statistic; `unit` None takes any unit."""

    id: str
    metric: Metric
    statistic: str
    period_s: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ExpressionQuery:
    """One expression, parsed."""

    id: str
    text: str
    node: Node
    period_s: int | None = None


Query = MetricQuery | ExpressionQuery


def inputs(query: Query, queries: dict[str, Query]) -> list[MetricQuery]:
    """Return every metric that a query reads, through other expressions too."""
    seen: set[str] = set()
    found: list[MetricQuery] = []
    open_ids = [query.id]
    while open_ids:
        current = open_ids.pop()
        if current in seen or current not in queries:
            continue
        seen.add(current)
        entry = queries[current]
        if isinstance(entry, MetricQuery):
            found.append(entry)
            continue
        for node in walk(entry.node):
            if isinstance(node, Name):
                open_ids.append(node.id)
            elif isinstance(node, Call) and node.function == "METRICS":
                open_ids.extend(key for key, item in queries.items() if isinstance(item, MetricQuery))
    return found


def period_of(query: Query, queries: dict[str, Query]) -> int:
    """Return the period of a query's datapoints in seconds: the longest of its metrics, else its own, else 60."""
    if isinstance(query, MetricQuery):
        return query.period_s
    periods = [entry.period_s for entry in inputs(query, queries)]
    return max(periods, default=query.period_s or DEFAULT_EXPRESSION_PERIOD_S)
