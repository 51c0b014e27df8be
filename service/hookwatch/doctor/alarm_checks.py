"""The alarms: do they see something, do they tell somebody, and are some of them firing right now?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookwatch.doctor.finding import fail, ok, skip, unseen, warn
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place

SHOWN = 5
FRESH_S = 3600.0
"""A new alarm begins as INSUFFICIENT_DATA and leaves it with its first evaluation, which is within the hour."""

WAITS_FOR_DATA = ("missing", "ignore")
"""Treatments of missing data under which no data is INSUFFICIENT_DATA, or whatever it was before."""


def check_topic(place: Place) -> Iterator[Finding]:
    """Somebody hears the alarms."""
    topic = place.outputs.get("AlarmTopicArn", "")
    if not topic:
        yield fail("alarm topic", "the stack has none, so no alarm is heard", "deploy the stack again: make deploy")
        return
    answer = place.account.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)
    if isinstance(answer, Problem):
        yield unseen("alarm topic", answer)
        return
    subscriptions = answer.get("Subscriptions", [])
    waiting = [each for each in subscriptions if each.get("SubscriptionArn") in ("PendingConfirmation", "Deleted", "")]
    if not subscriptions and place.sandbox is not None:
        yield skip("alarm topic", "nobody is subscribed, and in the sandbox nobody needs to be")
    elif not subscriptions:
        yield fail("alarm topic", "nobody is subscribed, so no alarm is heard", "deploy with NotificationEmail")
    elif len(waiting) == len(subscriptions):
        yield fail(
            "alarm topic",
            "no subscription is confirmed, so no alarm is heard",
            "its owner must click the link in AWS's mail 'Subscription Confirmation' (three days valid; then redeploy)",
        )
    elif waiting:
        count = f"{len(waiting)} of {len(subscriptions)}"
        yield warn("alarm topic", f"{count} subscriptions are not confirmed", "remind their owners")
    else:
        yield ok("alarm topic", f"{len(subscriptions)} confirmed")


def check_alarms(place: Place) -> Iterator[Finding]:
    """No alarm is blind or mute, and none is firing."""
    alarms = _sandbox_alarms(place) if place.sandbox is not None else _aws_alarms(place)
    if isinstance(alarms, Problem):
        yield unseen("alarms", alarms)
        return
    if not alarms:
        yield fail("alarms", f"none has a name that begins with {place.stack}-", "deploy the stack again: make deploy")
        return
    firing = [each["name"] for each in alarms if each["state"] == "ALARM"]
    blind = [each["name"] for each in alarms if each["state"] == "INSUFFICIENT_DATA" and not each["may_be_blind"]]
    mute = [each["name"] for each in alarms if each["mute"]]
    if firing:
        yield fail("alarms firing", _list(firing), "each alarm's description links to its runbook")
    else:
        yield ok("alarms firing", f"none of {len(alarms)}")
    if blind:
        sentence = f"INSUFFICIENT_DATA without a reason: {_list(blind)}"
        yield warn("alarms blind", sentence, "see runbooks/metrics-blind.md")
    else:
        yield ok("alarms blind", "none")
    if mute:
        yield warn("alarms mute", f"their actions are switched off: {_list(mute)}", _enable(mute))
    else:
        yield ok("alarms mute", "none")


def check_budget(place: Place) -> Iterator[Finding]:
    """A budget warns of what nobody planned."""
    if place.sandbox is not None:
        yield skip("budget", "the sandbox costs nothing")
        return
    who = place.account.ask("sts", "get_caller_identity")
    if isinstance(who, Problem):
        yield unseen("budget", who)
        return
    answer = place.account.ask("budgets", "describe_budgets", AccountId=who["Account"])
    if isinstance(answer, Problem):
        yield unseen("budget", answer)
        return
    names = [budget["BudgetName"] for budget in answer.get("Budgets", [])]
    if names:
        yield ok("budget", _list(names))
    else:
        yield warn("budget", "this account has none", "deploy with MonthlyBudget and NotificationEmail")


def _aws_alarms(place: Place) -> list[dict[str, Any]] | Problem:
    found: list[dict[str, Any]] = []
    page: dict[str, str] = {}
    while True:
        answer = place.account.ask(
            "cloudwatch",
            "describe_alarms",
            AlarmNamePrefix=f"{place.stack}-",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            **page,
        )
        if isinstance(answer, Problem):
            return answer
        found += [_metric(each) for each in answer.get("MetricAlarms", ())]
        found += [_composite(each) for each in answer.get("CompositeAlarms", ())]
        if not answer.get("NextToken"):
            return found
        page = {"NextToken": answer["NextToken"]}


def _metric(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": alarm["AlarmName"],
        "state": alarm["StateValue"],
        # An anomaly band learns for two weeks before it can judge.
        "may_be_blind": alarm.get("TreatMissingData", "missing") in WAITS_FOR_DATA
        or "ThresholdMetricId" in alarm
        or _is_fresh(alarm),
        "mute": bool(alarm.get("AlarmActions")) and not alarm.get("ActionsEnabled", True),
    }


def _composite(alarm: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": alarm["AlarmName"],
        "state": alarm["StateValue"],
        "may_be_blind": _is_fresh(alarm),
        "mute": bool(alarm.get("AlarmActions")) and not alarm.get("ActionsEnabled", True),
    }


def _sandbox_alarms(place: Place) -> list[dict[str, Any]] | Problem:
    answer = place.from_sandbox("/api/alarms")
    if isinstance(answer, Problem):
        return answer
    # An alarm of the sandbox is as old as the sandbox: minutes. None of them had the time to be blind by mistake.
    return [
        {"name": each["logical_id"], "state": each["state"], "may_be_blind": True, "mute": False}
        for each in answer["alarms"]
    ]


def _is_fresh(alarm: Mapping[str, Any]) -> bool:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return isinstance(since, datetime) and (datetime.now(UTC) - since).total_seconds() < FRESH_S


def _enable(names: Sequence[str]) -> str:
    return f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(names[:SHOWN])}"


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
