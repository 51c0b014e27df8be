"""A019 to A024: choices that make an alarm stick, fire on silence, or never fire.

Never knows how often a metric comes; names like Errors, Failed and Throttles are taken for metrics of trouble.
"""

import re
from collections.abc import Iterator

from hookwatch.alarms.definition import AlarmDefinition
from hookwatch.alarms.lint.published import ONLY_WHEN_NOT_ZERO
from hookwatch.alarms.math import ExpressionQuery, Kind, MetricQuery, check
from hookwatch.alarms.math.nodes import Call, walk
from hookwatch.alarms.math.signatures import SIGNATURES
from hookwatch.alarms.state import MissingData

_TROUBLE = re.compile(
    r"Error|Fail|Throttl|Fault|5xx|4xx|Reject|DeadLetter|Dropped|Denied|Invalid|Exception|Timeout|BadSignature|Refus"
)
_NOT_TROUBLE = re.compile(r"Latency|Duration|Age")
_COUNTS = frozenset({"Sum", "SampleCount"})
FILL_STICKS = (
    "FILL makes the newest, not yet published datapoint the filler, so the alarm can stick; "
    "let DatapointsToAlarm be less than EvaluationPeriods, or use TreatMissingData instead"
)


def missing_findings(alarm: AlarmDefinition) -> Iterator[tuple[str, str]]:
    """Yield `(rule, message)` for one alarm."""
    calls = _calls(alarm)
    filled = any(call.function == "FILL" for call in calls)
    counts = all(query.statistic in _COUNTS for query in alarm.inputs) and bool(alarm.inputs)
    trouble = counts and any(_is_trouble(query) for query in alarm.inputs)
    below = alarm.comparison.startswith("Less")
    if below and counts and not filled and alarm.missing is not MissingData.BREACHING:
        yield from _silent(alarm)
    if not below and trouble and alarm.missing is MissingData.BREACHING:
        yield "A020", "with TreatMissingData breaching it fires when nothing happens at all; use notBreaching"
    if not below and trouble and not filled and alarm.missing in (MissingData.MISSING, MissingData.IGNORE):
        yield from _sparse(alarm)
    window = alarm.window
    if filled and window.datapoints_to_alarm == window.evaluation_periods:
        yield "A021", FILL_STICKS
    yield from _functions(alarm, calls)


def _is_trouble(query: MetricQuery) -> bool:
    name = query.metric.name
    if (query.metric.namespace, name) in ONLY_WHEN_NOT_ZERO:
        return True
    return _TROUBLE.search(name) is not None and _NOT_TROUBLE.search(name) is None


def _silent(alarm: AlarmDefinition) -> Iterator[tuple[str, str]]:
    match alarm.missing:
        case MissingData.NOT_BREACHING:
            what = "silence counts as healthy, so it never fires when nothing arrives at all"
        case MissingData.IGNORE:
            what = "silence keeps the state, so it never fires when nothing arrives at all"
        case _:
            if alarm.actions.insufficient_data:
                return
            what = "silence brings INSUFFICIENT_DATA, which has no action, and never ALARM"
    yield "A019", f"with TreatMissingData {alarm.missing} {what}; use breaching"


def _sparse(alarm: AlarmDefinition) -> Iterator[tuple[str, str]]:
    if alarm.missing is MissingData.IGNORE:
        what = "the alarm stays in ALARM until a good datapoint comes, which a metric of errors may never send"
    else:
        what = "one old error with silence behind it counts as ALARM, and healthy silence as INSUFFICIENT_DATA"
    yield "A022", f"with TreatMissingData {alarm.missing} {what}; use notBreaching"


def _calls(alarm: AlarmDefinition) -> list[Call]:
    expressions = [query for query in alarm.queries.values() if isinstance(query, ExpressionQuery)]
    return [node for query in expressions for node in walk(query.node) if isinstance(node, Call)]


def _functions(alarm: AlarmDefinition, calls: list[Call]) -> Iterator[tuple[str, str]]:
    periods = f"the last {alarm.window.evaluation_periods}"
    wide = sorted({call.function for call in calls if _whole_range(call, alarm)})
    if wide:
        yield (
            "A023",
            f"{', '.join(wide)} looks at all that CloudWatch retrieves, which is more than {periods}",
        )
    if any(call.function == "RATE" for call in calls) and any(_is_trouble(query) for query in alarm.inputs):
        yield "A024", "RATE between datapoints that only come with errors is unpredictable; compare the Sum itself"


def _whole_range(call: Call, alarm: AlarmDefinition) -> bool:
    signature = SIGNATURES[call.function]
    if not signature.whole_range or not call.arguments:
        return False
    if signature.gives.get(Kind.SERIES) is not Kind.SCALAR:
        return True
    argument = ExpressionQuery("", "", call.arguments[0])
    return check(argument, alarm.queries) is Kind.SERIES
