"""What can go wrong behind the bus, each rehearsed with a real rule: every rule alarm, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.test_drills import PATIENCE_S, post, traffic
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

BUS, RULE, GONE = "saas", "orders", "orders-gone"
ARN = "arn:aws:{}:us-east-1:123456789012:{}".format
TOLD = "told"
SPEED = 150.0


class Bus:
    """A sandbox whose bus has one rule, which the deployed alarms watch."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        clients = Clients(cloud.get("/api/health")["aws_endpoint_url"])
        self.events, self.sqs, self.sns = clients("events"), clients("sqs"), clients("sns")
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("orders", "dead", TOLD)}
        self.events.put_rule(Name=RULE, EventBusName=BUS, EventPattern=json.dumps({"source": ["github.com"]}))

    def target(self, arn: str, dlq: str = "dead") -> None:
        """Give the rule its one target, with two retries and a dead-letter queue."""
        target = {
            "Id": "1",
            "Arn": arn,
            "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": ARN("sqs", dlq)},
        }
        self.events.put_targets(Rule=RULE, EventBusName=BUS, Targets=[target])

    def states(self) -> dict[str, str]:
        """Return the state of every alarm by the end of its logical id."""
        alarms = self.cloud.get("/api/alarms")["alarms"]
        return {alarm["logical_id"].rpartition(".")[2]: alarm["state"] for alarm in alarms}

    def wait(self, **states: str) -> None:
        """Wait until alarms are in these states, all at once."""
        eventually(lambda: states.items() <= self.states().items(), 2 * PATIENCE_S)

    def messages(self, queue: str) -> list[Any]:
        """Return what lies in a queue, and take it."""
        found = self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
        return list(found)

    def counted(self, namespace: str, **dimensions: str) -> dict[str, float]:
        """Return the sum of every metric with exactly these dimensions."""
        return {
            each["name"]: each["sum"]
            for each in self.cloud.get("/api/metrics/totals")["totals"]
            if (each["namespace"], each["dimensions"]) == (namespace, dimensions)
        }


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    """The sandbox, its rule sending to a queue that is there."""
    parameters = {"EventBusName": BUS, "RuleNames": RULE, "LoopLimit": "0"}
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters=parameters,
        speed=SPEED,
    )
    for cloud in run_sandbox(config):
        made = Bus(cloud)
        made.sns.subscribe(TopicArn=ARN("sns", "hookwatch-alarms"), Protocol="sqs", Endpoint=ARN("sqs", TOLD))
        made.target(ARN("sqs", "orders"))
        yield made


def test_a_failing_target_ends_in_the_dead_letter_queue_and_the_page_in_the_topic(bus: Bus) -> None:
    """Two retries, then the event with EventBridge's attributes; the alarm's notice is really published; then OK."""
    bus.wait(RulesFailed="OK", Delivery="OK")
    bus.cloud.fault(operation="RuleTarget", fault="error", rule=RULE)
    _, delivery_id = bus.cloud.github()
    letter = eventually(lambda: bus.messages("dead"))[0]
    assert delivery_id in json.loads(letter["Body"])["resources"][0]
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == "2"
    assert attributes["RULE_ARN"].endswith(f":rule/{BUS}/{RULE}")
    bus.wait(RulesFailed="ALARM", Delivery="ALARM")
    bus.cloud.clear()
    told: list[str] = []

    def heard() -> bool:
        told.extend(json.loads(json.loads(each["Body"])["Message"])["NewStateValue"] for each in bus.messages(TOLD))
        return "ALARM" in told and told[-1] == "OK"

    bus.wait(RulesFailed="OK", Delivery="OK")
    eventually(heard)
    assert bus.counted("AWS/Events", EventBusName=BUS, RuleName=RULE)["RetryInvocationAttempts"] == 2
    topic = bus.counted("AWS/SNS", TopicName="hookwatch-alarms")
    # What was told before anybody had subscribed was published and delivered to nobody.
    assert topic["NumberOfMessagesPublished"] >= topic["NumberOfNotificationsDelivered"] >= 2


def test_what_a_target_and_its_queue_do_not_take_is_lost_and_a_topic_that_cannot_tell_is_told_of(bus: Bus) -> None:
    """A target that is gone, a dead-letter queue that is gone, a subscriber that is gone: each has its alarm."""
    topic = ARN("sns", "hookwatch-alarms")
    gone = bus.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ARN("sqs", GONE))["SubscriptionArn"]
    bus.target(ARN("sqs", GONE), dlq=GONE)
    with traffic(lambda: post(bus.cloud, "github", GITHUB_SECRET), 0.3):
        bus.wait(RulesDlqFailed="ALARM", RulesFailed="ALARM", Delivery="ALARM", AlarmDelivery="ALARM")
    bus.sns.unsubscribe(SubscriptionArn=gone)
    bus.target(ARN("sqs", "orders"))
    bus.wait(RulesDlqFailed="OK", RulesFailed="OK", Delivery="OK", AlarmDelivery="OK")
    assert bus.counted("AWS/Events", EventBusName=BUS, RuleName=RULE)["InvocationsFailedToBeSentToDlq"] >= 1


def test_a_throttled_rule_and_events_that_wait_have_an_alarm_each(bus: Bus) -> None:
    """Half of the attempts throttled, all events 45 s late: both alarms, one page; lifted, all is delivered."""
    with traffic(lambda: post(bus.cloud, "github", GITHUB_SECRET), 0.2):
        bus.cloud.fault(operation="RuleTarget", fault="delay", seconds=45)
        bus.cloud.fault(operation="RuleTarget", fault="throttle", rate=0.5, rule=RULE)
        bus.wait(RulesThrottled="ALARM", RulesLatency="ALARM", Delivery="ALARM")
        bus.cloud.clear()
        bus.wait(RulesThrottled="OK", RulesLatency="OK", Delivery="OK")


def test_a_rule_that_would_run_itself_again_is_stopped_and_pages(bus: Bus) -> None:
    """A rule that sends its events back to its own bus: stopped at the second pass, counted, and back to OK."""
    bus.wait(RulesLoop="OK")
    bus.target(ARN("events", f"event-bus/{BUS}"))
    with traffic(lambda: post(bus.cloud, "github", GITHUB_SECRET), 0.3):
        bus.wait(RulesLoop="ALARM", LoopOrSpend="ALARM")
    bus.target(ARN("sqs", "orders"))
    with traffic(lambda: post(bus.cloud, "github", GITHUB_SECRET), 0.3):
        bus.wait(RulesLoop="OK", LoopOrSpend="OK")
    assert bus.counted("AWS/Events", EventBusName=BUS, RuleName=RULE)["DeadLetterInvocations"] >= 1
