"""DescribeAlarms and DescribeAlarmHistory over the alarms that the sandbox judges.

Never evaluates. Shapes: botocore's cloudwatch model 1.43.106 (API version 2010-08-01, read 2026-11-27). Without
AlarmTypes only metric alarms are described, as on AWS, however surprising that is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hookwatch.alarms import AlarmDefinition, CompositeDefinition, Unjudgeable
from hookwatch.alarms.order import alarm_name
from hookwatch.alarms.rule import children
from hookwatch.sandbox.alarms_json import reason
from hookwatch.sandbox.aws_view_model import Refused
from hookwatch.sandbox.clock import iso
from hookwatch.sandbox.cloud_model import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.alarms import Definition
    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.aws_view_model import Seen

METRIC, COMPOSITE = "MetricAlarm", "CompositeAlarm"


def describe_alarms(seen: Seen, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Return the alarms that were asked for."""
    if "AlarmNames" in asked and "AlarmNamePrefix" in asked:
        return Refused("ValidationError", "AlarmNamePrefix and AlarmNames are mutually exclusive")
    live, types = seen.alarms, asked.get("AlarmTypes") or [METRIC]
    found: dict[str, list[dict[str, Any]]] = {METRIC: [], COMPOSITE: []}
    for key, alarm in live.alarms.items():
        kind = COMPOSITE if key in live.composites else METRIC
        if kind in types and _wanted(live, key, asked):
            found[kind].append(_described(live, key) | _own(alarm))
    return {"MetricAlarms": found[METRIC], "CompositeAlarms": found[COMPOSITE]}


def describe_alarm_history(seen: Seen, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Return the changes of state, newest first unless asked otherwise."""
    live, types = seen.alarms, asked.get("AlarmTypes") or [METRIC]
    items = []
    for change in live.transitions:
        alarm = live.alarms[change.alarm]
        kind = COMPOSITE if change.alarm in live.composites else METRIC
        if asked.get("AlarmName") not in (None, alarm.name) or kind not in types:
            continue
        if not asked.get("StartDate", 0) <= change.at_s <= asked.get("EndDate", change.at_s):
            continue
        states = {"oldState": {"stateValue": change.previous.value}, "newState": {"stateValue": change.state.value}}
        items.append(
            {
                "AlarmName": alarm.name,
                "AlarmType": kind,
                "Timestamp": change.at_s,
                "HistoryItemType": "StateUpdate",
                "HistorySummary": f"Alarm updated from {change.previous.value} to {change.state.value}",
                "HistoryData": json.dumps(states | {"at": iso(change.at_s), "reason": change.reason}),
            }
        )
    if asked.get("HistoryItemType") not in (None, "StateUpdate"):
        items = []
    if asked.get("ScanBy") != "TimestampAscending":
        items.reverse()
    return {"AlarmHistoryItems": items[: asked.get("MaxRecords", 100)]}


def _wanted(live: LiveAlarms, key: str, asked: Mapping[str, Any]) -> bool:
    name = str(live.alarms[key].name)
    parent = asked.get("ChildrenOfAlarmName")
    return (
        ("AlarmNames" not in asked or name in asked["AlarmNames"])
        and name.startswith(asked.get("AlarmNamePrefix", ""))
        and asked.get("StateValue") in (None, live.state(key).value)
        and (parent is None or name in _children(live, parent))
    )


def _children(live: LiveAlarms, parent: str) -> list[str]:
    rules = [
        each.rule for each in live.alarms.values() if isinstance(each, CompositeDefinition) and each.name == parent
    ]
    return [alarm_name(child) for rule in rules for child in children(rule)]


def _described(live: LiveAlarms, key: str) -> dict[str, Any]:
    alarm = live.alarms[key]
    names = {each.name: name for name, each in live.alarms.items()}
    actions = () if isinstance(alarm, Unjudgeable) else alarm.actions.alarm
    since_s = live.since_s(key)
    return {
        "AlarmName": alarm.name,
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm.name}",
        "AlarmDescription": "" if isinstance(alarm, Unjudgeable) else alarm.description,
        "ActionsEnabled": True,
        "AlarmActions": list(actions),
        "StateValue": live.state(key).value,
        "StateReason": reason(live, key, names),
        **({} if since_s is None else {"StateUpdatedTimestamp": since_s, "StateTransitionedTimestamp": since_s}),
    }


def _own(alarm: Definition | Unjudgeable) -> dict[str, Any]:
    if isinstance(alarm, CompositeDefinition):
        return {"AlarmRule": alarm.text}
    if isinstance(alarm, AlarmDefinition):
        return {
            "EvaluationPeriods": alarm.window.evaluation_periods,
            "DatapointsToAlarm": alarm.window.datapoints_to_alarm,
            "Period": alarm.period_s,
            "ComparisonOperator": alarm.comparison,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.missing.value,
        }
    return {}
