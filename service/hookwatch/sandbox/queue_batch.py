"""A batch of messages as the function gets it, and which of them its answer leaves in the queue.

Never receives, invokes or deletes: values in, values out. The record's form and the rules of partial answers:
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, both read 2026-11-27.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import REGION
from hookwatch.sandbox.lambda_function import encode_event
from hookwatch.sandbox.lambda_model import MAX_REQUEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

ENVELOPE_BYTES = len('{"Records":[]}')


def events(messages: Sequence[Mapping[str, Any]], queue_arn: str) -> Iterator[tuple[bytes, list[Mapping[str, Any]]]]:
    """Yield each event as JSON with its messages; one that would be over 6 MB is split, as Lambda does."""
    records: list[bytes] = []
    taken: list[Mapping[str, Any]] = []
    size_bytes = ENVELOPE_BYTES
    for message in messages:
        record = encode_event(_record(message, queue_arn))
        if records and size_bytes + len(record) + 1 > MAX_REQUEST_BYTES:
            yield _event(records), taken
            records, taken, size_bytes = [], [], ENVELOPE_BYTES
        records.append(record)
        taken.append(message)
        size_bytes += len(record) + 1
    if records:
        yield _event(records), taken


def failed_ids(payload: bytes, sent: Collection[str]) -> frozenset[str]:
    """Return which messages a function that reports failures one by one leaves in the queue.

    No answer, `null`, `{}` and an empty list are success; whatever is malformed, or names a message that was not sent,
    fails the whole batch.
    """
    everything = frozenset(sent)
    try:
        answer = json.loads(payload or b"null")
    except (ValueError, RecursionError):
        return everything
    if not answer and answer in (None, {}):
        return frozenset()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else ()
    if failures is None:
        return frozenset()
    if not isinstance(answer, dict) or not isinstance(failures, list):
        return everything
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    if not all(isinstance(name, str) and name in everything for name in named):
        return everything
    return frozenset(str(name) for name in named)


def _event(records: list[bytes]) -> bytes:
    return b'{"Records":[' + b",".join(records) + b"]}"


def _record(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        shown["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return {**shown, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
