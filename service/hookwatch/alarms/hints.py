"""Hints for the author of a test: inputs that nothing reads.

Never fails a case. A mistyped dimension is the usual reason why an alarm "stays quiet".
"""

from collections.abc import Iterable, Mapping

from hookwatch.alarms.definition import AlarmDefinition
from hookwatch.alarms.math.nodes import Call, Text, walk
from hookwatch.alarms.math.queries import ExpressionQuery
from hookwatch.alarms.metrics import INSIGHT_NAMESPACE, Metric


def unread_series(metrics: Iterable[Metric], alarms: Mapping[str, object]) -> list[str]:
    """Say which series no judged alarm reads, and which metric comes nearest."""
    read: set[Metric] = set()
    rules: set[str] = set()
    for alarm in alarms.values():
        if isinstance(alarm, AlarmDefinition):
            read |= {query.metric for query in alarm.inputs}
            rules |= _insight_rules(alarm)
    return [_hint(metric, read) for metric in metrics if not _is_read(metric, read, rules)]


def _insight_rules(alarm: AlarmDefinition) -> set[str]:
    nodes = (node for q in alarm.queries.values() if isinstance(q, ExpressionQuery) for node in walk(q.node))
    calls = (node for node in nodes if isinstance(node, Call) and node.function == "INSIGHT_RULE_METRIC")
    return {call.arguments[0].value for call in calls if isinstance(call.arguments[0], Text)}


def _is_read(metric: Metric, read: set[Metric], rules: set[str]) -> bool:
    if metric.namespace == INSIGHT_NAMESPACE:
        return any(value in rules for _, value in metric.dimensions)
    return metric in read


def _hint(metric: Metric, read: set[Metric]) -> str:
    near = [other for other in read if other.namespace == metric.namespace and other.name == metric.name]
    hint = f"; the nearest that is read is {near[0]}" if near else ""
    return f"no judged alarm reads the series {metric}{hint}"
