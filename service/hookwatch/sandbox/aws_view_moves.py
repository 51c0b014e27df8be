"""SQS's message move tasks, which the emulator does not know: from a dead-letter queue to another queue.

A message is sent before it is deleted, as SQS promises not to lose one. Task limits and fields:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html (read 2026-11-27).
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.aws_view_model import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BATCH = 10
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(slots=True)
class _Task:
    source: str
    destination: str
    to_move: int
    handle: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    status: str = "RUNNING"
    moved: int = 0
    reason: str = ""


class Mover:
    """Moves messages, one task for each source queue at a time."""

    def __init__(self, clients: Callable[[str], Any]) -> None:
        """Work with these clients, which no fault strikes."""
        self._clients = clients
        self._tasks: list[_Task] = []

    def start(self, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
        """Begin a task."""
        source, sqs = str(asked.get("SourceArn", "")), self._clients("sqs")
        if any(task.source == source and task.status == "RUNNING" for task in self._tasks):
            return Refused("UnsupportedOperation", "There is already a task running for this queue.")
        try:
            url = _url(sqs, source)
            feeders = _feeders(sqs, source)
            if not feeders:
                return Refused("UnsupportedOperation", "Source queue must be configured as a Dead Letter Queue.")
            destination = str(asked.get("DestinationArn") or feeders[0])
            to = _url(sqs, destination)
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
        except ClientError:
            return Refused("ResourceNotFoundException", "The resource that you specified doesn't exist.")
        task = _Task(source, destination, sum(int(found[name]) for name in COUNTS))
        self._tasks.insert(0, task)
        threading.Thread(target=_move, args=(sqs, task, url, to), daemon=True).start()
        return {"TaskHandle": task.handle}

    def listed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the newest tasks of a source queue."""
        tasks = [task for task in self._tasks if task.source == asked.get("SourceArn")]
        return {"Results": [_shown(task) for task in tasks[: asked.get("MaxResults", 1)]]}


def _move(sqs: Any, task: _Task, source: str, destination: str) -> None:
    try:
        while task.moved < task.to_move:
            found = sqs.receive_message(
                QueueUrl=source, MaxNumberOfMessages=BATCH, MessageAttributeNames=["All"], WaitTimeSeconds=1
            ).get("Messages", [])
            if not found:
                break
            for message in found:
                attributes = message.get("MessageAttributes", {})
                sqs.send_message(QueueUrl=destination, MessageBody=message["Body"], MessageAttributes=attributes)
                sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                task.moved += 1
    except (BotoCoreError, ClientError) as error:
        task.status, task.reason = "FAILED", type(error).__name__
    else:
        task.status = "COMPLETED"


def _url(sqs: Any, arn: str) -> str:
    return str(sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])


def _feeders(sqs: Any, arn: str) -> list[str]:
    """The queues whose dead letters come here."""
    found = []
    for url in sqs.list_queues().get("QueueUrls", []):
        names = ["QueueArn", "RedrivePolicy"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn") == arn:
            found.append(attributes["QueueArn"])
    return found


def _shown(task: _Task) -> dict[str, Any]:
    return {
        **({"TaskHandle": task.handle} if task.status == "RUNNING" else {}),
        "Status": task.status,
        "SourceArn": task.source,
        "DestinationArn": task.destination,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started_ms,
        **({"FailureReason": task.reason} if task.reason else {}),
    }
