from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.ingest import function_url
from hookwatch.ingest.model import Answer, Delivery, Refusal, Result
from hookwatch.outcomes import ROWS, Outcome
from vectors.deliveries import function_url_event
from vectors.hostile import HEADERS, JSON_VALUES, METHODS, RAW_TEXT

QUIET = settings(max_examples=250, deadline=None)
NOW_MS = 1_795_342_531_000
KEYS = st.sampled_from(
    ["headers", "requestContext", "body", "isBase64Encoded", "rawPath", "rawQueryString", "http", "timeEpoch", "method"]
)
ODD = st.recursive(
    JSON_VALUES, lambda inner: st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5), max_leaves=20
)


@settings(max_examples=80, deadline=None)
@given(event=st.dictionaries(KEYS | st.text(max_size=8), ODD, max_size=8))
def test_any_object_is_read_or_refused(event: dict[str, Any]) -> None:
    """Any JSON object whatever becomes a delivery or a refusal."""
    read = function_url.parse(event, NOW_MS)
    assert isinstance(read, Delivery) or read == Refusal(Outcome.MALFORMED, "not_a_function_url_event")


@QUIET
@given(whole=st.data(), key=KEYS, odd=ODD)
def test_one_odd_value_in_a_good_event_is_a_value(whole: st.DataObject, key: str, odd: object) -> None:
    """A good event with one part replaced by anything is a delivery or a refusal, and its body stays readable."""
    event = function_url_event(headers={"a": "b"}, body=b"{}")
    place = whole.draw(st.sampled_from([event, event["requestContext"], event["requestContext"]["http"]]))
    place[key] = odd
    read = function_url.parse(event, NOW_MS)
    if isinstance(read, Delivery):
        assert read.body() is None or isinstance(read.body(), bytes)
        assert isinstance(read.media_type, str)
        assert 0 < read.received_at_ms <= NOW_MS


@QUIET
@given(body=st.binary(max_size=200), headers=HEADERS, method=METHODS, path=RAW_TEXT, query=RAW_TEXT)
def test_good_event_keeps_every_byte(body: bytes, headers: dict[str, str], method: str, path: str, query: str) -> None:
    """Body, path, query and headers reach the delivery as they came; only header names change, to lower case."""
    read = function_url.parse(
        function_url_event(headers=headers, body=body, method=method, path=path, query=query), NOW_MS
    )
    assert isinstance(read, Delivery)
    assert (read.body(), read.path, read.query) == (body, path or "/", query)
    assert {name.lower() for name in headers} <= set(read.headers)


@QUIET
@given(text=st.text(max_size=60))
def test_body_that_is_not_base64_is_no_error(text: str) -> None:
    """A body that claims to be base64 gives the bytes that it encodes, or None; strict about every character."""
    event = function_url_event(headers={})
    event["body"] = text
    read = function_url.parse(event, NOW_MS)
    assert isinstance(read, Delivery)
    body = read.body()
    if body is not None:
        assert b64decode(text) == body
        assert text.rstrip("=").rstrip() != text or len(text) % 4 == 0


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("success", [None, Answer("text/xml; charset=utf-8", "<Response/>")], ids=["json", "twiml"])
def test_answer_is_what_lambda_expects(outcome: Outcome, success: Answer | None) -> None:
    """Every outcome has an answer with the table's status, an explicit content type and a text body."""
    made = function_url.answer(Result(outcome, "some_reason"), "request-1", success)
    assert made["statusCode"] == ROWS[outcome].status
    assert made["isBase64Encoded"] is False
    json.dumps(made)
    if success is not None and ROWS[outcome].status == 200:
        assert (made["headers"], made["body"]) == ({"content-type": success.content_type}, success.body)
    else:
        assert made["headers"] == {"content-type": "application/json"}
        answer = json.loads(made["body"])
        assert (answer["outcome"], answer["request_id"]) == (outcome.value, "request-1")
        # A caller who has not proven anything learns nothing of why.
        assert ("reason" in answer) == (outcome in {Outcome.MALFORMED, Outcome.TOO_LARGE})


def test_base64_of_the_body_is_what_lambda_sends() -> None:
    """The events of these tests are made as Lambda makes them: the helper's base64 is standard and padded."""
    event = function_url_event(headers={}, body=b"\xff\x00")
    assert (event["isBase64Encoded"], event["body"]) == (True, b64encode(b"\xff\x00").decode())
