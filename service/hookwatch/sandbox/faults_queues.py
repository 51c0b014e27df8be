"""AWS/SQS metrics of one call of a queue, named as AWS names them.

Never stores anything and never changes a call. Only the JSON protocol is read, which is what the functions' SDK speaks.
What EventBridge or SNS delivers inside the emulator passes no proxy and is not counted. Names and dimension:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html, read
2026-11-22.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.faults_http import Answer, Request

NAMESPACE = "AWS/SQS"
OPERATIONS = frozenset({"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"})
HTTP_OK = 200


def queue_points(operation: str, request: Request, answer: Answer) -> list[MetricPoint]:
    """Return the data points that one answered call leaves behind; a failed one leaves none."""
    if operation not in OPERATIONS or answer.status != HTTP_OK:
        return []
    asked, given = _document(request.body), _document(answer.body)
    queue = str(asked.get("QueueUrl", "")).rsplit("/", 1)[-1]
    if not queue:
        return []
    return [
        MetricPoint(
            namespace=NAMESPACE,
            name=name,
            dimensions={"QueueName": queue},
            unit="Bytes" if name == "SentMessageSize" else "Count",
            value=float(value),
            time_s=time.time(),
        )
        for name, value in _counted(operation, asked, given)
    ]


def _counted(operation: str, asked: dict[str, Any], given: dict[str, Any]) -> Iterator[tuple[str, int]]:
    match operation:
        case "SendMessage":
            yield from _sent([asked])
        case "SendMessageBatch":
            taken = {each.get("Id") for each in given.get("Successful", [])}
            yield from _sent([entry for entry in asked.get("Entries", []) if entry.get("Id") in taken])
        case "ReceiveMessage":
            received = len(given.get("Messages") or ())
            yield ("NumberOfMessagesReceived", received) if received else ("NumberOfEmptyReceives", 1)
        case "DeleteMessage":
            yield "NumberOfMessagesDeleted", 1
        case "DeleteMessageBatch" if deleted := len(given.get("Successful", [])):
            yield "NumberOfMessagesDeleted", deleted


def _sent(entries: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    if entries:
        yield "NumberOfMessagesSent", len(entries)
    for entry in entries:
        yield "SentMessageSize", len(str(entry.get("MessageBody", "")).encode())


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
