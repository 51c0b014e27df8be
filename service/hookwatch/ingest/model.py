"""The values that a delivery passes through, and what a provider must be able to do. No input, no output, no AWS."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.config import EventFormat, Settings
    from hookwatch.ingest.loops import Suspicion
    from hookwatch.outcomes import Outcome

Stage = Literal["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]
Hash = Literal["sha1", "sha256"]

# The event type of what our own canary sends: a GitHub event name, and a Twilio parameter that makes its kind.
HEARTBEAT = "hookwatch_heartbeat"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that does not go on.

    Attributes:
        outcome: the row of the table that it ends in.
        reason: why, from a free but fixed vocabulary; never a value that the caller chose.
        error_code: the code that AWS gave, where AWS refused.
    """

    outcome: Outcome
    reason: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request of a provider, exactly as it came. Its body is not decoded until somebody asks.

    Attributes:
        method: the HTTP method in capitals.
        scheme: `https` on AWS, `http` in the sandbox.
        host: the host that was asked for, with its port if it named one.
        path: the path as requested, percent-encoding untouched.
        query: the query string as requested, without the question mark; empty if there is none.
        headers: names in lower case.
        text: the body as Lambda handed it over.
        is_base64: whether `text` is base64 of the body.
        request_id: Lambda's id of this request.
        source_ip: the caller's address.
        received_at_ms: when it arrived, milliseconds since the epoch.
    """

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    text: str
    is_base64: bool
    request_id: str
    source_ip: str
    received_at_ms: int

    def body(self) -> bytes | None:
        """The body's bytes as the provider sent them; None if Lambda calls it base64 and it is not."""
        if not self.is_base64:
            # A str that holds lone surrogates cannot have come from real bytes; it becomes bytes that no key signed.
            return self.text.encode("utf-8", "surrogatepass")
        try:
            return b64decode(self.text, validate=True)
        except (NotBase64, ValueError):
            return None

    @property
    def media_type(self) -> str:
        """The media type in lower case without its parameters; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Signature:
    """What the caller claims: a digest of the right shape. Proves nothing yet.

    Attributes:
        digest: the claimed digest.
        algorithm: the hash under the HMAC; chosen by the provider's rule or by configuration, never by the caller.
        keyring: which keys may have made it.
    """

    digest: bytes
    algorithm: Hash
    keyring: str = "webhook"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as it goes to the bus.

    Attributes:
        source: EventBridge `source`.
        detail_type: EventBridge `detail-type`.
        detail: one JSON object as text.
        resources: EventBridge `resources`.
        key: what is the same when the provider sends this event again.
        time_ms: when it was received, milliseconds since the epoch.
        detail_bytes: the length of `detail` in UTF-8, where it is known without encoding it.
        trace: the X-Ray trace that it belongs to, where that is not the running one's: a parked event keeps its own.
    """

    source: str
    detail_type: str
    detail: str
    resources: tuple[str, ...]
    key: str
    time_ms: int
    detail_bytes: int | None = None
    trace: str | None = None

    @property
    def delivery_id(self) -> str:
        """The delivery's name as it stands in `resources`; of many events in one delivery each has its own."""
        return self.resources[0].rpartition("/")[2] if self.resources else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who and what a verified delivery is about, as its payload says.

    Attributes:
        subject: what loops would go round: repository, number and sender, or two phone numbers; empty if there is none.
        private: whether the subject must not be logged as it is.
        own: whether one of our own actors caused it.
    """

    subject: str = ""
    private: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verified delivery, ready for the bus.

    Attributes:
        envelopes: what to publish, in order; an Event Streams request carries many, every other one.
        event_type: what the provider calls this kind of event.
        action: the payload's own `action`, if it has one.
        delivery_id: the provider's name for this delivery.
        cause: who and what it is about, for noticing loops.
    """

    envelopes: tuple[Envelope, ...]
    event_type: str
    action: str | None
    delivery_id: str
    cause: Cause = Cause()


@dataclass(slots=True)
class Notes:
    """What telemetry may know of a delivery, written down as it becomes known. Nothing personal has a place here."""

    event_type: str | None = None
    action: str | None = None
    delivery_id: str | None = None
    key_stage: Stage | None = None
    payload_bytes: int | None = None
    entry_bytes: int | None = None
    events: int | None = None
    event_id: str | None = None
    secret_error: str | None = None
    parking_error: str | None = None
    claim_error: str | None = None
    dedupe_error: str | None = None
    subject: str | None = None
    loop: Suspicion | None = None
    attempts: int | None = None
    verify_ms: float | None = None
    secret_ms: float | None = None
    publish_ms: float | None = None
    keep_ms: float | None = None
    dedupe_ms: float | None = None
    total_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a delivery ended: everything that the answer, the log line, the metrics and the trace are made of."""

    outcome: Outcome
    reason: str | None = None
    error_code: str | None = None
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer, where a provider wants another one than ours."""

    content_type: str
    body: str


class Provider(Protocol):
    """What one file under `providers/` must offer. All of it is pure: the same values in, the same values out.

    The order is the order of a delivery: `claim` looks at headers only, `signed` says which bytes a valid key must
    have signed, and `accept` runs only after a key has.
    """

    name: str
    success: Answer | None

    def claim(self, delivery: Delivery) -> Signature | Refusal:
        """Read the signature's shape from the headers. Must not touch the body."""

    def signed(self, delivery: Delivery, body: bytes) -> Sequence[bytes] | Refusal:
        """The messages of which one must have been signed, likeliest first."""

    def accept(self, delivery: Delivery, body: bytes, event_format: EventFormat) -> Accepted | Refusal:
        """Turn a verified delivery into events for the bus."""

    def hint(self, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Event type and delivery id as unverified headers claim them, for telemetry; None where they look odd."""


class ProviderFactory(Protocol):
    """The function `provider` of every file under `providers/`."""

    def __call__(self, settings: Settings) -> Provider:
        """Make the provider for these settings."""
