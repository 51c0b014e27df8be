from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.sandbox.aws_metrics_logs import LogMeter
from hookwatch.sandbox.aws_metrics_queues import QueueMeter
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.rule_book import FRESH_S
from sandbox.cloud_rig import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.cloud_rig import Cloud

ACCOUNT = "123456789012"
PUSHES = json.dumps({"source": ["github.com"], "detail-type": ["push"]})
NEVER = json.dumps({"source": ["nobody"]})
LATENCIES = (
    "IngestiontoInvocationStartLatency",
    "IngestiontoInvocationCompleteLatency",
    "IngestionToInvocationSuccessLatency",
)
SQS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"


@pytest.fixture
def aws(cloud: Cloud) -> Clients:
    """The emulator itself, beside the fault proxy."""
    return Clients(cloud.get("/api/health")["aws_endpoint_url"])


@pytest.fixture
def rules(aws: Clients) -> Iterator[Any]:
    """Makes rules on the default bus; they are gone afterwards."""
    events, made = aws("events"), []

    def make(name: str, pattern: str, *targets: str, state: str = "ENABLED") -> None:
        events.put_rule(Name=name, EventPattern=pattern, State=state)
        if targets:
            events.put_targets(Rule=name, Targets=[{"Id": str(n), "Arn": arn} for n, arn in enumerate(targets)])
        made.append((name, len(targets)))

    yield make
    for name, count in made:
        if count:
            events.remove_targets(Rule=name, Ids=[str(number) for number in range(count)])
        events.delete_rule(Name=name)


def settled() -> None:
    """Wait until the rules are read again: a list of them is believed for a second."""
    time.sleep(FRESH_S + 0.1)


def counted(cloud: Cloud, **dimensions: str) -> dict[str, float]:
    """Return the sum of each AWS/Events metric with exactly these dimensions."""
    totals = cloud.get("/api/metrics/totals")["totals"]
    return {
        total["name"]: total["sum"]
        for total in totals
        if total["namespace"] == "AWS/Events" and total["dimensions"] == dimensions
    }


@pytest.mark.sandbox
def test_a_rule_that_matches_is_counted_with_its_targets(cloud: Cloud, aws: Clients, rules: Any) -> None:
    """On the default bus under RuleName alone; the sandbox's own rule and one that does not match are not counted."""
    aws("sqs").create_queue(QueueName="there")
    rules("matches", PUSHES, SQS + "there")
    rules("never", NEVER, SQS + "there")
    rules("off", PUSHES, SQS + "there", state="DISABLED")
    settled()
    before = counted(cloud, EventBusName="default").get("MatchedEvents", 0)
    _, delivery_id = cloud.github()
    cloud.event(delivery_id)
    found = counted(cloud, RuleName="matches")
    assert {name: value for name, value in found.items() if "Latency" not in name} == {
        "MatchedEvents": 1,
        "TriggeredRules": 1,
        "Invocations": 1,
        "InvocationAttempts": 1,
        "SuccessfulInvocationAttempts": 1,
    }
    start_ms, complete_ms, success_ms = (found[name] for name in LATENCIES)
    assert 0 <= start_ms <= complete_ms == success_ms
    assert counted(cloud, EventBusName="default")["MatchedEvents"] == before + 1
    assert counted(cloud, RuleName="never") == counted(cloud, RuleName="off") == {}
    assert counted(cloud, RuleName="hookwatch-sandbox-everything") == {}


@pytest.mark.sandbox
def test_a_target_that_is_gone_is_a_failed_invocation(cloud: Cloud, aws: Clients, rules: Any) -> None:
    """Queue, function, topic and bus are looked for; what cannot be asked about counts as being there."""
    aws("sqs").create_queue(QueueName="there")
    arn = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:{{}}".format
    gone = [
        SQS + "gone",
        arn("lambda", "function:gone"),
        arn("sns", "gone"),
        arn("events", "event-bus/gone"),
        arn("states", "stateMachine:gone"),
    ]
    rules("half-gone", PUSHES, SQS + "there", arn("logs", "log-group:/aws/events/x"), *gone[:3])
    rules("gone", PUSHES, *gone[3:])
    settled()
    _, delivery_id = cloud.github()
    cloud.event(delivery_id)
    half, whole = counted(cloud, RuleName="half-gone"), counted(cloud, RuleName="gone")
    assert (half["Invocations"], half["SuccessfulInvocationAttempts"], half["FailedInvocations"]) == (5, 2, 3)
    assert (whole["Invocations"], whole["FailedInvocations"]) == (2, 2)
    assert "SuccessfulInvocationAttempts" not in whole


@pytest.mark.sandbox
def test_events_of_others_are_counted_too(cloud: Cloud, aws: Clients, rules: Any) -> None:
    """A rule's count is what was on the bus, whoever put it there: that is how a loop shows."""
    rules("others", json.dumps({"source": ["somebody.else"]}))
    settled()
    entry = {"Source": "somebody.else", "DetailType": "t", "Detail": "{}"}
    aws("events").put_events(Entries=[entry, entry])
    eventually(lambda: counted(cloud, RuleName="others").get("TriggeredRules") == 2)
    assert "Invocations" not in counted(cloud, RuleName="others")


@pytest.mark.sandbox
def test_depth_and_age_of_a_queue(aws: Clients) -> None:
    """Visible, in flight and delayed messages; the age in sandbox time; an empty queue is as old as nothing."""
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="waiting")["QueueUrl"]
    meter = QueueMeter(aws, [url], lambda since_s: (time.time() - since_s) * 60)

    def measured() -> dict[str, float]:
        points = meter.measure()
        assert all(dict(point.dimensions) == {"QueueName": "waiting"} for point in points)
        return {point.name: point.value for point in points}

    assert set(measured().values()) == {0.0}
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    sqs.receive_message(QueueUrl=url)
    time.sleep(1)
    found = measured()
    assert found["ApproximateNumberOfMessagesVisible"] == 2
    assert found["ApproximateNumberOfMessagesNotVisible"] == 1
    assert found["ApproximateNumberOfMessagesDelayed"] == 1
    assert 60 <= found["ApproximateAgeOfOldestMessage"] < 60 * 20
    sqs.delete_queue(QueueUrl=url)
    assert measured() == {}


@pytest.mark.sandbox
def test_what_the_functions_log_is_metered(cloud: Cloud) -> None:
    """IncomingBytes and IncomingLogEvents of the log group that the template names."""
    cloud.github()

    def totals() -> dict[str, float]:
        found = cloud.get("/api/metrics/totals")["totals"]
        group = {"LogGroupName": "/aws/lambda/hookwatch-github"}
        return {total["name"]: total["sum"] for total in found if total["dimensions"] == group}

    found = eventually(lambda: (seen := totals()).get("IncomingLogEvents", 0) >= 3 and seen)
    assert found["IncomingBytes"] > 300
    assert "EMFParsingErrors" not in found


def test_lines_are_summed_until_they_are_asked_for() -> None:
    """Bytes are those of UTF-8; after `drain` it begins anew."""
    meter = LogMeter()
    meter.add("g", "äb")
    meter.add("g", "c")
    points = meter.drain(5.0)
    assert [(point.name, point.value, point.unit, dict(point.dimensions)) for point in points] == [
        ("IncomingLogEvents", 2.0, "Count", {"LogGroupName": "g"}),
        ("IncomingBytes", 4.0, "Bytes", {"LogGroupName": "g"}),
    ]
    assert meter.drain(6.0) == []
