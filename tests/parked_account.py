"""A small account in memory for the parked and archive commands: two queues with visibility, a bucket, a bus."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hookwatch.ingest.parked import Parked, encode
from replay_rig import BUCKET, DLQ, QUEUE, S3, refusal
from support import Bus, Clock

BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/hooks"
OUTPUTS = {
    "ParkingQueueUrl": QUEUE,
    "ParkingDlqUrl": DLQ,
    "ClaimBucketName": BUCKET,
    "EventBusArn": BUS_ARN,
    "ArchiveName": "archive",
}


@dataclass
class Message:
    """A message as SQS holds it."""

    message_id: str
    body: str
    attributes: dict[str, str]
    sent_ms: int
    receives: int = 0
    visible_at_s: float = 0.0


@dataclass
class FakeAws:
    """Clients of all services at once.

    Attributes:
        refuse: operation -> the error code that it is refused with.
        changes: the changing operations that were made, in order.
        counts_nothing: whether the approximate count of messages that can be received is 0 though there are some.
    """

    clock: Clock = field(default_factory=Clock)
    queues: dict[str, list[Message]] = field(default_factory=lambda: {QUEUE: [], DLQ: []})
    outputs: dict[str, dict[str, str]] = field(default_factory=lambda: {"hookwatch": dict(OUTPUTS)})
    bus: Bus = field(default_factory=Bus)
    s3: S3 = field(default_factory=S3)
    archives: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    replays: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    ages: dict[str, float] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    interrupt: str = ""
    counts_nothing: bool = False

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)

    def __call__(self, service: str) -> Any:
        return _Client(self)

    def put(self, url: str, body: str | Parked, **attributes: str) -> Message:
        text = body if isinstance(body, str) else encode(body)
        message = Message(f"m-{next(self._ids)}", text, attributes, 1_764_000_000_000)
        self.queues[url].append(message)
        return message

    def bodies(self, url: str) -> list[str]:
        return [message.body for message in self.queues[url]]

    def visible(self, url: str) -> list[Message]:
        return [message for message in self.queues[url] if message.visible_at_s <= self.clock.now_s]


class _Client:
    """One call after the other, by name."""

    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            if operation in self._aws.refuse:
                raise refusal(self._aws.refuse[operation])
            if not operation.startswith(("describe", "get", "list", "receive", "change")):
                self._aws.changes.append(operation)
            answer = globals()[f"_{operation}"](self._aws, **parameters)
            if operation == self._aws.interrupt:
                raise KeyboardInterrupt
            return answer

        return call


def _describe_stacks(aws: FakeAws, StackName: str) -> Any:  # noqa: N803 - AWS's spelling
    if StackName not in aws.outputs:
        raise refusal("ValidationError")
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in aws.outputs[StackName].items()]
    return {
        "Stacks": [{"Outputs": outputs, "Parameters": [{"ParameterKey": "MaxEntryBytes", "ParameterValue": "2000"}]}]
    }


def _queue(aws: FakeAws, url: str) -> list[Message]:
    if url not in aws.queues:
        raise refusal("AWS.SimpleQueueService.NonExistentQueue")
    return aws.queues[url]


def _get_queue_attributes(aws: FakeAws, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: N803 - AWS's spelling
    queue, visible = _queue(aws, QueueUrl), 0 if aws.counts_nothing else len(aws.visible(QueueUrl))
    return {"Attributes": dict(zip(AttributeNames, (str(visible), str(len(queue) - visible)), strict=True))}


def _receive_message(aws: FakeAws, QueueUrl: str, MaxNumberOfMessages: int, VisibilityTimeout: int, **_: Any) -> Any:  # noqa: N803 - AWS's spelling
    assert 1 <= MaxNumberOfMessages <= 10
    _queue(aws, QueueUrl)
    received = aws.visible(QueueUrl)[:MaxNumberOfMessages]
    for message in received:
        message.receives += 1
        message.visible_at_s = aws.clock.now_s + VisibilityTimeout
    return {
        "Messages": [
            {
                "MessageId": message.message_id,
                "ReceiptHandle": message.message_id,
                "Body": message.body,
                "Attributes": {
                    "ApproximateReceiveCount": str(message.receives),
                    "SentTimestamp": str(message.sent_ms),
                },
                "MessageAttributes": {name: {"StringValue": value} for name, value in message.attributes.items()},
            }
            for message in received
        ]
    }


def _change_message_visibility_batch(aws: FakeAws, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's spelling
    assert 1 <= len(Entries) <= 10
    seconds = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in Entries}
    for message in aws.queues[QueueUrl]:
        if message.message_id in seconds:
            message.visible_at_s = aws.clock.now_s + seconds[message.message_id]
    return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}


def _send_message(aws: FakeAws, QueueUrl: str, MessageBody: str, MessageAttributes: Any = None) -> Any:  # noqa: N803 - AWS's spelling
    aws.put(QueueUrl, MessageBody, **{name: each["StringValue"] for name, each in (MessageAttributes or {}).items()})
    return {"MessageId": "m"}


def _delete_message(aws: FakeAws, QueueUrl: str, ReceiptHandle: str) -> Any:  # noqa: N803 - AWS's spelling
    aws.queues[QueueUrl] = [each for each in aws.queues[QueueUrl] if each.message_id != ReceiptHandle]
    return {}


def _get_metric_statistics(aws: FakeAws, Dimensions: list[dict[str, str]], **_: Any) -> Any:  # noqa: N803 - AWS's spelling
    age = aws.ages.get(Dimensions[0]["Value"])
    return {"Datapoints": [] if age is None else [{"Timestamp": datetime.now(UTC), "Maximum": age}]}


def _put_events(aws: FakeAws, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's spelling
    return aws.bus.put_events(Entries)


def _get_object(aws: FakeAws, Bucket: str, Key: str) -> Any:  # noqa: N803 - AWS's spelling
    return aws.s3.get_object(Bucket, Key)


def _describe_archive(aws: FakeAws, ArchiveName: str) -> Any:  # noqa: N803 - AWS's spelling
    if ArchiveName not in aws.archives:
        raise refusal("ResourceNotFoundException")
    return aws.archives[ArchiveName]


def _describe_rule(aws: FakeAws, Name: str, EventBusName: str) -> Any:  # noqa: N803 - AWS's spelling
    if (EventBusName, Name) not in aws.rules:
        raise refusal("ResourceNotFoundException")
    return aws.rules[EventBusName, Name]


def _list_replays(aws: FakeAws, EventSourceArn: str, State: str) -> Any:  # noqa: N803 - AWS's spelling
    return {"Replays": [replay for replay in aws.replays if replay["State"] == State and EventSourceArn]}


def _start_replay(aws: FakeAws, **replay: Any) -> Any:
    aws.replays.append({**replay, "State": "STARTING"})
    return {"State": "STARTING"}


def _describe_replay(aws: FakeAws, ReplayName: str) -> Any:  # noqa: N803 - AWS's spelling
    (replay,) = (each for each in aws.replays if each["ReplayName"] == ReplayName)
    replay.update(aws.states.pop(0))
    return replay
