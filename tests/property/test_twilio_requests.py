from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import Outcome
from hookwatch.sender import sign_twilio, with_body_hash
from hookwatch.sender.signing import body_hash
from vectors.deliveries import HOST, Receiver, function_url_event
from vectors.hostile import BODIES, HEADERS, JSON_VALUES, MEDIA_TYPES, METHODS, NASTY_BODIES, RAW_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "12345"
QUIET = settings(max_examples=250, deadline=None)
REFUSED = {Outcome.UNSIGNED, Outcome.BAD_SIGNATURE}
FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.sampled_from(["From", "Body", "MessageSid", "CallSid", "Digits", "Payload", "PayloadType", "B", "a"]) | TEXT
PARAMS = st.lists(st.tuples(NAMES, TEXT), min_size=1, max_size=8)
URL = f"https://{HOST}/"


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} is on the bus, and EventBridge takes no such JSON")


def details(receiver: Receiver, number: Callable[[str], object] = int) -> list[dict[str, Any]]:
    """The details as EventBridge would read them; Python's own limit on the digits of a number is not EventBridge's."""
    texts = [envelope.detail for envelope in receiver.bus.envelopes]
    assert all(text.encode("utf-8") for text in texts)
    return [json.loads(text, parse_constant=not_json, parse_int=number) for text in texts]


def flip(data: bytes, bit: int) -> bytes:
    at = bit % (len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


def pairs_of(body: bytes) -> set[tuple[str, str]] | None:
    try:
        return set(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        return None


@QUIET
@given(
    body=BODIES,
    media_type=MEDIA_TYPES,
    headers=HEADERS,
    method=METHODS,
    path=RAW_TEXT.map(lambda text: "/" + text),
    query=RAW_TEXT,
    vouched=st.booleans(),
)
def test_signed_request_ends_in_a_value(
    *, body: bytes, media_type: str, headers: dict[str, str], method: str, path: str, query: str, vouched: bool
) -> None:
    """Whatever is signed, with whatever headers, method, path and query: it ends in an outcome, never in an error."""
    if vouched:
        query = f"{query}&{body_hash(body)}"
    form = (
        pairs_of(body) if media_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded" else None
    )
    url = f"https://{HOST}{path}" + (f"?{query}" if query else "")
    assume(url.isprintable() and "#" not in url and "@" not in url)
    content = sorted(form or ())
    sent = {**headers, "content-type": media_type, **sign_twilio(url, content, TOKEN)}
    sent.pop("x-twilio-webhooks-signature-settings", None)
    sent.pop("x-forwarded-proto", None)
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    result = receiver.receive(function_url_event(headers=sent, body=body, method=method, path=path, query=query))
    assert result.outcome in {Outcome.ACCEPTED, Outcome.MALFORMED, Outcome.BAD_SIGNATURE}
    if result.outcome is Outcome.ACCEPTED and body and form is None:
        assert body_hash(body) in query, "a body that the URL does not vouch for was accepted"
    assert all(detail["hookwatch"]["provider"] == "twilio" for detail in details(receiver, str))


def test_nasty_bodies_end_in_a_value_each() -> None:
    """Every body of the collection, well signed as JSON and as a form, is a value; what is published is JSON."""
    for body in NASTY_BODIES:
        url = with_body_hash(URL, body)
        as_json = {"Content-Type": JSON, **sign_twilio(url, body, TOKEN)}
        as_form = {"Content-Type": FORM, **sign_twilio(URL, sorted(pairs_of(body) or ()), TOKEN)}
        for sent, query in ((as_json, body_hash(body)), (as_form, "")):
            receiver = Receiver(Twilio(None, None), TOKEN.encode())
            result = receiver.receive(function_url_event(headers=sent, body=body, query=query))
            expected = {Outcome.ACCEPTED, Outcome.MALFORMED, *([Outcome.BAD_SIGNATURE] if sent is as_form else [])}
            assert result.outcome in expected, (body[:60], result)
            for detail in details(receiver, str):
                assert detail["hookwatch"]["provider"] == "twilio", body[:60]


@QUIET
@given(
    body=BODIES,
    signature=st.none() | st.text(max_size=60) | st.from_regex(r"\A[0-9A-Za-z+/]{27}=\Z"),
    headers=HEADERS,
    media_type=MEDIA_TYPES,
)
@example(body=b"", signature="é" * 28, headers={}, media_type=FORM)
@example(body=b"", signature="=", headers={}, media_type=FORM)
@example(
    body=b"",
    signature="A" * 27 + "=",
    headers={"x-twilio-webhooks-signature-settings": "key=,algorithm="},
    media_type="",
)
def test_unproven_request_is_refused(
    body: bytes, signature: str | None, headers: dict[str, str], media_type: str
) -> None:
    """Without the token's own signature nothing reaches the bus, and without its shape not even the token is read."""
    sent = {**headers, "content-type": media_type}
    if signature is not None:
        sent["x-twilio-signature"] = signature
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    result = receiver.receive(function_url_event(headers=sent, body=body))
    assert result.outcome in REFUSED
    assert not receiver.bus.envelopes
    assert receiver.ring.reads == 0 or result.outcome is Outcome.BAD_SIGNATURE


@QUIET
@given(params=PARAMS, method=st.sampled_from(["POST", "GET"]))
def test_sign_then_verify_holds_for_forms(params: list[tuple[str, str]], method: str) -> None:
    """What the sender signs is accepted, as form or as query, and no parameter is lost on the way."""
    assume(all(name not in ("hookwatch", "bodySHA256") for name, _ in params))
    encoded = urlencode(params)
    url = f"{URL}?{encoded}" if method == "GET" else URL
    content: list[tuple[str, str]] = [] if method == "GET" else params
    sent = {"Content-Type": FORM, **sign_twilio(url, content, TOKEN)}
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    result = receiver.receive(
        function_url_event(
            headers=sent,
            body=b"" if method == "GET" else encoded.encode(),
            query=encoded if method == "GET" else "",
            method=method,
        )
    )
    assert result.outcome is Outcome.ACCEPTED, result
    (detail,) = details(receiver)
    assert detail.pop("hookwatch")["provider"] == "twilio"
    assert set(detail) == {name for name, _ in params}
    for name in set(detail) - {"Payload"}:
        values = [value for other, value in params if other == name]
        assert detail[name] == (values[0] if len(values) == 1 else values)


@settings(max_examples=60, deadline=None)
@given(events=st.lists(st.dictionaries(TEXT, JSON_VALUES, max_size=4), min_size=1, max_size=12))
def test_sign_then_verify_holds_for_event_streams(events: list[dict[str, Any]]) -> None:
    """An array of CloudEvents is accepted, and each of them becomes one event in the same order."""
    stream = [{**event, "specversion": "1.0", "id": f"EZ{number}"} for number, event in enumerate(events)]
    for event in stream:
        event.pop("hookwatch", None)
    body = json.dumps(stream).encode()
    sent = {"Content-Type": JSON, **sign_twilio(with_body_hash(URL, body), body, TOKEN)}
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    assert (
        receiver.receive(function_url_event(headers=sent, body=body, query=body_hash(body))).outcome is Outcome.ACCEPTED
    )
    published = details(receiver)
    assert {detail.pop("hookwatch")["kind"] for detail in published} == {"event-stream"}
    assert published == stream


@QUIET
@given(params=PARAMS, bit=st.integers(min_value=0))
def test_flipped_bit_in_a_form_is_refused(params: list[tuple[str, str]], bit: int) -> None:
    """One bit of a form turned over is refused, unless it still spells the same parameters (%2b and %2B)."""
    body = urlencode(params).encode()
    flipped = flip(body, bit)
    assume(pairs_of(flipped) != set(params))
    sent = {"Content-Type": FORM, **sign_twilio(URL, params, TOKEN)}
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    assert receiver.receive(function_url_event(headers=sent, body=flipped)).outcome is Outcome.BAD_SIGNATURE


@QUIET
@given(body=st.binary(min_size=1, max_size=80), bit=st.integers(min_value=0))
def test_flipped_bit_in_a_json_body_is_refused(body: bytes, bit: int) -> None:
    """One bit of a JSON body turned over no longer has the hash that the signed URL names: refused."""
    sent = {"Content-Type": JSON, **sign_twilio(with_body_hash(URL, body), body, TOKEN)}
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    result = receiver.receive(function_url_event(headers=sent, body=flip(body, bit), query=body_hash(body)))
    assert (result.outcome, result.reason) == (Outcome.BAD_SIGNATURE, "body_hash_mismatch")


@QUIET
@given(bit=st.integers(min_value=0), digits=st.text("0123456789", max_size=6))
def test_flipped_bit_in_the_query_is_refused(bit: int, digits: str) -> None:
    """One bit of the query string turned over: the URL is not the one that was signed."""
    query = f"foo=1&digits={digits}"
    flipped = flip(query.encode(), bit).decode("latin-1")
    sent = {"Content-Type": FORM, **sign_twilio(f"{URL}?{query}", [("a", "b")], TOKEN)}
    receiver = Receiver(Twilio(None, None), TOKEN.encode())
    assert (
        receiver.receive(function_url_event(headers=sent, body=b"a=b", query=flipped)).outcome is Outcome.BAD_SIGNATURE
    )


@settings(max_examples=8, deadline=None)
@given(params=PARAMS)
def test_flipped_bit_in_the_signature_is_refused(params: list[tuple[str, str]]) -> None:
    """Every single bit of the signature header turned over is refused, even where base64 decodes to the same digest."""
    body = urlencode(params).encode()
    signature = sign_twilio(URL, params, TOKEN)["X-Twilio-Signature"].encode()
    for bit in range(len(signature) * 8):
        receiver = Receiver(Twilio(None, None), TOKEN.encode())
        sent = {"Content-Type": FORM, "X-Twilio-Signature": flip(signature, bit).decode("latin-1")}
        assert receiver.receive(function_url_event(headers=sent, body=body)).outcome in REFUSED, bit
