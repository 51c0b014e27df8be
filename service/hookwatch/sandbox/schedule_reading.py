"""The schedules that invoke functions, as the emulator keeps them: rules with a rate, and EventBridge Scheduler's.

Never fires one. Blocking: call it in a thread. Only rate expressions are carried out here; another one is read with no
interval, and shown as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from hookwatch.sandbox.deploy_sources import function_name

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNIT_S = {"minute": 60.0, "hour": 3_600.0, "day": 86_400.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One schedule with one function as its target.

    Attributes:
        kind: A rule of an event bus, or a schedule of EventBridge Scheduler.
        arn: Its ARN.
        function: Name of the function.
        expression: When, in AWS's words.
        enabled: Whether it fires.
        input: What the function gets; None for AWS's own event.
    """

    kind: Literal["rule", "schedule"]
    arn: str
    function: str
    expression: str
    enabled: bool
    input: str | None = None

    @property
    def every_s(self) -> float | None:
        """Sandbox seconds between two invocations; None where this is no rate."""
        found = _RATE.fullmatch(self.expression)
        return None if found is None else int(found[1]) * _UNIT_S[found[2]]


def read_schedules(events: Any, scheduler: Any) -> list[Schedule]:
    """Return all schedules whose target is a function."""
    return [*_rules(events), *_schedules(scheduler)]


def _rules(events: Any) -> list[Schedule]:
    found: list[Schedule] = []
    for rule in events.list_rules()["Rules"]:  # only the default bus has schedules
        if not rule.get("ScheduleExpression"):
            continue
        found += [
            Schedule(
                kind="rule",
                arn=rule["Arn"],
                function=function_name(target["Arn"]),
                expression=rule["ScheduleExpression"],
                enabled=rule.get("State") == "ENABLED",
                input=target.get("Input"),
            )
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            if ":function:" in target["Arn"]
        ]
    return found


def _schedules(scheduler: Any) -> list[Schedule]:
    found: list[Schedule] = []
    for listed in scheduler.list_schedules()["Schedules"]:
        made = scheduler.get_schedule(Name=listed["Name"], GroupName=listed.get("GroupName", "default"))
        if ":function:" in made["Target"]["Arn"]:
            found.append(
                Schedule(
                    kind="schedule",
                    arn=made["Arn"],
                    function=function_name(made["Target"]["Arn"]),
                    expression=made["ScheduleExpression"],
                    enabled=made.get("State") == "ENABLED",
                    input=made["Target"].get("Input"),
                )
            )
    return found
