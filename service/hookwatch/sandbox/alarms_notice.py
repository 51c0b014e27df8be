"""What an alarm tells its topic, as CloudWatch words it.

Never sends. The JSON is that of an SNS notification of CloudWatch
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html, read 2026-11-27), less the
Trigger, which repeats the alarm's definition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.alarms import Unjudgeable
from hookwatch.sandbox.clock import iso
from hookwatch.sandbox.cloud_model import ACCOUNT, REGION

if TYPE_CHECKING:
    from hookwatch.alarms import ActionTaken
    from hookwatch.sandbox.alarms_live import LiveAlarms

REGION_NAME = "US East (N. Virginia)"
MAX_SUBJECT_CHARS = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for one topic."""

    topic_arn: str
    subject: str
    message: str


def notice(live: LiveAlarms, taken: ActionTaken) -> Notice | None:
    """Return the message of an action; None for an action that is no topic."""
    if ":sns:" not in taken.action:
        return None
    alarm = live.alarms[taken.alarm]
    change = next((each for each in live.changes(taken.alarm) if each.at_s <= taken.at_s), None)
    document = {
        "AlarmName": alarm.name,
        "AlarmDescription": "" if isinstance(alarm, Unjudgeable) else alarm.description,
        "AWSAccountId": ACCOUNT,
        "NewStateValue": taken.state.value,
        "NewStateReason": change.reason if change else "",
        "OldStateValue": change.previous.value if change else "INSUFFICIENT_DATA",
        "StateChangeTime": iso(taken.at_s),
        "Region": REGION_NAME,
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm.name}",
    }
    subject = f'{taken.state.value}: "{alarm.name}" in {REGION_NAME}'
    return Notice(taken.action, subject[:MAX_SUBJECT_CHARS], json.dumps(document))
