"""Verified Twilio parameters as events for the bus. Verifies nothing; drops no parameter.

`detail` is what AWS's quick start sends: the parameters as one JSON object, `Payload` parsed where `PayloadType` says
that it is JSON. Added: a parameter that comes several times is a list, and our own key names the kind.
Parameters: https://www.twilio.com/docs/messaging/guides/webhook-request, .../voice/api/call-resource#statuscallback,
.../usage/troubleshooting/debugging-event-webhooks, .../events/webhook-quickstart (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

import msgspec

from hookwatch.ingest import payload
from hookwatch.ingest.loops import is_own
from hookwatch.ingest.model import HEARTBEAT, Accepted, Cause, Envelope, Refusal
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.config import EventFormat, LoopPolicy
    from hookwatch.ingest.model import Delivery

SOURCE = "twilio.com"
DETAIL_TYPE = "twilio-webhook-lambda"

Kind = Literal[
    "message.inbound",
    "message.status",
    "call.inbound",
    "call.status",
    "debugger",
    "event-stream",
    "hookwatch_heartbeat",
    "other",
]

_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
# A call has many webhooks, all with its CallSid. These parameters belong to those that come in its course, even while
# it still rings: <Gather>, <Dial>, <Enqueue>, recordings, conferences. twilio.com/docs/voice/twiml (read 2026-11-22)
_IN_COURSE = frozenset(
    {"Digits", "SpeechResult", "DialCallStatus", "QueueSid", "RecordingSid", "ConferenceSid", "StatusCallbackEvent"}
)
_ID = re.compile(r"[0-9A-Za-z._:-]{1,128}")
_TOKEN = re.compile(r"[0-9A-Za-z-]{1,64}")


def kind(parameters: Mapping[str, object]) -> Kind:
    """What kind of webhook these parameters make."""
    if HEARTBEAT in parameters:
        return "hookwatch_heartbeat"
    if "PayloadType" in parameters or ("Payload" in parameters and "Level" in parameters):
        return "debugger"
    if "CallSid" in parameters:
        status = parameters.get("CallStatus")
        if "CallbackSource" in parameters or status in _ENDED:
            return "call.status"
        incoming = parameters.get("Direction", "inbound") == "inbound" and _IN_COURSE.isdisjoint(parameters)
        return "call.inbound" if incoming else "other"
    if "MessageSid" in parameters or "SmsSid" in parameters:
        if "Body" in parameters or parameters.get("SmsStatus") == "received":
            return "message.inbound"
        return "message.status" if "MessageStatus" in parameters or "SmsStatus" in parameters else "other"
    return "other"


def accepted(
    delivery: Delivery, body: bytes, pairs: Sequence[tuple[str, str]], event_format: EventFormat, loops: LoopPolicy
) -> Accepted | Refusal:
    """One event from form or query parameters."""
    detail: dict[str, object] = {}
    for name, value in pairs:
        before = detail.get(name)
        if name not in detail:
            detail[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            detail[name] = [before, value]
    this = kind(detail)
    natural = _natural_id(this, detail)
    delivery_id = natural or _fallback_id(delivery, body)
    cause = _cause(this, detail, loops)
    content = detail.get("Payload")
    if detail.get("PayloadType") == "application/json" and isinstance(content, str) and payload.is_json(content):
        nested = msgspec.Raw(content.encode())
        if payload.too_deep({"Payload": nested}):
            return Refusal(Outcome.MALFORMED, "nested_too_deep")
        detail["Payload"] = nested
    if event_format == "hookwatch":
        # Ours comes last into the object, so that a parameter of this name cannot pass for it.
        detail[payload.OUR_KEY] = {**_ours(delivery, body, this, delivery_id), "own_actor": cause.own}
    envelope = _envelope(delivery, payload.encode(detail), delivery_id)
    return Accepted((envelope,), this, None, delivery_id, cause)


def from_json(delivery: Delivery, body: bytes, event_format: EventFormat) -> Accepted | Refusal:
    """One event from a JSON object, or one event per element of an Event Streams array."""
    try:
        text = body.decode()
    except UnicodeError:
        return Refusal(Outcome.MALFORMED, "not_utf8")
    texts = payload.items(text) if text.lstrip()[:1] == "[" else [text]
    if not texts:
        return Refusal(Outcome.MALFORMED, "not_a_json_object")
    envelopes: list[Envelope] = []
    kinds: set[Kind] = set()
    for position, each in enumerate(texts):
        top = payload.fields(each)
        if top is None:
            return Refusal(Outcome.MALFORMED, "not_a_json_object")
        if payload.too_deep(top):
            return Refusal(Outcome.MALFORMED, "nested_too_deep")
        this: Kind = "event-stream" if "specversion" in top and "id" in top else "other"
        kinds.add(this)
        event_id = payload.string(top.get("id"))
        natural = event_id if event_id and _ID.fullmatch(event_id) else None
        delivery_id = natural or f"{_fallback_id(delivery, body)}.{position}"
        if event_format == "hookwatch":
            each = payload.with_key(each, top, _ours(delivery, body, this, delivery_id))  # noqa: PLW2901 - same text
        envelopes.append(_envelope(delivery, each, delivery_id))
    stream = kinds.pop() if len(kinds) == 1 else "other"
    first = envelopes[0].resources[0].rpartition("/")[2]
    return Accepted(tuple(envelopes), stream, None, first if len(envelopes) == 1 else _fallback_id(delivery, body))


def _cause(this: Kind, detail: Mapping[str, object], loops: LoopPolicy) -> Cause:
    """Two phone numbers are a subject. Only an inbound message or call from one of our own numbers is our own doing.

    A status callback always comes from our own number: it tells of a message, it does not answer one.
    """
    sender, receiver = detail.get("From"), detail.get("To")
    if not isinstance(sender, str) or not isinstance(receiver, str):
        return Cause()
    own = this in ("message.inbound", "call.inbound") and is_own(loops, sender)
    return Cause(f"{this} {sender} {receiver}", private=True, own=own)


def _natural_id(this: Kind, detail: Mapping[str, object]) -> str | None:
    """What is the same when Twilio sends the same thing again, and only then; None where the parameters do not say."""
    message = _text(detail, "MessageSid", "SmsSid")
    match this:
        case "message.status":
            parts = [message, _text(detail, "MessageStatus", "SmsStatus")]
        case "message.inbound":
            parts = [message]
        case "call.status" if "CallbackSource" in detail or "SequenceNumber" in detail:
            parts = [_text(detail, "CallSid"), _text(detail, "CallStatus")]
            if "SequenceNumber" in detail:
                parts.append(_text(detail, "SequenceNumber"))
        case "call.inbound" if detail.get("CallStatus", "ringing") == "ringing":
            # Once it is answered its TwiML may redirect it to us again, any number of times.
            parts = [_text(detail, "CallSid")]
        case "debugger":
            parts = [_text(detail, "Sid")]
        case _:
            # Also the end of a call that a verb's action tells of: other verbs' actions tell of the same end.
            return None
    natural = ":".join(part or "" for part in parts)
    return natural if all(parts) and _ID.fullmatch(natural) else None


def _text(detail: Mapping[str, object], *names: str) -> str | None:
    """The first of these parameters that is there, once and not blank."""
    return next((value for name in names if isinstance(value := detail.get(name), str) and value), None)


def _fallback_id(delivery: Delivery, body: bytes) -> str:
    token = delivery.headers.get("i-twilio-idempotency-token", "")
    if _TOKEN.fullmatch(token):
        return token
    return f"sha256-{hashlib.sha256(delivery.query.encode('utf-8', 'surrogatepass') + body).hexdigest()[:32]}"


def _ours(delivery: Delivery, body: bytes, this: Kind, delivery_id: str) -> dict[str, object]:
    return {
        "provider": "twilio",
        "delivery_id": delivery_id,
        "kind": this,
        "received_at": delivery.received_at_ms,
        "body_sha256": hashlib.sha256(body).hexdigest(),
    }


def _envelope(delivery: Delivery, detail: str, delivery_id: str) -> Envelope:
    return Envelope(
        SOURCE,
        DETAIL_TYPE,
        detail,
        (f"hookwatch:twilio:delivery/{delivery_id}",),
        f"twilio:{delivery_id}",
        delivery.received_at_ms,
    )
