"""Alarms as /api/alarms shows them.

Never evaluates anything: it puts what `alarms_live` knows into words and JSON. Times are ISO 8601 in sandbox time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hookwatch.alarms import AlarmDefinition, CompositeDefinition, Unjudgeable
from hookwatch.alarms.order import alarm_name
from hookwatch.alarms.rule import children
from hookwatch.sandbox.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.alarms import Transition
    from hookwatch.alarms.evaluation import Datapoint
    from hookwatch.sandbox.alarms_live import LiveAlarms

MAX_ACTIONS = 20
"""Ours: the newest actions of one alarm that are shown."""

_SEVERITY = re.compile(r"\[(P[0-9]|I)\]")
_RUNBOOK = re.compile(r"Runbook:\s*(\S+)")


def alarms_as_json(live: LiveAlarms) -> list[dict[str, Any]]:
    """Return every alarm, in template order."""
    names = {alarm.name: key for key, alarm in live.alarms.items()}
    return [_alarm(live, key, names) for key in live.alarms]


def transition_as_json(change: Transition) -> dict[str, Any]:
    """Return one change of state."""
    return {
        "time": iso(change.at_s),
        "logical_id": change.alarm,
        "from": change.previous.value,
        "to": change.state.value,
        "reason": change.reason,
    }


def _alarm(live: LiveAlarms, key: str, names: Mapping[str, str]) -> dict[str, Any]:
    alarm = live.alarms[key]
    description = "" if isinstance(alarm, Unjudgeable) else alarm.description
    severity, runbook = _SEVERITY.search(description), _RUNBOOK.search(description)
    since_s, evaluation = live.since_s(key), live.evaluation(key)
    return {
        "logical_id": key,
        "name": alarm.name,
        "type": "composite" if key in live.composites else "metric",
        "state": live.state(key).value,
        "reason": reason(live, key, names),
        "since": None if since_s is None else iso(since_s),
        "simulated": not live.unsimulated(key),
        "severity": severity[1] if severity else None,
        "runbook": runbook[1] if runbook else None,
        "description": description,
        "suppressed": live.suppressed(key) or None,
        "actions": [
            {"time": iso(taken.at_s), "state": taken.state.value, "action": taken.action}
            for taken in live.actions(key)[:MAX_ACTIONS]
        ],
        "period_s": alarm.period_s if isinstance(alarm, AlarmDefinition) else None,
        "datapoints": [_datapoint(point) for point in evaluation.datapoints] if evaluation else [],
        "children": {
            child: live.state(child).value
            for child in (_children(alarm, names) if isinstance(alarm, CompositeDefinition) else ())
            if child in live.alarms
        },
    }


def _datapoint(point: Datapoint) -> dict[str, Any]:
    return {
        "time": iso(point.start_s),
        "value": point.value,
        "breaching": point.breaching,
        "used": point.used,
    }


def _children(alarm: CompositeDefinition, names: Mapping[str, str]) -> list[str]:
    """Return the qualified ids that a composite's rule names; a name that is no alarm here stays as it is."""
    named = [alarm_name(name) for name in children(alarm.rule)]
    return list(dict.fromkeys(names.get(name, name) for name in named))


def reason(live: LiveAlarms, key: str, names: Mapping[str, str]) -> str:
    """Say why an alarm is in its state; `names` is the qualified id of each alarm's name."""
    if why := live.unsimulated(key):
        return f"not simulated here: {why}"
    alarm = live.alarms[key]
    if isinstance(alarm, CompositeDefinition):
        states = [(child, live.state(child).value) for child in _children(alarm, names) if child in live.alarms]
        # A rule of ten alarms is read for the ones that stand out.
        loud = [f"{child} is {state}" for child, state in states if state != "OK"]
        return ", ".join(loud) or "every alarm of its rule is OK"
    evaluation = live.evaluation(key)
    return evaluation.reason if evaluation else "not evaluated yet: its first period has not ended"
