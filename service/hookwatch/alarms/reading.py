"""Alarm definitions out of a resolved template.

Never evaluates. What CloudWatch would refuse, and what the template leaves unresolved, becomes an `Unjudgeable`
with every reason, so that a test says why it cannot be judged instead of judging something else.
"""

from dataclasses import dataclass
from typing import Any

from hookwatch.alarms.definition import (
    COMPARISONS,
    Actions,
    AlarmDefinition,
    CompositeDefinition,
    Definition,
    Suppressor,
    Unjudgeable,
)
from hookwatch.alarms.properties import NOT_SIMULATED, UNRESOLVED, Fault, Properties
from hookwatch.alarms.queries import read_queries
from hookwatch.alarms.rule import Constant, Rule, RuleFault
from hookwatch.alarms.rule_parser import parse_rule
from hookwatch.alarms.state import MissingData, Window
from hookwatch.alarms.warmup import read_warm_up
from hookwatch.cfn import Resource, Stack, Unresolved, find_unresolved

METRIC_ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
LOG_ALARM = "AWS::CloudWatch::LogAlarm"
ALARM_TYPES = frozenset({METRIC_ALARM, COMPOSITE_ALARM, LOG_ALARM})

BAND_COMPARISONS = frozenset(
    {"LessThanLowerThreshold", "GreaterThanUpperThreshold", "LessThanLowerOrGreaterThanUpperThreshold"}
)
MORE_THAN_N, TOO_LONG, RULE_SYNTAX, SUPPRESSOR = "A003", "A005", "A009", "A012"
"""Rules of `lint` for the faults found here."""

LONG_PERIOD_S = 3_600
MAX_SHORT_WINDOW_S = 86_400
MAX_WINDOW_S = 604_800
"""Period x EvaluationPeriods: a day for periods under an hour, else a week.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, read 2026-11-22.
"""

LOW_SAMPLE_CHOICES = frozenset({"evaluate", "ignore"})
DYNAMODB = "AWS/DynamoDB"
"""Alarms on this namespace ignore missing data unless they say otherwise (alarms-and-missing-data, read 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every alarm of a stack and its nested stacks, by qualified id, in template order."""

    alarms: dict[str, Definition | Unjudgeable]

    @property
    def judgeable(self) -> dict[str, Definition]:
        """The alarms that can be evaluated."""
        return {key: alarm for key, alarm in self.alarms.items() if not isinstance(alarm, Unjudgeable)}

    def find(self, wanted: str) -> Definition | Unjudgeable | None:
        """Find an alarm by qualified id, by physical name, or by a logical id that only one stack has."""
        if wanted in self.alarms:
            return self.alarms[wanted]
        by_name = [alarm for alarm in self.alarms.values() if alarm.name == wanted]
        by_tail = [alarm for key, alarm in self.alarms.items() if key.rsplit(".", 1)[-1] == wanted]
        found = by_name or by_tail
        return found[0] if len(found) == 1 else None


def read_alarms(stack: Stack) -> Catalogue:
    """Read every alarm of a resolved stack."""
    walked = [(key, resource) for key, resource in stack.walk() if resource.type in ALARM_TYPES]
    return Catalogue({key: read_alarm(key, resource) for key, resource in walked})


def read_alarm(qualified_id: str, resource: Resource) -> Definition | Unjudgeable:
    """Read one alarm resource."""
    name = resource.physical_name if isinstance(resource.physical_name, str) else qualified_id
    if isinstance(resource.condition_true, Unresolved):
        fault = Fault(f"its condition is unresolved: {resource.condition_true.reason}", UNRESOLVED)
        return Unjudgeable(qualified_id, name, (fault,))
    properties = Properties(resource.properties)
    if resource.type == COMPOSITE_ALARM:
        return _composite(qualified_id, name, properties)
    if resource.type == LOG_ALARM or "EvaluationCriteria" in resource.properties:
        kind = "an alarm on a log query" if resource.type == LOG_ALARM else "a PromQL alarm"
        return Unjudgeable(qualified_id, name, (Fault(f"{kind} is not simulated", NOT_SIMULATED, simulated=False),))
    return _metric_alarm(qualified_id, name, properties)


def _metric_alarm(qualified_id: str, name: str, properties: Properties) -> AlarmDefinition | Unjudgeable:
    comparison = properties.text("ComparisonOperator", one_of=frozenset(COMPARISONS) | BAND_COMPARISONS)
    if comparison in BAND_COMPARISONS or "ThresholdMetricId" in properties.raw:
        return _banded(qualified_id, name, properties)
    periods = properties.whole("EvaluationPeriods", least=1)
    needed = properties.whole("DatapointsToAlarm", least=1, default=periods)
    if needed > periods:
        properties.fault(f"DatapointsToAlarm {needed} is more than EvaluationPeriods {periods}", MORE_THAN_N)
    threshold = properties.number("Threshold")
    read = read_queries(properties)
    default = MissingData.MISSING
    if any(query.metric.namespace == DYNAMODB for query in read.metrics):
        default = MissingData.IGNORE
    missing = properties.text("TreatMissingData", one_of=frozenset(MissingData), default=default)
    low = properties.text(
        "EvaluateLowSampleCountPercentile", one_of=frozenset({"evaluate", "ignore"}), default="evaluate"
    )
    actions = _actions(properties)
    warm_up = read_warm_up(properties)
    if properties.faults:
        return Unjudgeable(qualified_id, name, tuple(properties.faults))
    alarm = AlarmDefinition(
        id=qualified_id,
        name=name,
        queries=read.queries,
        watched=read.watched,
        comparison=comparison,
        threshold=threshold,
        window=Window(periods, needed),
        missing=MissingData(missing),
        ignore_low_samples=low == "ignore",
        actions=actions,
        description=_description(properties),
        warm_up=warm_up,
    )
    limit_s = MAX_WINDOW_S if alarm.period_s >= LONG_PERIOD_S else MAX_SHORT_WINDOW_S
    if alarm.period_s * periods <= limit_s:
        return alarm
    spoken = f"{alarm.period_s} s x {periods} periods is longer than the {limit_s:,} s that CloudWatch looks back"
    return Unjudgeable(qualified_id, name, (Fault(spoken, TOO_LONG),))


def _banded(qualified_id: str, name: str, properties: Properties) -> Unjudgeable:
    """Note an anomaly alarm, and what is wrong with it apart from that we cannot compute its band."""
    if "ThresholdMetricId" not in properties.raw:
        properties.fault(f"{properties.raw.get('ComparisonOperator')} needs ThresholdMetricId, the id of a band")
    elif "Threshold" in properties.raw:
        properties.fault("Threshold and ThresholdMetricId stand beside each other; an alarm has one of them")
    band = Fault("an anomaly detection band is not simulated", NOT_SIMULATED, simulated=False)
    return Unjudgeable(qualified_id, name, (*properties.faults, band))


def _composite(qualified_id: str, name: str, properties: Properties) -> CompositeDefinition | Unjudgeable:
    text = properties.text("AlarmRule")
    rule: Rule = Constant(value=False)
    if not properties.faults:
        parsed = parse_rule(text)
        if isinstance(parsed, RuleFault):
            properties.fault(f"AlarmRule, {parsed}", RULE_SYNTAX)
        else:
            rule = parsed
    suppressor = None
    if "ActionsSuppressor" in properties.raw:
        alarm = properties.text("ActionsSuppressor")
        for key in ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
            if key not in properties.raw:
                properties.fault(f"ActionsSuppressor needs {key} too", SUPPRESSOR)
        wait_s = properties.whole("ActionsSuppressorWaitPeriod", least=0, default=0)
        extension_s = properties.whole("ActionsSuppressorExtensionPeriod", least=0, default=0)
        suppressor = Suppressor(alarm, wait_s, extension_s)
    actions = _actions(properties)
    if properties.faults:
        return Unjudgeable(qualified_id, name, tuple(properties.faults))
    return CompositeDefinition(qualified_id, name, rule, text, suppressor, actions, _description(properties))


def _actions(properties: Properties) -> Actions:
    def listed(name: str) -> tuple[str, ...]:
        value: Any = properties.raw.get(name) or []
        items = value if isinstance(value, list) else [value]
        return tuple(str(item) for item in items)

    enabled = properties.raw.get("ActionsEnabled", True)
    return Actions(
        alarm=listed("AlarmActions"),
        ok=listed("OKActions"),
        insufficient_data=listed("InsufficientDataActions"),
        enabled=str(enabled).lower() != "false",
    )


def _description(properties: Properties) -> str:
    value = properties.raw.get("AlarmDescription", "")
    return "" if next(find_unresolved(value), None) is not None else str(value)
