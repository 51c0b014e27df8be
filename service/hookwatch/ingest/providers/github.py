"""GitHub webhooks. Never looks into a body whose signature has not been proven, and never trusts a header after that.

Headers, signature and limits: https://docs.github.com/en/webhooks/webhook-events-and-payloads and
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from hookwatch.config import LoopPolicy
from hookwatch.ingest import payload
from hookwatch.ingest.loops import is_own
from hookwatch.ingest.model import Accepted, Answer, Cause, Delivery, Envelope, Refusal, Signature
from hookwatch.ingest.providers.github_events import CHARACTERISTIC_KEYS
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.config import EventFormat, Settings

SOURCE = "github.com"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# The detail-type is the event name: EventBridge takes at most 128 characters, GitHub uses lower case and underscores.
_EVENT = re.compile(r"[a-z0-9_]{1,128}")
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_ID = re.compile(r"[0-9A-Za-z._-]{1,128}")
_HOST = re.compile(r"[0-9A-Za-z.:_-]{1,253}")
# The longest `action` GitHub has is far shorter; a longer text is data and has no place in a log line.
_ACTION = re.compile(r"[a-z0-9_]{1,64}")

# Our key in `detail` -> the header it comes from. None of these headers is signed: good for finding a delivery again,
# not for deciding who sent it.
_KEPT_HEADERS = (
    ("hook_id", "x-github-hook-id", _ID),
    ("target_type", "x-github-hook-installation-target-type", _ID),
    ("target_id", "x-github-hook-installation-target-id", _ID),
    ("enterprise_host", "x-github-enterprise-host", _HOST),
    ("enterprise_version", "x-github-enterprise-version", _ID),
)


# Events of one thing that a person or a bot acts on; a loop goes round and round it.
_NUMBERED = ("issue", "pull_request", "discussion")
MAX_SUBJECT_CHARACTERS = 128


class Named(msgspec.Struct):
    """The one field of a repository that makes a subject."""

    full_name: str = ""


class Actor(msgspec.Struct):
    """The one field of a user."""

    login: str = ""


class Numbered(msgspec.Struct):
    """The one field of an issue, a pull request or a discussion."""

    number: int = 0


class GitHub:
    """Verifies and wraps GitHub's deliveries."""

    name = "github"
    success: Answer | None = None

    def __init__(self, loops: LoopPolicy = LoopPolicy()) -> None:  # noqa: B008 - a frozen value
        """Make the provider from what was configured."""
        self._loops = loops

    def claim(self, delivery: Delivery) -> Signature | Refusal:
        """Read `X-Hub-Signature-256`; a SHA-1 signature alone counts as none."""
        header = delivery.headers.get("x-hub-signature-256")
        if not header:
            legacy = "x-hub-signature" in delivery.headers
            return Refusal(Outcome.UNSIGNED, "sha1_only" if legacy else "signature_missing")
        shape = _SIGNATURE.fullmatch(header)
        if shape is None:
            return Refusal(Outcome.UNSIGNED, "signature_shape")
        return Signature(bytes.fromhex(shape[1]), "sha256")

    def signed(self, delivery: Delivery, body: bytes) -> Sequence[bytes] | Refusal:  # noqa: ARG002 - the protocol's
        """The raw body is all that GitHub signs."""
        return (body,)

    def accept(self, delivery: Delivery, body: bytes, event_format: EventFormat) -> Accepted | Refusal:
        """Check that the payload can be the event that the unsigned header names, and wrap it."""
        if delivery.method != "POST":
            return _malformed("method")
        text = _payload_text(delivery, body)
        if isinstance(text, Refusal):
            return text
        # msgspec reads bytes as they are and has to encode text first.
        top = payload.fields(body if delivery.media_type == JSON else text)
        if top is None:
            return _malformed("not_a_json_object")
        if payload.too_deep(top):
            return _malformed("nested_too_deep")
        event = delivery.headers.get("x-github-event", "")
        if not _EVENT.fullmatch(event):
            return _malformed("event_header")
        if any(key not in top for key in CHARACTERISTIC_KEYS.get(event, ())):
            return _malformed("event_does_not_fit_payload")
        action = payload.string(top.get("action"))
        delivery_id = self.hint(delivery.headers)[1] or f"sha256-{hashlib.sha256(body).hexdigest()[:32]}"
        cause = self._cause(event, top)
        detail, detail_bytes = text, len(body) if delivery.media_type == JSON else None
        if event_format == "hookwatch":
            ours = {**self._ours(delivery, body, event, delivery_id), "own_actor": cause.own}
            detail = payload.with_key(text, top, ours)
            # What we add is plain ASCII; only a payload that had our key already is another text than before.
            if detail_bytes is not None:
                detail_bytes = None if payload.OUR_KEY in top else detail_bytes + len(detail) - len(text)
        hook_id = _kept(delivery.headers, "x-github-hook-id", _ID)
        envelope = Envelope(
            SOURCE,
            event,
            detail,
            (f"hookwatch:github:delivery/{delivery_id}",),
            f"github:{hook_id or '-'}:{delivery_id}",
            delivery.received_at_ms,
            detail_bytes,
        )
        known_action = action if action and _ACTION.fullmatch(action) else None
        return Accepted((envelope,), event, known_action, delivery_id, cause)

    def hint(self, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Event name and delivery GUID, if they look like what GitHub sends."""
        event = headers.get("x-github-event", "")
        return event if _EVENT.fullmatch(event) else None, _kept(headers, "x-github-delivery", _ID)

    def _cause(self, event: str, top: payload.Fields) -> Cause:
        repository, sender = payload.part(top.get("repository"), Named), payload.part(top.get("sender"), Actor)
        login = sender.login if sender else ""
        subject = repository.full_name if repository else ""
        number = next((found.number for key in _NUMBERED if (found := payload.part(top.get(key), Numbered))), 0)
        ref = payload.string(top.get("ref"))
        subject += f"#{number}" if number else f"@{ref}" if ref else f" {event}"
        return Cause(f"{subject} {login}".strip()[:MAX_SUBJECT_CHARACTERS], own=is_own(self._loops, login))

    def _ours(self, delivery: Delivery, body: bytes, event: str, delivery_id: str) -> dict[str, object]:
        ours: dict[str, object] = {"provider": self.name, "delivery_id": delivery_id, "kind": event}
        for key, header, shape in _KEPT_HEADERS:
            value = _kept(delivery.headers, header, shape)
            if value is not None:
                ours[key] = value
        ours["received_at"] = delivery.received_at_ms
        ours["body_sha256"] = hashlib.sha256(body).hexdigest()
        return ours


def provider(settings: Settings) -> GitHub:
    """Make the provider."""
    return GitHub(settings.loops)


def _payload_text(delivery: Delivery, body: bytes) -> str | Refusal:
    """The JSON text: the body itself, or the form field `payload`."""
    media_type = delivery.media_type
    if media_type not in (JSON, FORM):
        return _malformed("media_type")
    try:
        if media_type == JSON:
            return body.decode() if delivery.is_base64 else delivery.text
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=16)
    except UnicodeError:
        return _malformed("not_utf8")
    except ValueError:
        return _malformed("form_fields")
    if len(pairs) != 1 or pairs[0][0] != "payload":
        return _malformed("form_without_one_payload")
    return pairs[0][1]


def _kept(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str | None:
    value = headers.get(name, "")
    return value if shape.fullmatch(value) else None


def _malformed(reason: str) -> Refusal:
    return Refusal(Outcome.MALFORMED, reason)
