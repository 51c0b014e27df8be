"""An event that waits in the parking queue, as the text of one SQS message. Pure: sends nothing, receives nothing.

The detail is embedded as the text that would have gone onto the bus, byte for byte but for white space around it, and
never encoded again. What SQS cannot hold stands in the bucket and is named here.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (read 2026-11-27)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import msgspec

from hookwatch.config import EventFormat  # noqa: TC001 - msgspec reads the annotations when it runs
from hookwatch.ingest import payload
from hookwatch.ingest.budget import MAX_MESSAGE_BYTES
from hookwatch.ingest.model import Envelope
from hookwatch.ingest.stored import Stored

FORMAT = "parked/1"

# Every other character makes SQS refuse the message with InvalidMessageContents.
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHITE_SPACE = " \t\n\r"
_SHA256 = re.compile(r"[0-9a-f]{64}")
# No event is older than the epoch, and EventBridge's clock is no wider than this: the last millisecond of 9999.
_LAST_MS = 253_402_300_799_999

Fault = Literal["not_json", "not_ours", "version", "shape", "detail_or_stored"]


@dataclass(frozen=True, slots=True)
class Parked:
    """An event in parking.

    Attributes:
        envelope: what goes onto the bus; its detail is empty where the bucket has it.
        provider: whose it is.
        delivery_id: the provider's name for the delivery.
        reason: why the bus did not take it.
        error_code: the code that AWS gave, where it gave one.
        event_format: what `detail` looks like: whether it has our own key.
        trace: the X-Ray trace that it belongs to.
        first_seen_ms: when the provider sent it, milliseconds since the epoch.
        parked_ms: when it was parked.
        stored: where the detail is, if it is not in the envelope.
    """

    envelope: Envelope
    provider: str
    delivery_id: str
    reason: str
    error_code: str | None
    event_format: EventFormat
    trace: str | None
    first_seen_ms: int
    parked_ms: int
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A message that is no parked event, and never will be one.

    Attributes:
        reason: what is wrong with it; never a text out of the message.
        provider: whose it says it is, if it says so.
    """

    reason: Fault
    provider: str | None = None


class _Stored(msgspec.Struct):
    bucket: str
    key: str
    bytes: int
    sha256: str


class _Head(msgspec.Struct):
    hookwatch: str = ""
    provider: str | None = None


class _Message(msgspec.Struct):
    provider: str
    delivery_id: str
    source: str
    detail_type: str
    resources: list[str]
    time_ms: int
    key: str
    trace: str | None
    first_seen_ms: int
    parked_ms: int
    reason: str
    error_code: str | None
    event_format: EventFormat
    detail: msgspec.Raw = msgspec.Raw()
    stored: _Stored | None = None


_head = msgspec.json.Decoder(_Head)
_message = msgspec.json.Decoder(_Message)


def encode(parked: Parked) -> str:
    """The message's text."""
    envelope = parked.envelope
    message: dict[str, object] = {
        "hookwatch": FORMAT,
        "provider": parked.provider,
        "delivery_id": parked.delivery_id,
        "source": envelope.source,
        "detail_type": envelope.detail_type,
        "resources": envelope.resources,
        "time_ms": envelope.time_ms,
        "key": envelope.key,
        "trace": parked.trace,
        "first_seen_ms": parked.first_seen_ms,
        "parked_ms": parked.parked_ms,
        "reason": parked.reason,
        "error_code": parked.error_code,
        "event_format": parked.event_format,
    }
    if parked.stored is None:
        message["detail"] = msgspec.Raw(envelope.detail.strip(_WHITE_SPACE).encode())
    else:
        message["stored"] = parked.stored.document()
    return payload.encode(message)


def fits_into_sqs(text: str) -> bool:
    """Whether SQS takes this text as one message."""
    return payload.utf8_length((text,)) <= MAX_MESSAGE_BYTES and _REFUSED.search(text) is None


def decode(text: str) -> Parked | Damaged:
    """Read a message back. Never raises, whatever the text is."""
    try:
        head = _head.decode(text)
    except msgspec.ValidationError:
        return Damaged("not_ours")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Damaged("not_json")
    if head.hookwatch != FORMAT:
        return Damaged("version" if head.hookwatch.startswith("parked/") else "not_ours", head.provider)
    try:
        message = _message.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return Damaged("shape", head.provider)
    return _parked(message)


def _parked(message: _Message) -> Parked | Damaged:
    detail, where = bytes(message.detail), message.stored
    if bool(detail) == (where is not None):
        return Damaged("detail_or_stored", message.provider)
    if detail and payload.fields(detail) is None:
        return Damaged("shape", message.provider)
    times = (message.time_ms, message.first_seen_ms, message.parked_ms)
    if not all(0 <= each <= _LAST_MS for each in times):
        return Damaged("shape", message.provider)
    if where is not None and (where.bytes < 0 or not _SHA256.fullmatch(where.sha256)):
        return Damaged("shape", message.provider)
    try:
        # What msgspec passes over unread may hold bytes that are no text.
        text = str(detail, "utf-8")
    except UnicodeError:
        return Damaged("shape", message.provider)
    return Parked(
        Envelope(
            message.source,
            message.detail_type,
            text,
            tuple(message.resources),
            message.key,
            message.time_ms,
            len(detail) if detail else None,
        ),
        message.provider,
        message.delivery_id,
        message.reason,
        message.error_code,
        message.event_format,
        message.trace,
        message.first_seen_ms,
        message.parked_ms,
        None if where is None else Stored(where.bucket, where.key, where.bytes, where.sha256),
    )
