"""The dashboards of dashboards/stack.yaml, resolved and parsed, for the tests that judge them."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from hookwatch.alarms.math import ExpressionQuery, MathFault, MetricQuery, parse
from hookwatch.alarms.metrics import metric
from hookwatch.cfn import load, resolve
from sam_template import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookwatch.alarms.math import Query
    from hookwatch.cfn import Stack

FILE = REPOSITORY / "dashboards" / "stack.yaml"
ALARMS = REPOSITORY / "alarms" / "stack.yaml"
ALARM_ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:hooks"
BOTH = {"GitHubFunctionName": "hooks-github", "TwilioFunctionName": "hooks-twilio", "AlarmArnPrefix": ALARM_ARN}
QUEUES = {
    "ParkingQueueName": "parked",
    "ParkingDlqName": "parked-dlq",
    "ReplayFunctionName": "hooks-replay",
    "SweeperFunctionName": "hooks-sweeper",
    "Deduplicate": "on",
}
FULL = BOTH | QUEUES | {"MonitoringLevel": "full", "EventBusName": "saas", "RuleName1": "r1", "AlarmTopicName": "tell"}
FREE_METRICS = 50  # https://aws.amazon.com/cloudwatch/pricing/ (read 2026-11-22)
VARIANTS: dict[str, dict[str, Any]] = {
    "standard": BOTH,
    "standard with all": BOTH | QUEUES | {"Heartbeat": "on"},
    "full": FULL,
    "full on the default bus": FULL | {"EventBusName": "default"},
    "GitHub only": {"GitHubFunctionName": "hooks-github"},
    "Twilio only, full": FULL | {"GitHubFunctionName": ""},
    "AWS's quick start": BOTH | {"HasHookwatchMetrics": "false", "AlarmArnPrefix": "", "ReservedConcurrency": 0},
}
SHARED = ("Type", "Default", "AllowedValues", "AllowedPattern", "MinValue", "MaxValue")


def stack(parameters: Mapping[str, Any]) -> Stack:
    return resolve(load(FILE), dict(parameters), stack_name="hooks-Dashboards")


@functools.cache
def bodies(variant: str) -> dict[str, dict[str, Any]]:
    """The dashboards of a variant by name, parsed."""
    resources = stack(VARIANTS[variant]).resources.values()
    found = [each.properties for each in resources if each.type == "AWS::CloudWatch::Dashboard"]
    return {each["DashboardName"]: json.loads(each["DashboardBody"]) for each in found}


def widgets(variant: str, kind: str = "metric") -> Iterator[dict[str, Any]]:
    """The properties of every widget of one type."""
    for body in bodies(variant).values():
        yield from (widget["properties"] for widget in body["widgets"] if widget["type"] == kind)


def rows(widget: Mapping[str, Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Names and options of every row of a metric widget."""
    for row in widget["metrics"]:
        yield (row[:-1], row[-1]) if isinstance(row[-1], dict) else (row, {})


def metrics(variant: str) -> set[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Every metric that a row names."""
    return {
        (names[0], names[1], frozenset(zip(names[2::2], names[3::2], strict=True)))
        for widget in widgets(variant)
        for names, _ in rows(widget)
        if names
    }


def queries(widget: Mapping[str, Any]) -> dict[str, Query]:
    """A widget's rows as the judge of alarms reads them; searches, which it cannot judge, are left out."""
    found: dict[str, Query] = {}
    for at, (names, options) in enumerate(rows(widget)):
        name = options.get("id", f"row{at}")
        if names:
            key = metric(names[0], names[1], dict(zip(names[2::2], names[3::2], strict=True)))
            found[name] = MetricQuery(name, key, options.get("stat", widget["stat"]), widget["period"])
        elif not options["expression"].startswith("SEARCH("):
            node = parse(options["expression"])
            assert not isinstance(node, MathFault), (options["expression"], node)
            found[name] = ExpressionQuery(name, options["expression"], node, widget["period"])
    return found
