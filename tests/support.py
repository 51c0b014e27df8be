"""Small fakes and builders that several test files share. Each stands for one real part and does one thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from hookwatch.config import LoopPolicy
from hookwatch.ingest.app import App
from hookwatch.ingest.bucket import Bucket
from hookwatch.ingest.claim_check import ClaimCheck
from hookwatch.ingest.dedupe_table import DedupeTable
from hookwatch.ingest.duplicates import Duplicates
from hookwatch.ingest.keeper import Keeper
from hookwatch.ingest.loops import SubjectRate
from hookwatch.ingest.parking import Parking
from hookwatch.ingest.pipeline import Pipeline
from hookwatch.ingest.providers.github import GitHub
from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.ingest.publish import Publisher
from hookwatch.ingest.safekeeping import Safekeeping
from hookwatch.ingest.secrets import Keyring, Watch
from hookwatch.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

    from hookwatch.config import EventFormat, SharedKey

SECRET = "It's a Secret to Everybody"
TOKEN = "12345"
HOST = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
URL = f"https://{HOST}/"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/hooks-parked"
NOW_MS = 1_700_000_000_500


class Clock:
    """Seconds that go forward only when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class SecretsManager:
    """Secrets Manager's two calls, as aws-secretsmanager-caching makes them."""

    def __init__(self, **stages: str | None) -> None:
        """Each stage's text, such as AWSCURRENT="..."; None is a version without a text."""
        self.stages = dict(stages)
        self.error: Exception | None = None
        self.calls: list[str] = []

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self.calls.append("DescribeSecret")
        if self.error is not None:
            raise self.error
        return {"ARN": SecretId, "VersionIdsToStages": {f"{stage:-<32}": [stage] for stage in self.stages}}

    def get_secret_value(self, SecretId: str, VersionId: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self.calls.append("GetSecretValue")
        if self.error is not None:
            raise self.error
        text = self.stages[VersionId.rstrip("-")]
        return {"ARN": SecretId} if text is None else {"ARN": SecretId, "SecretString": text}


class Bus:
    """PutEvents: answers what it was told to, entry by entry or as a whole, and then says yes."""

    def __init__(self, *answers: Exception | Sequence[str | None]) -> None:
        """Each answer is an exception for the whole call, or an error code (None is success) for each entry."""
        self.answers = list(answers)
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self.calls.append(Entries)
        answer = self.answers.pop(0) if self.answers else [None] * len(Entries)
        if isinstance(answer, Exception):
            raise answer
        return {
            "FailedEntryCount": sum(code is not None for code in answer),
            "Entries": [
                {"EventId": f"event-{len(self.calls)}-{at}"} if code is None else {"ErrorCode": code}
                for at, code in enumerate(answer)
            ],
        }

    @property
    def published(self) -> list[dict[str, Any]]:
        """Every entry that was ever sent."""
        return [entry for call in self.calls for entry in call]


class Queue:
    """SQS's two ways to send: takes everything, or answers with the errors that it was given, one a call."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.calls: list[str] = []
        self.bodies: list[str] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("SendMessage")
        self.bodies.append(MessageBody)
        return {"MessageId": "m"}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("SendMessageBatch")
        self.bodies += [entry["MessageBody"] for entry in Entries]
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every message in the queue, parsed."""
        return [json.loads(body) for body in self.bodies]


class Objects:
    """S3's PutObject: stores everything, or answers with the errors that it was given, one a call."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.stored: dict[str, bytes] = {}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.stored[f"{Bucket}/{Key}"] = Body
        return {"ETag": "e"}


class Table:
    """DynamoDB's four calls as the function makes them, or the errors that it was given, one a call."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.calls: list[str] = []
        self.items: dict[str, dict[str, dict[str, str]]] = {}
        # DynamoDB gives the item that was in the way; an emulator may not.
        self.tells_old = True

    def get_item(self, TableName: str, Key: Any, ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("GetItem")
        assert ConsistentRead, "an old answer would let a duplicate pass"
        item = self.items.get(Key["id"]["S"])
        return {"Item": dict(item)} if item else {}

    def put_item(self, Item: Any, ExpressionAttributeValues: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("PutItem")
        before, values = self.items.get(Item["id"]["S"]), ExpressionAttributeValues
        if before is not None:
            left = before["status"] == values[":in_progress"] and "in_progress_expiration" in before
            killed = left and int(before["in_progress_expiration"]["N"]) < int(values[":now_ms"]["N"])
            if not killed and int(before["expiration"]["N"]) >= int(values[":now"]["N"]):
                raise self._refused("PutItem", before if self.tells_old else None)
        self.items[Item["id"]["S"]] = Item
        return {}

    def update_item(self, Key: Any, ExpressionAttributeValues: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("UpdateItem")
        values = {name.removeprefix(":"): value for name, value in ExpressionAttributeValues.items()}
        self.items[Key["id"]["S"]] = {**self.items.get(Key["id"]["S"], Key), **values}
        return {}

    def delete_item(self, Key: Any, ExpressionAttributeValues: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        self._answer("DeleteItem")
        item = self.items.get(Key["id"]["S"])
        if item is None or item["status"] != ExpressionAttributeValues[":in_progress"]:
            raise self._refused("DeleteItem", None)
        del self.items[Key["id"]["S"]]
        return {}

    @property
    def statuses(self) -> list[str]:
        """What is remembered of each delivery."""
        return [item["status"]["S"] for item in self.items.values()]

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error

    def _refused(self, call: str, before: Any) -> ClientError:
        response: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
        return ClientError(response | ({"Item": before} if before else {}), call)


class Context:
    """What Lambda hands over beside the event."""

    def __init__(self, remaining_ms: int = 9000) -> None:
        self.aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._remaining_ms


@dataclass
class Stand:
    """A whole app on fakes."""

    app: App
    bus: Bus
    secrets: SecretsManager
    clock: Clock
    provider: GitHub | Twilio
    debug: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return self.app(event, Context())


def stand(
    provider: GitHub | Twilio | None = None,
    *,
    bus: Bus | None = None,
    secrets: SecretsManager | None = None,
    event_format: EventFormat = "hookwatch",
    max_entry_bytes: int = 1_000_000,
    loops: LoopPolicy = LoopPolicy(),  # noqa: B008 - a frozen value
    queue: Any = None,
    objects: Any = None,
    table: Any = None,
    clock: Clock | None = None,
) -> Stand:
    """An app with everything real but AWS; without queue, bucket or table nothing is kept or remembered."""
    provider = provider or GitHub(loops)
    bus = bus or Bus()
    secrets = secrets or SecretsManager(AWSCURRENT=SECRET if isinstance(provider, GitHub) else TOKEN)
    clock = clock or Clock()
    telemetry = Telemetry(provider.name)
    keyring = Keyring("arn:secret", secrets, clock, Watch())
    publisher = Publisher("default", bus, telemetry.detail, max_entry_bytes, clock.sleep)
    bucket = Bucket("claims", provider.name, lambda: objects, clock.sleep) if objects is not None else None
    parking = Parking(QUEUE_URL, provider.name, event_format, bucket, lambda: queue, clock.sleep, lambda: NOW_MS)
    safekeeping = Safekeeping(
        publisher.publish,
        parking if queue is not None else None,
        ClaimCheck(bucket, event_format, max_entry_bytes) if bucket else None,
    )
    pipeline = Pipeline(
        provider=provider,
        keyrings={"webhook": keyring, "shared_key": keyring},
        publish=publisher.publish,
        event_format=event_format,
        max_entry_bytes=max_entry_bytes,
        clock=clock,
        rate=SubjectRate(loops, clock),
        drop_own=loops.drop_own,
        keeper=Keeper(lambda: safekeeping, queue=queue is not None, bucket=objects is not None),
        memory=Duplicates(DedupeTable("hooks-seen", provider.name, 3600, table), clock.sleep) if table else None,
    )
    return Stand(App(pipeline, telemetry, clock), bus, secrets, clock, provider)


def twilio(
    public_url: str | None = None,
    shared_key: SharedKey | None = None,
    loops: LoopPolicy = LoopPolicy(),  # noqa: B008 - a frozen value
) -> Twilio:
    """Twilio's provider."""
    return Twilio(public_url, shared_key, loops)


def url_event(
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    is_base64: bool | None = None,
    host: str = HOST,
) -> dict[str, Any]:
    """A Function URL event, payload 2.0, as AWS builds it from a request."""
    sent = {"host": host, "x-forwarded-proto": "https", "user-agent": "GitHub-Hookshot/044aadd", **(headers or {})}
    if is_base64 is None:
        is_base64 = not sent.get("content-type", "").lower().startswith(("application/json", "text/"))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {
            "accountId": "anonymous",
            "domainName": host,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "stage": "$default",
            "timeEpoch": 1_700_000_000_000,
        },
        "isBase64Encoded": is_base64,
    }
    if body:
        event["body"] = base64.b64encode(body).decode() if is_base64 else body.decode("utf-8", "surrogatepass")
    return event


def github_signature(body: bytes, secret: str = SECRET) -> str:
    """`X-Hub-Signature-256` by the documented recipe, independent of the code under test."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github_event(payload: object, event: str = "push", *, secret: str = SECRET, **headers: str) -> dict[str, Any]:
    """A signed GitHub delivery; `payload` is an object to encode, or raw bytes."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return url_event(
        body,
        {
            "content-type": "application/json",
            "x-github-event": event,
            "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "x-hub-signature-256": github_signature(body, secret),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def twilio_signature(url: str, params: Sequence[tuple[str, str]] = (), token: str = TOKEN) -> str:
    """`X-Twilio-Signature` by the documented recipe, independent of the code under test."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def twilio_event(
    params: Sequence[tuple[str, str]], *, url: str = URL, token: str = TOKEN, method: str = "POST", **headers: str
) -> dict[str, Any]:
    """A signed Twilio form webhook to `url`."""
    path, _, query = url.removeprefix(f"https://{HOST}").partition("?")
    return url_event(
        urlencode(params).encode(),
        {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "x-twilio-signature": twilio_signature(url, params, token),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        method=method,
        path=path or "/",
        query=query,
    )


def twilio_json_event(document: object, *, url: str = URL, token: str = TOKEN) -> dict[str, Any]:
    """A signed Twilio JSON webhook: the URL vouches for the body's hash."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    return url_event(
        body,
        {"content-type": "application/json", "x-twilio-signature": twilio_signature(f"{url}?{query}", (), token)},
        query=query,
    )


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Every line that was logged, parsed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Return as soon as a condition holds; fail if it does not within the time."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            raise AssertionError(f"not within {timeout_s} s")
        time.sleep(0.02)


# The SDKs look for a region and for credentials when a client is made, and find them here and nowhere else.
AWS_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def set_aws_environment() -> None:
    """Keep every test away from real accounts."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update(AWS_ENVIRONMENT)
