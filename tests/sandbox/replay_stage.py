"""A bus with a rule, the queues, the bucket and the replay function on ministack, as a stack would have them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import urllib3

from hookwatch.ingest.model import Envelope
from hookwatch.ingest.parked import Parked, encode
from hookwatch.recover.replay_app import App, compose
from hookwatch.recover.replay_settings import load
from sandbox.cloud_rig import eventually
from support import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from hookwatch.sandbox.deploy_clients import Clients

BUS, BUCKET = "hooks", "hookwatch-claims-test"
DETAIL = (
    '{"hookwatch":{"provider":"github","delivery_id":"%s"}, "n": 12345678901234567890.10,"e":"\\u00e9\\/ \U0001f419"}'
)


@dataclass
class Stage:
    """A bus with a target that keeps what it gets, the two queues, the bucket, and the function."""

    aws: Clients
    queue: str
    dlq: str
    target: str
    app: App

    def park(self, number: int, **more: Any) -> None:
        self.aws("sqs").send_message(QueueUrl=self.queue, MessageBody=encode(replace(parked(number), **more)))

    def invoke(self) -> list[dict[str, Any]]:
        """One poll as Lambda does it: receive, call, delete what was not named. Gives the messages received."""
        sqs = self.aws("sqs")
        answer = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"])
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        records = [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in messages
        ]
        failed = {
            item["itemIdentifier"] for item in self.app({"Records": records}, Context(30_000))["batchItemFailures"]
        }
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def depth(self, queue: str) -> tuple[int, int]:
        """How many messages can be received, and how many wait to become receivable again."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Receive and delete what is there."""
        sqs = self.aws("sqs")
        taken: list[dict[str, Any]] = []
        while messages := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            taken += messages
        return taken

    def events(self, count: int) -> list[str]:
        """The raw events that the rule's target got."""
        got: list[str] = []

        def enough() -> bool:
            got.extend(message["Body"] for message in self.take(self.target))
            return len(got) >= count

        eventually(enough)
        return got


def parked(number: int) -> Parked:
    detail = DETAIL % f"d-{number}"
    envelope = Envelope(
        "github.com", "push", detail, (f"hookwatch:github:delivery/d-{number}",), "k", 1_764_000_000_000
    )
    return Parked(envelope, "github", f"d-{number}", "throttled", None, "hookwatch", None, 1_764_000_000_000, 1)


@contextmanager
def staged(aws: Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Everything made anew, and the function composed from its environment."""
    sqs, events, s3 = aws("sqs"), aws("events"), aws("s3")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("parked-dlq", "parked", "target")}
    arns = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }
    redrive = {"deadLetterTargetArn": arns["parked-dlq"], "maxReceiveCount": 3}
    sqs.set_queue_attributes(QueueUrl=urls["parked"], Attributes={"RedrivePolicy": json.dumps(redrive)})
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source":["github.com"]}')
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "t", "Arn": arns["target"]}])
    s3.create_bucket(Bucket=BUCKET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    settings = load(
        {
            "HOOKWATCH_EVENT_BUS": BUS,
            "HOOKWATCH_CLAIM_BUCKET": BUCKET,
            "HOOKWATCH_PARKING_QUEUE_URL": urls["parked"],
            "HOOKWATCH_PARKING_DLQ_URL": urls["parked-dlq"],
        }
    )
    yield Stage(aws, urls["parked"], urls["parked-dlq"], urls["target"], compose(settings))
    urllib3.request("POST", f"{aws.endpoint}/_ministack/reset")
