from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.sandbox.lambda_model import MAX_REQUEST_BYTES
from hookwatch.sandbox.queue_batch import events, failed_ids

ARN = "arn:aws:sqs:us-east-1:123456789012:work"
SENT = ("a", "b", "c")


def message(name: str, body: str = "{}") -> dict[str, Any]:
    """A message as ReceiveMessage gives it."""
    return {"MessageId": name, "ReceiptHandle": f"handle-{name}", "Body": body, "MD5OfBody": "0" * 32}


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"{}", b'{"batchItemFailures": []}', b'{"batchItemFailures": null}', b'{"other": 1}']
)
def test_an_empty_answer_is_a_success(payload: bytes):
    """What AWS documents as success leaves no message in the queue."""
    assert failed_ids(payload, SENT) == frozenset()


@pytest.mark.parametrize(
    "payload",
    [
        b"{not json",
        b"[]",
        b'"ok"',
        b"0",
        b"[" * 100_000,
        b'{"batchItemFailures": "a"}',
        b'{"batchItemFailures": ["a"]}',
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ["a"]}]}',
        b'{"batchItemFailures": [{"itemIdentifer": "a"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "stranger"}]}',
    ],
)
def test_a_malformed_answer_fails_the_whole_batch(payload: bytes):
    """Whatever AWS documents as failure, or cannot be read, leaves every message in the queue."""
    assert failed_ids(payload, SENT) == frozenset(SENT)


def test_named_failures_stay_and_the_others_are_done():
    """Exactly the named messages are left."""
    payload = b'{"batchItemFailures": [{"itemIdentifier": "c"}, {"itemIdentifier": "a"}]}'
    assert failed_ids(payload, SENT) == {"a", "c"}


def test_a_batch_is_split_before_it_is_larger_than_an_event_may_be():
    """Every message is in exactly one event, in order, and no event is over 6 MB although the texts need escapes."""
    messages = [message(str(number), '"' * 1_000_000) for number in range(10)]
    split = list(events(messages, ARN))
    assert len(split) > 1
    assert all(len(payload) <= MAX_REQUEST_BYTES for payload, _ in split)
    assert [each["MessageId"] for _, taken in split for each in taken] == [str(number) for number in range(10)]
    for payload, taken in split:
        records = json.loads(payload)["Records"]
        assert [record["body"] for record in records] == [each["Body"] for each in taken]


def test_no_message_is_no_event():
    """An empty receive invokes nobody."""
    assert list(events([], ARN)) == []
