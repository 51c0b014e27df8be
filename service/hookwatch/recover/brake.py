"""Whether a stack's loop alarm is firing. Never changes one, and never takes "cannot be read" for "all is well"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

# alarms/stack.yaml: the composite, and its children that speak of a loop. Where the composite cannot exist (a plain
# copy of some alarms, an emulator) a child says the same.
NAMES = ("loop-or-spend", "github-loop-suspected", "twilio-loop-suspected", "rules-loop")

LOOP, NO_ALARM = "loop", "no_alarm"


class Asks(Protocol):
    """Something that asks AWS, such as an Account."""

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        """Make one call."""


def alarm_names(stack: str) -> Sequence[str]:
    """The alarms that stop a redelivery."""
    return [f"{stack}-{name}" for name in NAMES]


def loop_alarm(aws: Asks, stack: str) -> Problem | None:
    """Why nothing may be sent now; None if this stack has a loop alarm and none is firing."""
    answer = aws.ask(
        "cloudwatch",
        "describe_alarms",
        AlarmNames=alarm_names(stack),
        AlarmTypes=["CompositeAlarm", "MetricAlarm"],
    )
    if isinstance(answer, Problem):
        return Problem(
            f"whether a loop is running cannot be told ({answer.message}): --ignore-loop-alarm REASON goes on without",
            code=answer.code,
        )
    alarms = [*answer.get("CompositeAlarms", []), *answer.get("MetricAlarms", [])]
    firing = sorted(each["AlarmName"] for each in alarms if each.get("StateValue") == "ALARM")
    if not alarms:
        # alarms/stack.yaml makes the composite at every level, so this is another stack, Region or account.
        return Problem(
            f"whether a loop is running cannot be told: this account and Region have no alarm {stack}-{NAMES[0]}. Name "
            "the stack with --stack and its Region with --region (--ignore-loop-alarm REASON goes on without)",
            code=NO_ALARM,
        )
    if not firing:
        return None
    return Problem(
        f"the alarm {firing[0]} is firing, and every redelivery would feed a loop: see runbooks/loop.md, then run the "
        "same command again (or give --ignore-loop-alarm REASON)",
        found=True,
        code=LOOP,
    )
