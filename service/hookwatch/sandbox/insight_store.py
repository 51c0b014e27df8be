"""What Contributor Insights rules count, as the input series of `INSIGHT_RULE_METRIC`.

Never reads the text of a line: parsed lines come in. What the metrics mean:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html,
read 2026-11-22.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookwatch.alarms import INSIGHT_NAMESPACE
from hookwatch.alarms.periods import period_start
from hookwatch.sandbox.insight_rule import InsightRule, UnreadRule, read_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hookwatch.alarms import MetricSource
    from hookwatch.cfn import Stack

INSIGHT_RULE = "AWS::CloudWatch::InsightRule"
BUCKET_S = 60
MAX_BUCKETS = 1_440
"""Ours: a day of sandbox time for each rule."""

MAX_CONTRIBUTORS = 10_000
"""Ours, for one minute of one rule; whoever comes after them is not counted."""


@dataclass(slots=True)
class _Minute:
    values: dict[tuple[str, ...], float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)


_METRICS: dict[str, Callable[[Mapping[tuple[str, ...], float], list[float]], float]] = {
    "UniqueContributors": lambda values, _: float(len(values)),
    "MaxContributorValue": lambda values, _: max(values.values()),
    "SampleCount": lambda _, seen: float(len(seen)),
    "Sum": lambda _, seen: sum(seen),
    "Minimum": lambda _, seen: min(seen),
    "Maximum": lambda _, seen: max(seen),
    "Average": lambda _, seen: sum(seen) / len(seen),
}


class InsightStore:
    """Counts lines for rules, and answers for `INSIGHT_RULE_METRIC`; every other question goes to `others`."""

    def __init__(self, others: MetricSource) -> None:
        self._others = others
        self._rules: list[InsightRule] = []
        self._minutes: dict[str, OrderedDict[int, _Minute]] = {}
        self.unread: tuple[UnreadRule, ...] = ()

    def watch(self, stack: Stack) -> None:
        """Count for every rule of a stack from now on."""
        resources = [resource for _, resource in stack.walk() if resource.type == INSIGHT_RULE]
        read = [read_rule(str(each.physical_name), each.properties.get("RuleBody")) for each in resources]
        self._rules = [rule for rule in read if isinstance(rule, InsightRule)]
        self._minutes = {rule.name: OrderedDict() for rule in self._rules}
        self.unread = tuple(rule for rule in read if isinstance(rule, UnreadRule))

    def add(self, group: str, line: Mapping[str, Any], time_s: float) -> None:
        """Take one line of a log group, parsed; `time_s` is sandbox time."""
        for rule in self._rules:
            if not rule.reads(group) or (found := rule.contribution(line)) is None:
                continue
            minutes = self._minutes[rule.name]
            minute = minutes.setdefault(int(time_s // BUCKET_S) * BUCKET_S, _Minute())
            if found.contributor in minute.values or len(minute.values) < MAX_CONTRIBUTORS:
                minute.values[found.contributor] = minute.values.get(found.contributor, 0.0) + found.value
                minute.seen.append(found.value)
            while len(minutes) > MAX_BUCKETS:
                minutes.popitem(last=False)

    def query(  # noqa: PLR0913, PLR0917 - the question of MetricSource
        self,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        stat: str,
        period_s: int,
        start_s: int,
        end_s: int,
        unit: str | None,
    ) -> list[tuple[int, float]]:
        """Answer as `MetricSource.query` says."""
        if namespace != INSIGHT_NAMESPACE:
            return self._others.query(namespace, metric, dimensions, stat, period_s, start_s, end_s, unit)
        compute = _METRICS.get(metric)
        minutes: Mapping[int, _Minute] = self._minutes.get(dimensions.get("RuleName", ""), {})
        found: dict[int, list[_Minute]] = {}
        for at_s, minute in minutes.items():
            if start_s <= at_s < end_s:
                found.setdefault(period_start(at_s, start_s, period_s), []).append(minute)
        if compute is None:
            return []
        return [(at_s, compute(*_together(found[at_s]))) for at_s in sorted(found)]


def _together(minutes: Iterable[_Minute]) -> tuple[dict[tuple[str, ...], float], list[float]]:
    values: dict[tuple[str, ...], float] = {}
    seen: list[float] = []
    for minute in minutes:
        seen += minute.seen
        for contributor, value in minute.values.items():
            values[contributor] = values.get(contributor, 0.0) + value
    return values, seen
