"""Computes one query of an alarm or a widget over a span of time.

Never judges a threshold. The expression must have passed `kinds.check`; the source answers for each metric.
"""

import math
from collections.abc import Callable

from hookwatch.alarms.math import functions
from hookwatch.alarms.math.functions import Array, Span, Value
from hookwatch.alarms.math.nodes import Bracket, Call, Keyword, Name, Negation, Node, Number, Operation, Text, spine
from hookwatch.alarms.math.operators import apply_operator, scalar
from hookwatch.alarms.math.queries import ExpressionQuery, MetricQuery, Query, period_of
from hookwatch.alarms.math.series import Series, series
from hookwatch.alarms.metrics import INSIGHT_NAMESPACE, MetricSource

_INSIGHT_STATISTICS = {"Sum": "Sum", "SampleCount": "Sum", "Average": "Average", "Minimum": "Minimum"}
"""How samples of an INSIGHT_RULE_METRIC are put together within a period; the others are largest values."""


def evaluate(
    wanted: str, queries: dict[str, Query], source: MetricSource, start_s: int, end_s: int
) -> tuple[Series, ...]:
    """Compute the query `wanted` over `[start_s, end_s)`.

    Returns:
        Its series: one, or several when the expression gives an array.
    """
    value = _Evaluation(queries, source, Span(start_s, end_s), period_of(queries[wanted], queries)).query(wanted)
    match value:
        case Series():
            return (value,)
        case tuple():
            return value
        case _:
            return ()


class _Evaluation:
    def __init__(self, queries: dict[str, Query], source: MetricSource, span: Span, period_s: int) -> None:
        self._queries, self._source, self._span, self._period_s = queries, source, span, period_s
        self._known: dict[str, Value] = {}

    def query(self, wanted: str) -> Value:
        if wanted not in self._known:
            entry = self._queries[wanted]
            self._known[wanted] = self._metric(entry) if isinstance(entry, MetricQuery) else self._expression(entry)
        return self._known[wanted]

    def _metric(self, entry: MetricQuery) -> Series:
        metric, period_s = entry.metric, entry.period_s
        points = self._source.query(
            metric.namespace,
            metric.name,
            dict(metric.dimensions),
            entry.statistic,
            period_s,
            self._span.start_s // period_s * period_s,
            self._span.end_s,
            entry.unit,
        )
        return series(period_s, points)

    def _expression(self, entry: ExpressionQuery) -> Value:
        return self._value(entry.node)

    def _value(self, node: Node) -> Value:
        match node:
            case Number():
                return node.value
            case Name():
                return self.query(node.id)
            case Negation():
                return apply_operator("-", 0.0, self._value(node.operand))
            case Operation():
                return self._operations(node)
            case Bracket():
                return self._array(node)
            case Call():
                return self._call(node)
            case Text() | Keyword():
                return math.nan  # kinds.check lets neither stand where a value is computed

    def _operations(self, node: Operation) -> Value:
        first, operations = spine(node)
        left = self._value(first)
        for operation in operations:
            left = apply_operator(operation.symbol, left, self._value(operation.right))
        return left

    def _array(self, node: Bracket) -> Array:
        found: list[Series] = []
        for item in node.items:
            value = self._value(item)
            found += [value] if isinstance(value, Series) else value if isinstance(value, tuple) else []
        return tuple(found)

    def _call(self, node: Call) -> Value:
        match node.function, node.arguments:
            case "METRICS", arguments:
                return self._metrics(arguments)
            case "INSIGHT_RULE_METRIC", (Text() as rule, Text() | Keyword() as name):
                return self._insight(rule.value, name.value if isinstance(name, Text) else name.word)
            case "PERIOD", (Name() as metric,):
                return float(period_of(self._queries[metric.id], self._queries))
            case "TIME_SERIES", (argument,):
                return self._constant(scalar(self._value(argument)))
            case "IF", (condition, when_true, *rest):
                values = [self._value(item) for item in (condition, when_true, *rest)]
                single = [value for value in values if not isinstance(value, tuple)]
                return functions.choose(single[0], single[1], single[2] if rest else None)
            case "FILL", (target, filler):
                by = filler.word if isinstance(filler, Keyword) else self._value(filler)
                return self._each(target, lambda item: functions.fill(item, _single(by), self._span))
            case function, (target, *rest) if function in functions.PER_SERIES and not rest:
                return self._each(target, functions.PER_SERIES[function])
            case function, (target,) if function in functions.CALENDAR:
                return self._each(target, lambda item: functions.calendar(function, item, self._span))
            case _:
                return self._of_array(node)

    def _of_array(self, node: Call) -> Value:
        value = self._value(node.arguments[0])
        if isinstance(value, float):
            return math.nan
        items = value if isinstance(value, tuple) else (value,)
        numbers = [scalar(self._value(item)) for item in node.arguments[1:] if not isinstance(item, Keyword)]
        words = [item.word for item in node.arguments if isinstance(item, Keyword)]
        match node.function:
            case "METRIC_COUNT":
                return float(len(items))
            case "FIRST" | "LAST":
                return (items[0] if node.function == "FIRST" else items[-1]) if items else Series(self._period_s)
            case "REMOVE_EMPTY":
                return tuple(item for item in items if item.points)
            case "SLICE":
                return items[int(numbers[0]) : int(numbers[1]) if len(numbers) > 1 else None]
            case "SORT":
                return functions.sort(items, words[0], words[1], numbers[0] if numbers else None)
            case function:
                return functions.fold(function, value)

    def _metrics(self, arguments: tuple[Node, ...]) -> Array:
        part = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
        metrics = [entry for entry in self._queries.values() if isinstance(entry, MetricQuery) and part in entry.id]
        values = [self.query(entry.id) for entry in metrics]
        return tuple(value for value in values if isinstance(value, Series))

    def _insight(self, rule: str, name: str) -> Series:
        statistic = _INSIGHT_STATISTICS.get(name, "Maximum")
        period_s, (start_s, end_s) = self._period_s, self._span
        dimensions = {"RuleName": rule}
        points = self._source.query(
            INSIGHT_NAMESPACE, name, dimensions, statistic, period_s, start_s // period_s * period_s, end_s, None
        )
        return series(period_s, points)

    def _constant(self, value: float) -> Series:
        return series(self._period_s, ((at, value) for at in self._span.grid(self._period_s)))

    def _each(self, target: Node, function: Callable[[Series], Series]) -> Value:
        value = self._value(target)
        match value:
            case Series():
                return function(value)
            case tuple():
                return tuple(function(item) for item in value)
            case _:
                return math.nan


def _single(value: Value | str) -> float | Series | str:
    return value[0] if isinstance(value, tuple) and value else math.nan if isinstance(value, tuple) else value
