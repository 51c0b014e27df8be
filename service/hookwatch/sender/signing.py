"""Signatures of outgoing webhooks: values in, headers out. Never verifies and never sends.

GitHub: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries (read 2026-11-22).
Twilio: https://www.twilio.com/docs/usage/security#validating-requests (read 2026-11-22), and the values that
twilio-python 9.13.0 computes.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Algorithm = Literal["HMAC_SHA1", "HMAC_SHA256"]

_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


def sign_github(body: bytes, secret: str) -> dict[str, str]:
    """The signature headers of a GitHub delivery; GitHub sends the old SHA-1 one beside the one that counts."""
    key = secret.encode()
    return {
        "X-Hub-Signature": f"sha1={hmac.digest(key, body, 'sha1').hex()}",
        "X-Hub-Signature-256": f"sha256={hmac.digest(key, body, 'sha256').hex()}",
    }


def sign_twilio(
    url: str,
    content: Sequence[tuple[str, str]] | bytes,
    token: str,
    *,
    algorithm: Algorithm = "HMAC_SHA1",
    key_id: str | None = None,
) -> dict[str, str]:
    """The signature headers of a Twilio webhook.

    Args:
        url: the URL as it is requested, query included; userinfo and fragment are left out of what is signed.
        content: form parameters in any order, or the bytes of a JSON body, whose hash the URL must then carry.
        token: the account's auth token, or the secret of the SharedKey.
        algorithm: what the SharedKey signs with; an auth token always signs with HMAC_SHA1.
        key_id: the SharedKey's id, which Twilio names in a header of its own; None for the auth token.

    Raises:
        ValueError: a JSON body whose URL does not carry its hash: Twilio never sends one. See `with_body_hash`.
    """
    signed = _signed_url(url)
    if isinstance(content, bytes):
        if body_hash(content) not in signed:
            raise ValueError("the URL of a JSON body must carry its bodySHA256: see with_body_hash")
    else:
        # A set: Twilio signs each pair once however often it comes. Sorted by code point, names before values.
        signed += "".join(name + value for name, value in sorted(set(content)))
    digest = hmac.digest(token.encode(), signed.encode(), _DIGESTS[algorithm])
    headers = {"X-Twilio-Signature": b64encode(digest).decode("ascii")}
    if key_id is not None:
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={key_id},algorithm={algorithm}"
    return headers


def with_body_hash(url: str, body: bytes) -> str:
    """The URL that Twilio requests for a JSON body: the query ends in the body's hash."""
    page, _, _ = url.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{body_hash(body)}"


def body_hash(body: bytes) -> str:
    """The query parameter that vouches for a body."""
    return f"bodySHA256={hashlib.sha256(body).hexdigest()}"


def _signed_url(url: str) -> str:
    page, _, _ = url.partition("#")
    scheme, separator, rest = page.partition("://")
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    return f"{scheme}{separator}{rest[:end].rpartition('@')[2]}{rest[end:]}"
