"""The replay function on small fakes: a queue, a dead-letter queue, a bucket and a bus in memory."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from hookwatch.ingest.model import Envelope
from hookwatch.ingest.parked import Parked, encode
from hookwatch.ingest.publish import Publisher
from hookwatch.ingest.stored import Stored
from hookwatch.recover.replay_app import App
from hookwatch.recover.replay_batch import Batch
from hookwatch.recover.replay_claim import CheckIn
from hookwatch.recover.replay_log import ReplayLog
from hookwatch.recover.replay_one import Claim, Replayer
from hookwatch.recover.replay_queue import ParkingQueue
from support import Bus, Clock, Context

QUEUE, DLQ, BUCKET = "https://sqs/parked", "https://sqs/parked-dlq", "bucket"
KEY = "parked/2026-11-27/github/d-1.json"
NOW_MS = 1_764_288_000_000
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
# White space, an odd number, an escape that need not be there: a replay must leave all of it alone.
PAYLOAD = '"ref": "refs/heads/main" ,\n"n":12345678901234567890.10,"e":"\\u00e9\\/"'
DETAIL = f'{{"hookwatch":{{"provider":"github","delivery_id":"d-1","kind":null}},{PAYLOAD}}}'


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def parked(number: int = 1, detail: str = DETAIL, **more: Any) -> Parked:
    """A parked push of GitHub's."""
    envelope = Envelope("github.com", "push", detail, (f"hookwatch:github:delivery/d-{number}",), f"k-{number}", 1_000)
    event = Parked(envelope, "github", f"d-{number}", "throttled", "ThrottlingException", "hookwatch", TRACE, 900, 950)
    return replace(event, **more)


def in_bucket(rig: Rig, detail: str = DETAIL, **more: Any) -> Parked:
    """The same with its detail in the bucket."""
    body = detail.encode()
    rig.s3.objects[BUCKET, KEY] = body
    where = Stored(BUCKET, KEY, len(body), hashlib.sha256(body).hexdigest())
    event = parked(stored=replace(where, **more))
    return replace(event, envelope=replace(event.envelope, detail=""))


@dataclass
class Sqs:
    """The two calls that the replay makes of SQS."""

    dead: list[dict[str, Any]] = field(default_factory=list)
    delays: dict[str, int] = field(default_factory=dict)
    send_error: Exception | None = None
    delay_error: Exception | None = None
    refused: frozenset[str] = frozenset()

    def send_message(self, **sent: Any) -> dict[str, Any]:
        if self.send_error is not None:
            raise self.send_error
        self.dead.append(sent)
        return {"MessageId": "m"}

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        assert QueueUrl == QUEUE
        assert 1 <= len(Entries) <= 10
        if self.delay_error is not None:
            raise self.delay_error
        done = [entry for entry in Entries if entry["ReceiptHandle"] not in self.refused]
        self.delays |= {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in done}
        return {"Successful": [{"Id": entry["Id"]} for entry in done]}


@dataclass
class S3:
    """Objects by bucket and key."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    error: Exception | None = None

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        if self.error is not None:
            raise self.error
        self.objects[Bucket, Key] = Body
        return {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        if self.error is not None:
            raise self.error
        if (Bucket, Key) not in self.objects:
            raise refusal("NoSuchKey")
        body = self.objects[Bucket, Key]
        return {"ContentLength": len(body), "Body": io.BytesIO(body)}


class Rig:
    """The whole function with everything real but AWS."""

    def __init__(self, bus: Bus | None = None, *, claim: Claim | None = None, max_entry_bytes: int = 1_000_000) -> None:
        self.bus = bus or Bus()
        self.sqs, self.s3, self.clock = Sqs(), S3(), Clock()
        publisher = Publisher("my-bus", self.bus, lambda *_, **__: None, max_entry_bytes, self.clock.sleep)
        self.replayer = Replayer(
            publish=publisher.publish,
            objects=self.s3,
            bucket=BUCKET,
            claim=claim,
            max_entry_bytes=max_entry_bytes,
            clock=self.clock,
            now_ms=lambda: NOW_MS,
        )
        self.queue = ParkingQueue(self.sqs, QUEUE, DLQ, lambda: 0.0)
        self.app = App(Batch(self.replayer, self.queue, ReplayLog()), self.clock)

    def check_in(self, max_entry_bytes: int) -> None:
        """Let what is too large be checked in as on Lambda."""
        self.replayer = replace(self.replayer, claim=CheckIn(BUCKET, lambda: self.s3, max_entry_bytes))
        self.app = App(Batch(self.replayer, self.queue, ReplayLog()), self.clock)

    def __call__(self, *bodies: str | Parked, receives: int = 1, remaining_ms: int = 30_000) -> list[str]:
        """Replay bodies; the numbers of those that the queue has to keep."""
        records = [
            {
                "messageId": f"m-{number}",
                "receiptHandle": f"r-{number}",
                "body": body if isinstance(body, str) else encode(body),
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(bodies, 1)
        ]
        answer = self.app({"Records": records}, Context(remaining_ms))
        assert json.loads(json.dumps(answer)) == answer
        assert list(answer) == ["batchItemFailures"]
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


TIMEOUT = ReadTimeoutError(endpoint_url="https://events")
