"""The alarm templates and their unit test files, read once for the tests that hold one to the other."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hookwatch.alarms import Catalogue, read_alarms
from hookwatch.alarms.testfile import TestFile, read_test_file
from hookwatch.cfn import load, resolve

if TYPE_CHECKING:
    from hookwatch.alarms.testfile import Case
    from hookwatch.cfn import Resource, Stack

REPOSITORY = Path(__file__).resolve().parent.parent
STACK = REPOSITORY / "alarms" / "stack.yaml"
COST = REPOSITORY / "alarms" / "cost.yaml"
FILES = sorted((REPOSITORY / "tests" / "alarms").glob("*.yaml"))

# Everything that can be switched on, so that every alarm is there.
EVERYTHING = {
    STACK: {
        "GitHubFunctionName": "hooks-github",
        "TwilioFunctionName": "hooks-twilio",
        "MonitoringLevel": "full",
        "EventBusName": "saas",
        **{f"RuleName{number}": f"rule-{number}" for number in range(1, 11)},
        "ParkingQueueName": "parked",
        "ParkingDlqName": "dead",
        "ReplayFunctionName": "hooks-replay",
        "SweeperFunctionName": "hooks-sweeper",
        "Deduplicate": "on",
        "SilenceHours": 24,
        "Heartbeat": "on",
        "AccountWide": "true",
    },
    COST: {
        "NotificationEmail": "ops@example.com",
        "MonthlyBudget": 20,
        "AnomalyMonitorArn": "arn:aws:ce::123456789012:anomalymonitor/1234abcd-12ab-34cd-56ef-1234567890ab",
        "BillingAlarmUsd": 50,
        "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:ops",
    },
}


@functools.cache
def whole(template: Path) -> Stack:
    """A stack with every alarm that its template can make."""
    return resolve(load(template), EVERYTHING[template])


@functools.cache
def catalogue(template: Path) -> Catalogue:
    """The alarms of that stack."""
    return read_alarms(whole(template))


def alarm_resources(template: Path) -> dict[str, Resource]:
    """Its alarms and composites as resources."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    return {key: item for key, item in whole(template).resources.items() if item.type in kinds}


@dataclass(frozen=True, slots=True)
class Tested:
    """One case of a test file, and the template that it is about."""

    file: Path
    template: Path
    case: Case


@functools.cache
def cases() -> tuple[Tested, ...]:
    """Every case of every test file."""
    found: list[Tested] = []
    for path in FILES:
        read = read_test_file(path, REPOSITORY)
        assert isinstance(read, TestFile), read
        found += [Tested(path, read.template.resolve(), case) for case in read.cases]
    return tuple(found)
