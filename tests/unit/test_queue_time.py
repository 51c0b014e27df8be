"""Waits of queues in sandbox time: shortened to the second, never to nothing, and nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.sandbox.queue_time import quickened


def quick(operation: str, asked: Any, speed: float = 60.0) -> Any:
    """The body of a call, sixty times as fast."""
    return json.loads(quickened(operation, json.dumps(asked).encode(), speed))


def test_a_minute_is_a_second():
    """Visibility timeouts and delays shrink, in single calls and in batches, and are never less than a second."""
    assert quick("ChangeMessageVisibility", {"VisibilityTimeout": 600}) == {"VisibilityTimeout": 10}
    assert quick("ReceiveMessage", {"VisibilityTimeout": 30, "MaxNumberOfMessages": 10}) == {
        "VisibilityTimeout": 1,
        "MaxNumberOfMessages": 10,
    }
    entries = [{"Id": "a", "VisibilityTimeout": 61}, {"Id": "b", "VisibilityTimeout": 0}]
    assert quick("ChangeMessageVisibilityBatch", {"Entries": entries}) == {
        "Entries": [{"Id": "a", "VisibilityTimeout": 2}, {"Id": "b", "VisibilityTimeout": 0}]
    }
    assert quick("SendMessage", {"MessageBody": "x", "DelaySeconds": 120})["DelaySeconds"] == 2


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("SendMessage", b'{"MessageBody": "{\\"VisibilityTimeout\\": 600}"}'),
        ("SetQueueAttributes", b'{"Attributes": {"VisibilityTimeout": "600"}}'),
        ("ReceiveMessage", b"VisibilityTimeout but no JSON"),
        ("ReceiveMessage", b'["VisibilityTimeout"]'),
        ("ReceiveMessage", b'{"MaxNumberOfMessages": 1}'),
        ("PutEvents", b'{"VisibilityTimeout": 600}'),
    ],
)
def test_everything_else_stays(operation: str, body: bytes):
    """A message's text, a queue's attributes, other calls and what is no JSON mean the same as before."""
    try:
        expected = json.loads(body)
    except ValueError:
        assert quickened(operation, body, 60.0) == body
    else:
        assert json.loads(quickened(operation, body, 60.0)) == expected


def test_at_its_own_speed_nothing_is_read():
    """Without --speed a body is passed on as the very same bytes."""
    body = b'{"VisibilityTimeout":   600}'
    assert quickened("ReceiveMessage", body, 1.0) is body
