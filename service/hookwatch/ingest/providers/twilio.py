"""Twilio webhooks. Never believes a JSON body that its URL does not vouch for, nor an algorithm that a header names.

How Twilio signs: https://www.twilio.com/docs/usage/security#validating-requests (read 2026-11-22) and twilio-python
9.13.0, which is the oracle of the tests. Two things are inherent to the scheme: it has no timestamp, so only
deduplication protects from replays, and names and values are joined without delimiters.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from hookwatch.config import LoopPolicy
from hookwatch.ingest.model import Accepted, Answer, Delivery, Refusal, Signature
from hookwatch.ingest.providers.twilio_events import accepted, from_json
from hookwatch.ingest.providers.twilio_url import candidates
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.config import EventFormat, Settings, SharedKey
    from hookwatch.ingest.model import Hash

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

# An empty TwiML document is the one answer that is right on every Twilio URL: text would be sent to the caller as a
# message or read aloud, JSON is logged as error 12300. https://www.twilio.com/docs/api/errors/12300 (read 2026-11-22)
EMPTY_TWIML = Answer("text/xml; charset=utf-8", '<?xml version="1.0" encoding="UTF-8"?><Response/>')

# Twilio sends some tens of parameters; the bound keeps an unverified form from costing more than a hash would.
MAX_PARAMETERS = 1000

_DIGEST_BYTES = {20: "sha1", 32: "sha256"}
_HASHES: Mapping[str, Hash] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_TOKEN = re.compile(r"[0-9A-Za-z-]{1,64}")
_METHODS = frozenset({"GET", "POST"})


class Twilio:
    """Verifies and wraps Twilio's webhooks."""

    name = "twilio"
    success: Answer | None = EMPTY_TWIML

    def __init__(
        self,
        public_url: str | None,
        shared_key: SharedKey | None,
        loops: LoopPolicy = LoopPolicy(),  # noqa: B008 - a frozen value
    ) -> None:
        """Make the provider from what was configured."""
        self._loops = loops
        self._public_url = public_url
        self._shared_key = shared_key

    def claim(self, delivery: Delivery) -> Signature | Refusal:
        """Read `X-Twilio-Signature`, whose algorithm follows from our configuration."""
        header = delivery.headers.get("x-twilio-signature")
        if not header:
            return Refusal(Outcome.UNSIGNED, "signature_missing")
        try:
            digest = b64decode(header.encode("ascii"), validate=True)
        except (NotBase64, ValueError):
            return Refusal(Outcome.UNSIGNED, "signature_shape")
        # Only the one spelling that Twilio sends: base64 has spare bits, and a changed header must not pass.
        if len(digest) not in _DIGEST_BYTES or b64encode(digest).decode() != header:
            return Refusal(Outcome.UNSIGNED, "signature_shape")
        named = _signature_settings(delivery.headers.get("x-twilio-webhooks-signature-settings", ""))
        algorithm, keyring = self._pinned(named)
        if algorithm is None:
            return Refusal(Outcome.BAD_SIGNATURE, "shared_key_not_configured")
        if _DIGEST_BYTES[len(digest)] != algorithm:
            return Refusal(Outcome.BAD_SIGNATURE, "algorithm_not_allowed")
        return Signature(digest, algorithm, keyring)

    def _pinned(self, named: Mapping[str, str]) -> tuple[Hash | None, str]:
        """The algorithm and keyring for a settings header, which only chooses among what we pinned."""
        if not named.get("key") and named.get("algorithm") in (None, "", "HMAC_SHA1"):
            return "sha1", "webhook"
        shared = self._shared_key
        if shared is None or named.get("key") != shared.key_id:
            return None, ""
        if named.get("algorithm", shared.algorithm) != shared.algorithm:
            return None, ""
        return _HASHES[shared.algorithm], "shared_key"

    def signed(self, delivery: Delivery, body: bytes) -> Sequence[bytes] | Refusal:
        """Every URL that Twilio may have been given, followed by the form's parameters."""
        suffix = ""
        vouched = _body_hash(delivery.query)
        if vouched is not None:
            if vouched != hashlib.sha256(body).hexdigest():
                return Refusal(Outcome.BAD_SIGNATURE, "body_hash_mismatch")
        elif body and delivery.media_type != FORM:
            return Refusal(Outcome.BAD_SIGNATURE, "body_hash_missing")
        if body and delivery.media_type == FORM:
            form = _form(body)
            if form is None:
                return Refusal(Outcome.BAD_SIGNATURE, "form_unreadable")
            suffix = "".join(name + value for name, value in sorted(set(form)))
        tail = suffix.encode("utf-8", "surrogatepass")
        return tuple(url.encode("utf-8", "surrogatepass") + tail for url in candidates(delivery, self._public_url))

    def accept(self, delivery: Delivery, body: bytes, event_format: EventFormat) -> Accepted | Refusal:
        """Name the kind of webhook and wrap it."""
        if delivery.method not in _METHODS:
            return Refusal(Outcome.MALFORMED, "method")
        pairs: list[tuple[str, str]] | None
        if not body:
            pairs = _pairs(delivery.query)
        elif delivery.media_type == FORM:
            pairs = _form(body)
        elif delivery.media_type == JSON:
            return from_json(delivery, body, event_format)
        else:
            return Refusal(Outcome.MALFORMED, "media_type")
        if pairs is None:
            return Refusal(Outcome.MALFORMED, "form_unreadable")
        return accepted(delivery, body, pairs, event_format, self._loops)

    def hint(self, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Twilio names no event in a header; its idempotency token is the nearest to a delivery id."""
        token = headers.get("i-twilio-idempotency-token", "")
        return None, token if _TOKEN.fullmatch(token) else None


def provider(settings: Settings) -> Twilio:
    """Make the provider."""
    return Twilio(settings.public_url, settings.shared_key, settings.loops)


def _form(body: bytes) -> list[tuple[str, str]] | None:
    try:
        return _pairs(body.decode())
    except UnicodeError:
        return None


def _pairs(text: str) -> list[tuple[str, str]] | None:
    """Names and values as Twilio signs them: blanks count, nothing is trimmed."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None


def _body_hash(query: str) -> str | None:
    """The hash that the URL vouches for; a URL that names two vouches for neither."""
    if "bodySHA256=" not in query:
        return None
    hashes = [value for name, value in _pairs(query) or () if name == "bodySHA256"]
    return hashes[0] if len(hashes) == 1 else ""


def _signature_settings(header: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for part in header.split(","):
        name, separator, value = part.partition("=")
        if separator:
            named[name.strip()] = value.strip()
    return named
