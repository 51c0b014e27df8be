"""Function URL events become deliveries, results become answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.ingest import function_url
from hookwatch.ingest.model import Answer, Delivery, Refusal, Result
from hookwatch.outcomes import Outcome
from support import HOST, url_event

NOW_MS = 1_800_000_000_000


def parsed(event: dict[str, Any]) -> Delivery:
    delivery = function_url.parse(event, NOW_MS)
    assert isinstance(delivery, Delivery)
    return delivery


def test_everything_arrives():
    """Method, URL, headers, body, caller and time are taken as Lambda gives them."""
    delivery = parsed(url_event(b"{}", {"Content-Type": "application/json"}, path="/a%2Fb", query="x=1&y=%2B"))
    assert (delivery.method, delivery.scheme, delivery.host) == ("POST", "https", HOST)
    assert (delivery.path, delivery.query) == ("/a%2Fb", "x=1&y=%2B")
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.media_type == "application/json"
    assert delivery.received_at_ms == 1_700_000_000_000


@pytest.mark.parametrize("body", [b"", b"plain", "é".encode(), b"\xff\x00"])
def test_base64_bodies(body: bytes):
    """A body that Lambda encoded comes back byte for byte."""
    assert parsed(url_event(body, is_base64=True)).body() == body


def test_a_body_that_is_not_base64():
    """A body that claims to be base64 and is not has no bytes."""
    event = url_event(b"x", is_base64=True)
    event["body"] = "***"
    assert parsed(event).body() is None


@pytest.mark.parametrize(
    "event", [{}, {"requestContext": None}, {"requestContext": {"http": {"method": 1}}}, {"body": 1}]
)
def test_what_is_no_function_url_event(event: dict[str, Any]):
    """Another event source gets a refusal, not an exception."""
    assert function_url.parse(event, NOW_MS) == Refusal(Outcome.MALFORMED, "not_a_function_url_event")


@pytest.mark.parametrize("missing", ["headers", "rawPath", "rawQueryString", "isBase64Encoded", "body"])
@pytest.mark.parametrize("value", ["absent", None])
def test_missing_parts(missing: str, value: str | None):
    """Whatever an event lacks is empty, never an exception."""
    event = url_event(b"{}")
    if value is None:
        event[missing] = None
    else:
        del event[missing]
    assert isinstance(function_url.parse(event, NOW_MS), Delivery)


def test_the_host_header_only_adds_the_port():
    """A caller cannot choose the host that a signature is checked against."""
    event = url_event(b"", {"host": "evil.example.com"})
    event["requestContext"]["domainName"] = HOST
    assert parsed(event).host == HOST
    event["headers"]["host"] = f"{HOST}:8443"
    assert parsed(event).host == f"{HOST}:8443"


def test_a_time_from_the_future_is_not_believed():
    """Received-at is never later than now."""
    event = url_event(b"")
    event["requestContext"]["timeEpoch"] = NOW_MS + 1
    assert parsed(event).received_at_ms == NOW_MS


def test_our_answer():
    """Our answer names the outcome and the request, and nothing internal."""
    answer = function_url.answer(Result(Outcome.BAD_SIGNATURE, "no_key_fits"), "id-1", None)
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"]) == {"outcome": "bad_signature", "request_id": "id-1"}


def test_a_malformed_delivery_is_told_why():
    """Whoever proved to hold the key is told what is wrong with the request."""
    answer = function_url.answer(Result(Outcome.MALFORMED, "media_type"), "id-1", None)
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["reason"] == "media_type"


def test_a_providers_own_success_is_only_for_success():
    """Twilio's TwiML is sent for what was accepted; a refusal is ours."""
    twiml = Answer("text/xml", "<Response/>")
    accepted = function_url.answer(Result(Outcome.ACCEPTED), "id-1", twiml)
    assert (accepted["headers"], accepted["body"]) == ({"content-type": "text/xml"}, "<Response/>")
    assert function_url.answer(Result(Outcome.CRASHED), "id-1", twiml)["headers"] == {
        "content-type": "application/json"
    }
