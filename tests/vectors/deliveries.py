"""Function URL events and a pipeline without AWS, for tests of the providers. Opens no connection."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookwatch.config import LoopPolicy
from hookwatch.ingest import function_url
from hookwatch.ingest.loops import SubjectRate
from hookwatch.ingest.model import Notes, Refusal, Result
from hookwatch.ingest.pipeline import Pipeline
from hookwatch.ingest.publish import Published
from hookwatch.ingest.secrets import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hookwatch.config import EventFormat
    from hookwatch.ingest.model import Envelope, Provider, Stage

HOST = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"


def function_url_event(
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    method: str = "POST",
    host: str = HOST,
    path: str = "/",
    query: str = "",
    as_text: bool = False,
) -> dict[str, Any]:
    """An event of payload format 2.0, with the body as base64 or, where Lambda would, as text."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": host, **{name.lower(): value for name, value in headers.items()}},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": HOST.partition(".")[0],
            "domainName": host.partition(":")[0],
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "requestId": "00000000-0000-0000-0000-000000000000",
            "timeEpoch": 1_795_342_530_000,
        },
        "body": body.decode() if as_text else b64encode(body).decode("ascii"),
        "isBase64Encoded": not as_text,
    }


@dataclass(slots=True)
class Ring:
    """Keys that are simply there, and a count of how often somebody wanted one."""

    current_key: bytes
    older: tuple[tuple[Stage, bytes], ...] = ()
    reads: int = 0

    def failure(self) -> str | None:
        """Nothing ever fails."""
        return None

    def unread(self) -> str | None:
        """Every key is at hand."""
        return None

    def current(self) -> bytes | Refusal:
        """The current key."""
        self.reads += 1
        return self.current_key

    def keys(self, current: bytes, deadline: Deadline) -> Iterator[tuple[Stage, bytes]]:
        """Current first."""
        yield "AWSCURRENT", current
        yield from self.older

    def reread(self, deadline: Deadline) -> bool:
        """There is nothing newer to read."""
        return False


@dataclass(slots=True)
class Bus:
    """Takes every envelope."""

    envelopes: list[Envelope] = field(default_factory=list)

    def publish(self, envelopes: Sequence[Envelope], deadline: Deadline) -> Published:
        """Keep them."""
        self.envelopes.extend(envelopes)
        return Published(tuple(f"event-{number}" for number, _ in enumerate(envelopes)), 1)


@dataclass(slots=True)
class Receiver:
    """A provider behind a Function URL, with keys in hand and a bus that never refuses."""

    provider: Provider
    key: bytes
    shared_key: bytes = b"shared key"
    event_format: EventFormat = "hookwatch"
    bus: Bus = field(default_factory=Bus)
    ring: Ring = field(init=False)

    def __post_init__(self) -> None:
        """Put the key onto its ring."""
        self.ring = Ring(self.key)

    def receive(self, event: Mapping[str, Any]) -> Result:
        """Take one event through parsing and the pipeline."""
        delivery = function_url.parse(event, 1_795_342_531_000)
        if isinstance(delivery, Refusal):
            return Result(delivery.outcome, delivery.reason)
        pipeline = Pipeline(
            provider=self.provider,
            keyrings={"webhook": self.ring, "shared_key": Ring(self.shared_key)},
            publish=self.bus.publish,
            event_format=self.event_format,
            max_entry_bytes=1_000_000,
            clock=time.monotonic,
            rate=SubjectRate(LoopPolicy(), time.monotonic),
        )
        return pipeline.run(delivery, Deadline(time.monotonic() + 8, time.monotonic), Notes())
