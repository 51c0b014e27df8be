"""One outgoing webhook as values: URL, headers, body. Never opens a connection.

Headers as GitHub and Twilio send them: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
and https://www.twilio.com/docs/usage/webhooks/getting-started-twilio-webhooks (read 2026-11-22).
"""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from hookwatch.sender.forging import Forgery
from hookwatch.sender.signing import sign_github, sign_twilio, with_body_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sender.examples import Example, Form

_HOOK_ID = "292430182"
_REPOSITORY_ID = "79929171"
_SID_DIGITS = 32

# Parameters that name one message, call or alert. A delivery with the ids of another is that other one sent again,
# so every delivery of an example gets ids of its own.
_IDS = frozenset({"MessageSid", "SmsSid", "SmsMessageSid", "CallSid", "Sid"})


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request that is ready to be sent.

    Attributes:
        url: what to request.
        headers: header names as the provider spells them.
        body: the body's bytes.
        delivery_id: the provider's own name for this delivery: GUID or idempotency token.
    """

    url: str
    headers: dict[str, str]
    body: bytes
    delivery_id: str


def github_request(
    url: str, example: Example, secret: str, forgery: Forgery = Forgery.NONE, *, more: Mapping[str, str] | None = None
) -> OutgoingRequest:
    """A GitHub delivery with a GUID of its own.

    Args:
        url: where the hook points.
        example: what to send.
        secret: the hook's secret.
        forgery: what to get wrong.
        more: further headers, such as the credentials of the URL.

    Raises:
        TypeError: the example is a form, which no GitHub payload here is.
    """
    if not isinstance(example.content, bytes):
        raise TypeError("a GitHub payload is JSON")
    delivery_id = str(uuid.uuid4())
    body = example.content
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": f"GitHub-Hookshot/{secrets.token_hex(4)[:7]}",
        "X-GitHub-Delivery": delivery_id,
        "X-GitHub-Event": example.event,
        "X-GitHub-Hook-ID": _HOOK_ID,
        "X-GitHub-Hook-Installation-Target-ID": _REPOSITORY_ID,
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        **(more or {}),
    }
    if forgery is not Forgery.UNSIGNED:
        headers |= sign_github(body, _key(secret, forgery))
    # A blank at the end is as good JSON as before: only the signature can tell.
    return OutgoingRequest(url, headers, body + b" " if forgery is Forgery.TAMPERED else body, delivery_id)


def twilio_request(
    url: str, example: Example, token: str, forgery: Forgery = Forgery.NONE, *, more: Mapping[str, str] | None = None
) -> OutgoingRequest:
    """A Twilio webhook with an idempotency token of its own: a form, or JSON whose hash the URL carries.

    Args:
        url: the webhook's URL; a fragment (connection overrides) is left out, as Twilio does.
        example: what to send; an example of ours gets new ids, so that no two deliveries are the same.
        token: the account's auth token.
        forgery: what to get wrong.
        more: further headers, such as the credentials of the URL.
    """
    delivery_id = str(uuid.uuid4())
    content = _renewed(example.content) if example.fresh else example.content
    url = url.partition("#")[0]
    if isinstance(content, bytes):
        url = with_body_hash(url, content)
        media_type, body, change = "application/json", content, b" "
    else:
        media_type = "application/x-www-form-urlencoded"
        body, change = urlencode(content).encode("ascii"), b"&Tampered=1"
    headers = {
        "Accept": "*/*",
        "Content-Type": f"{media_type}; charset=utf-8",
        "I-Twilio-Idempotency-Token": delivery_id,
        "User-Agent": "TwilioProxy/1.1",
        **(more or {}),
    }
    if forgery is not Forgery.UNSIGNED:
        headers |= sign_twilio(url, content, _key(token, forgery))
    return OutgoingRequest(url, headers, body + change if forgery is Forgery.TAMPERED else body, delivery_id)


def _key(secret: str, forgery: Forgery) -> str:
    return secrets.token_hex(20) if forgery is Forgery.WRONG_SECRET else secret


def _renewed(content: bytes | Form) -> bytes | Form:
    """The same content with new ids; equal ids stay equal."""
    if isinstance(content, bytes):
        events: list[dict[str, Any]] = json.loads(content)
        renewed = [event | {"id": _new_sid("EZ")} for event in events]
        return json.dumps(renewed, separators=(",", ":")).encode("ascii")
    new: dict[str, str] = {}
    return tuple(
        (name, new.setdefault(value, _new_sid(value[:2])) if name in _IDS and value else value)
        for name, value in content
    )


def _new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(_SID_DIGITS // 2)
