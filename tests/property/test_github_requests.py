from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookwatch.ingest.providers.github import GitHub
from hookwatch.outcomes import Outcome
from hookwatch.sender import sign_github
from vectors.deliveries import Receiver, function_url_event
from vectors.hostile import BODIES, HEADERS, JSON_VALUES, MEDIA_TYPES, METHODS, NASTY_BODIES, RAW_TEXT

SECRET = "It's a Sécret to Everybody ☃"
QUIET = settings(max_examples=250, deadline=None)
REFUSED = {Outcome.UNSIGNED, Outcome.BAD_SIGNATURE}
PUSH = {"X-GitHub-Event": "push", "Content-Type": "application/json"}


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} is on the bus, and EventBridge takes no such JSON")


def strictly(detail: str) -> dict[str, Any]:
    """The detail as EventBridge would read it."""
    detail.encode("utf-8")
    value = json.loads(detail, parse_constant=not_json, parse_int=str, parse_float=str)
    assert isinstance(value, dict)
    return value


@QUIET
@given(
    body=BODIES,
    media_type=MEDIA_TYPES,
    headers=HEADERS,
    method=METHODS,
    path=RAW_TEXT,
    query=RAW_TEXT,
    push=st.booleans(),
)
def test_signed_request_ends_in_a_value(
    *, body: bytes, media_type: str, headers: dict[str, str], method: str, path: str, query: str, push: bool
) -> None:
    """Whatever is signed, with whatever headers, method, path and query: accepted or malformed, never an error."""
    named = {"X-GitHub-Event": "push"} if push else {}
    sent = {**headers, **named, "content-type": media_type, **sign_github(body, SECRET)}
    receiver = Receiver(GitHub(), SECRET.encode())
    result = receiver.receive(function_url_event(headers=sent, body=body, method=method, path=path, query=query))
    assert result.outcome in {Outcome.ACCEPTED, Outcome.MALFORMED, Outcome.TOO_LARGE}, result
    for envelope in receiver.bus.envelopes:
        detail = strictly(envelope.detail)
        assert detail["hookwatch"]["provider"] == "github"
        assert 1 <= len(envelope.detail_type) <= 128


def test_nasty_bodies_end_in_a_value_each() -> None:
    """Every body of the collection, signed as a push in JSON and as a form, is a value; what is published is JSON."""
    for body in NASTY_BODIES:
        for media_type in ("application/json", "application/x-www-form-urlencoded"):
            sent = {**PUSH, "Content-Type": media_type, **sign_github(body, SECRET)}
            for as_text in (False, True) if _is_utf8(body) else (False,):
                receiver = Receiver(GitHub(), SECRET.encode())
                result = receiver.receive(function_url_event(headers=sent, body=body, as_text=as_text))
                assert result.outcome in {Outcome.ACCEPTED, Outcome.MALFORMED}, (body[:60], result)
                for envelope in receiver.bus.envelopes:
                    detail = strictly(envelope.detail)
                    assert detail["hookwatch"]["provider"] == "github", body[:60]
                    assert envelope.detail.count('"hookwatch"') == 1, body[:60]


@QUIET
@given(
    body=BODIES,
    signature=st.none() | st.text(max_size=80) | st.from_regex(r"\Asha256=[0-9a-fA-F]{60,66}\Z"),
    headers=HEADERS,
    media_type=MEDIA_TYPES,
)
@example(body=b"{}", signature="sha256=" + "é" * 64, headers={}, media_type="application/json")
@example(body=b"{}", signature="sha256=" + "٣" * 64, headers={}, media_type="application/json")
@example(body=b"{}", signature="sha256=" + "0" * 64 + "\n", headers={}, media_type="application/json")
@example(body=b"{}", signature="", headers={}, media_type="application/json")
def test_unproven_request_is_refused(
    body: bytes, signature: str | None, headers: dict[str, str], media_type: str
) -> None:
    """Without the key's own signature nothing reaches the bus, and without its shape not even the secret is read."""
    sent = {**headers, "content-type": media_type}
    if signature is not None:
        sent["x-hub-signature-256"] = signature
    receiver = Receiver(GitHub(), SECRET.encode())
    result = receiver.receive(function_url_event(headers=sent, body=body))
    assert result.outcome in REFUSED
    assert not receiver.bus.envelopes
    assert (result.outcome is Outcome.UNSIGNED) == (receiver.ring.reads == 0)


@QUIET
@given(payload=st.dictionaries(st.text(max_size=10), JSON_VALUES, max_size=5), form=st.booleans(), base64=st.booleans())
def test_sign_then_verify_holds(payload: dict[str, Any], form: bool, base64: bool) -> None:
    """What the sender signs is accepted as JSON and as form, as base64 and as text, and comes out as it went in."""
    payload = {**payload, "ref": "refs/heads/main"}
    payload.pop("hookwatch", None)
    text = json.dumps(payload)
    body = urlencode({"payload": text}).encode() if form else text.encode()
    media_type = "application/x-www-form-urlencoded" if form else "application/json"
    sent = {**PUSH, "Content-Type": media_type, **sign_github(body, SECRET)}
    receiver = Receiver(GitHub(), SECRET.encode())
    result = receiver.receive(function_url_event(headers=sent, body=body, as_text=not base64))
    assert result.outcome is Outcome.ACCEPTED, result
    detail = json.loads(receiver.bus.envelopes[0].detail)
    assert detail.pop("hookwatch")["kind"] == "push"
    assert detail == payload


@QUIET
@given(body=st.binary(min_size=1, max_size=120), bit=st.integers(min_value=0))
def test_flipped_bit_in_the_body_is_refused(body: bytes, bit: int) -> None:
    """One bit of the body turned over after signing: refused."""
    sent = {**PUSH, **sign_github(body, SECRET)}
    receiver = Receiver(GitHub(), SECRET.encode())
    assert receiver.receive(function_url_event(headers=sent, body=flip(body, bit))).outcome is Outcome.BAD_SIGNATURE


@QUIET
@given(body=st.binary(max_size=40), bit=st.integers(min_value=0))
def test_flipped_bit_in_the_signature_is_refused(body: bytes, bit: int) -> None:
    """One bit of the signature header turned over: refused, whatever letter it makes."""
    signature = flip(sign_github(body, SECRET)["X-Hub-Signature-256"].encode(), bit).decode("latin-1")
    receiver = Receiver(GitHub(), SECRET.encode())
    sent = {**PUSH, "X-Hub-Signature-256": signature}
    assert receiver.receive(function_url_event(headers=sent, body=body)).outcome in REFUSED


@QUIET
@given(secret=st.binary(min_size=1, max_size=80), bit=st.integers(min_value=0))
def test_flipped_bit_in_the_secret_is_refused(secret: bytes, bit: int) -> None:
    """A key that differs from the signer's in one bit verifies nothing."""
    body = b'{"ref":"x"}'
    receiver = Receiver(GitHub(), flip(secret, bit))
    sent = {**PUSH, **sign_github(body, secret.hex())}
    assert receiver.receive(function_url_event(headers=sent, body=body)).outcome is Outcome.BAD_SIGNATURE
    receiver = Receiver(GitHub(), flip(secret.hex().encode(), bit))
    assert receiver.receive(function_url_event(headers=sent, body=body)).outcome is Outcome.BAD_SIGNATURE
    receiver = Receiver(GitHub(), secret.hex().encode())
    assert receiver.receive(function_url_event(headers=sent, body=body)).outcome is Outcome.ACCEPTED


def flip(data: bytes, bit: int) -> bytes:
    at = bit % (len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeError:
        return False
    return True
