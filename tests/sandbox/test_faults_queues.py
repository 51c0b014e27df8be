"""What the calls of a queue count, as AWS/SQS counts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.sandbox.faults_http import Answer, Request
from hookwatch.sandbox.faults_queues import queue_points
from sandbox.cloud_rig import eventually

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

URL = "http://127.0.0.1:1/123456789012/work"


def counted(operation: str, asked: dict[str, Any], given: dict[str, Any], status: int = 200) -> dict[str, list[float]]:
    request = Request("POST", "/", {}, json.dumps({"QueueUrl": URL, **asked}).encode())
    points = queue_points(operation, request, Answer(status, json.dumps(given).encode()))
    assert all(point.dimensions == {"QueueName": "work"} for point in points)
    return {name: [p.value for p in points if p.name == name] for name in {point.name for point in points}}


@pytest.mark.parametrize(
    ("operation", "asked", "given", "expected"),
    [
        ("SendMessage", {"MessageBody": "\u00e4b"}, {}, {"NumberOfMessagesSent": [1], "SentMessageSize": [3]}),
        (
            "SendMessageBatch",
            {"Entries": [{"Id": "1", "MessageBody": "a"}, {"Id": "2", "MessageBody": "bc"}]},
            {"Successful": [{"Id": "2"}], "Failed": [{"Id": "1"}]},
            {"NumberOfMessagesSent": [1], "SentMessageSize": [2]},
        ),
        ("ReceiveMessage", {}, {"Messages": [{}, {}]}, {"NumberOfMessagesReceived": [2]}),
        ("ReceiveMessage", {}, {}, {"NumberOfEmptyReceives": [1]}),
        ("DeleteMessage", {}, {}, {"NumberOfMessagesDeleted": [1]}),
        ("DeleteMessageBatch", {}, {"Successful": [{}, {}]}, {"NumberOfMessagesDeleted": [2]}),
        ("DeleteMessageBatch", {}, {"Failed": [{}]}, {}),
        ("GetQueueUrl", {}, {}, {}),
    ],
)
def test_each_call_counts_what_it_did(
    operation: str, asked: dict[str, Any], given: dict[str, Any], expected: dict[str, list[float]]
) -> None:
    """Entries that failed are not counted, and a receive that got nothing is an empty one."""
    assert counted(operation, asked, given) == expected
    assert counted(operation, asked, given, status=400) == {}


def test_what_cannot_be_read_counts_nothing() -> None:
    """A call in another protocol passes uncounted."""
    assert queue_points("SendMessage", Request("POST", "/", {}, b"Action=SendMessage"), Answer(200)) == []


@pytest.mark.sandbox
def test_the_calls_of_the_functions_are_counted(cloud: Cloud) -> None:
    """Whoever reaches the AWS API as the functions do is counted by queue, beside what the account claims."""
    sqs = cloud.through_proxy()("sqs")
    url = sqs.create_queue(QueueName="counted")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sqs.receive_message(QueueUrl=url)

    def totals(**dimensions: str) -> dict[str, float]:
        found = cloud.get("/api/metrics/totals")["totals"]
        return {each["name"]: each["sum"] for each in found if each["dimensions"] == dimensions}

    assert totals(QueueName="counted") == {
        "NumberOfMessagesSent": 1,
        "SentMessageSize": 1,
        "NumberOfMessagesReceived": 1,
        "NumberOfMessagesDeleted": 1,
        "NumberOfEmptyReceives": 1,
    }
    eventually(lambda: totals().get("ClaimedAccountConcurrency"))
