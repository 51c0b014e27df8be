"""What is asked of SQS, S3 and DynamoDB is what their APIs take: checked by botocore's own models and error parsing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.stub import ANY, Stubber

from hookwatch.ingest import bucket, parking
from hookwatch.ingest.bucket import Bucket
from hookwatch.ingest.calls import Failed
from hookwatch.ingest.dedupe_table import DedupeTable
from hookwatch.ingest.duplicates import Duplicates
from hookwatch.ingest.kept import Missing
from hookwatch.ingest.model import Accepted, Envelope, Notes, Refusal
from hookwatch.ingest.parking import Parking
from hookwatch.ingest.secrets import Deadline
from hookwatch.outcomes import Outcome
from support import QUEUE_URL

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVELOPE = Envelope(
    "github.com", "push", '{"a":"é"}', ("hookwatch:github:delivery/id-1",), "github:1:id-1", 1_700_000_000_000
)
ACCEPTED = Accepted((ENVELOPE,), "push", None, "id-1")
WHY = Refusal(Outcome.PUBLISH_THROTTLED, "throttled", "ThrottlingException")


@pytest.fixture
def clients() -> Iterator[dict[str, Any]]:
    """Real clients, which check what they are asked, and stubs that answer for AWS."""
    session = botocore.session.get_session()
    made = {name: session.create_client(name, region_name="eu-west-1") for name in ("sqs", "s3", "dynamodb")}
    stubs = {f"{name} stub": Stubber(client) for name, client in made.items()}
    for stub in stubs.values():
        stub.activate()
    yield {**made, **stubs}
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def soon() -> Deadline:
    return Deadline(time.monotonic() + 60, time.monotonic)


def test_messages_and_objects_are_what_sqs_and_s3_take(clients: dict[str, Any]):
    """One message, many messages, and one by reference: each request fits its API."""
    taken = {"Successful": [{"Id": str(n), "MessageId": "m", "MD5OfMessageBody": "0"} for n in range(2)], "Failed": []}
    clients["sqs stub"].add_response("send_message", {}, {"QueueUrl": QUEUE_URL, "MessageBody": ANY})
    clients["sqs stub"].add_response("send_message_batch", taken, {"QueueUrl": QUEUE_URL, "Entries": ANY})
    clients["s3 stub"].add_response(
        "put_object", {}, {"Bucket": "claims", "Key": ANY, "Body": ENVELOPE.detail.encode(), "ContentType": ANY}
    )
    store = Bucket("claims", "github", lambda: clients["s3"])
    parks = Parking(QUEUE_URL, "github", "hookwatch", store, lambda: clients["sqs"])
    assert parks.park([Missing(ENVELOPE, WHY)], soon()) is None
    assert parks.park([Missing(ENVELOPE, WHY)] * 2, soon()) is None
    assert not isinstance(store.put("claims", ENVELOPE, soon()), Failed)


@pytest.mark.parametrize("durable", [True, False])
def test_records_are_what_dynamodb_takes(clients: dict[str, Any], durable: bool):
    """Beginning and ending a delivery are requests that fit the API."""
    table = clients["dynamodb stub"]
    table.add_response("put_item", {})
    table.add_response("update_item" if durable else "delete_item", {})
    remembers = Duplicates(DedupeTable("hooks-seen", "github", 3_600, clients["dynamodb"]))
    notes = Notes()
    entry = remembers.begin(ACCEPTED, "0" * 64, soon(), notes)
    assert entry is not None
    remembers.end(entry, soon(), notes, durable=durable)
    assert notes.dedupe_error is None


@pytest.mark.parametrize("tells_old", [True, False])
def test_a_record_that_is_there_is_understood(clients: dict[str, Any], tells_old: bool):
    """DynamoDB's refusal of a condition, with and without the item that was in the way, is a duplicate."""
    now_s = int(time.time())
    item = {
        "id": {"S": "github#0"},
        "status": {"S": "COMPLETED"},
        "expiration": {"N": str(now_s + 100)},
        "in_progress_expiration": {"N": str(now_s * 1000)},
    }
    table = clients["dynamodb stub"]
    table.add_client_error(
        "put_item", "ConditionalCheckFailedException", modeled_fields={"Item": item} if tells_old else None
    )
    if not tells_old:
        table.add_response("get_item", {"Item": item}, {"TableName": "hooks-seen", "Key": ANY, "ConsistentRead": True})
    remembers = Duplicates(DedupeTable("hooks-seen", "github", 3_600, clients["dynamodb"]))
    assert remembers.begin(ACCEPTED, "0" * 64, soon(), Notes()) is None


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("sqs", "send_message", "AccessDenied", 403),
        ("sqs", "send_message", "AWS.SimpleQueueService.NonExistentQueue", 400),
        ("s3", "put_object", "NoSuchBucket", 404),
        ("s3", "put_object", "AccessDenied", 403),
    ],
)
def test_what_will_not_pass_is_asked_once(
    clients: dict[str, Any], service: str, operation: str, code: str, status: int
):
    """A refusal is a value with AWS's code, and costs one call."""
    clients[f"{service} stub"].add_client_error(operation, code, http_status_code=status)
    store = Bucket("claims", "github", lambda: clients["s3"])
    parks = Parking(QUEUE_URL, "github", "hookwatch", store, lambda: clients["sqs"])
    failed = parks.park([Missing(ENVELOPE, WHY)], soon()) if service == "sqs" else store.put("claims", ENVELOPE, soon())
    assert isinstance(failed, Failed)
    assert failed.code == code


def test_clients_never_take_longer_than_the_budget_says():
    """Neither queue, bucket nor table waits for 100-continue or retries by itself: the budget counts one attempt."""
    parking.sqs_client.cache_clear()
    bucket.s3_client.cache_clear()
    made = (parking.sqs_client(), bucket.s3_client(), DedupeTable("t-seen", "github", 1)._client)
    for client, total_s in zip(made, (1.2, 1.8, 0.6), strict=True):
        config = client.meta.config
        assert config.connect_timeout + config.read_timeout == pytest.approx(total_s)
        assert config.retries["total_max_attempts"] == 1
    headers: list[dict[str, str]] = []

    def stop(request: Any, **_: object) -> None:
        headers.append(dict(request.headers))
        raise ConnectionError

    made[1].meta.events.register("before-send.s3.PutObject", stop)
    with pytest.raises(ConnectionError):
        made[1].put_object(Bucket="claims", Key="k", Body=b"x")
    assert "Expect" not in headers[0]
