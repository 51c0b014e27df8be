"""What a Function URL makes of what a function returned, without a process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.sandbox.function_url_answer import BAD_GATEWAY, to_answer
from hookwatch.sandbox.lambda_model import Invocation


def returned(value: Any) -> Invocation:
    """Return a good invocation with this value."""
    return Invocation(kind="ok", payload=json.dumps(value).encode(), request_id="r", trace_header="")


@pytest.mark.parametrize("value", ["text", None, 7, [1, {"statusCode": 500}], {"body": "no status"}, True])
def test_any_json_without_status_is_the_body(value: Any) -> None:
    """Whatever is no object with a statusCode is answered as it is: 200 and application/json."""
    answer = to_answer(returned(value))
    assert answer.status == 200
    assert json.loads(answer.body) == value
    assert answer.headers == ((b"content-type", b"application/json"),)


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 600},
        {"statusCode": True},
        {"statusCode": None},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}},
        {"statusCode": 200, "headers": {"bad name": "a"}},
        {"statusCode": 200, "headers": {"x": "\u4e2d"}},
        {"statusCode": 200, "headers": ["x"]},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
    ],
)
def test_an_answer_that_cannot_be_sent_is_502(value: Any) -> None:
    """A status, header, cookie list or body that no HTTP answer can carry is a bare 502."""
    assert to_answer(returned(value)) == BAD_GATEWAY


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        ({"statusCode": 202}, 202, b""),
        ({"statusCode": "404", "body": "nothing"}, 404, b"nothing"),
        ({"statusCode": 200, "body": {"a": 1}}, 200, b'{"a": 1}'),
        ({"statusCode": 204, "body": "ignored"}, 204, b""),
        ({"statusCode": 200, "body": "é"}, 200, "é".encode()),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, b"hi"),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": False}, 200, b"aGk="),
    ],
)
def test_status_and_body_are_the_functions(value: Any, status: int, body: bytes) -> None:
    """Status and body are what the function said; a status that carries no body carries none."""
    answer = to_answer(returned(value))
    assert (answer.status, answer.body) == (status, body)


def test_a_content_type_of_the_function_replaces_the_default() -> None:
    """The default content type gives way to the function's, whatever its case."""
    answer = to_answer(returned({"statusCode": 200, "headers": {"CONTENT-Type": "text/xml"}}))
    assert answer.headers == ((b"content-type", b"text/xml"),)


def test_json_that_is_no_json_is_502() -> None:
    """A payload that does not parse is a bare 502."""
    assert to_answer(Invocation(kind="ok", payload=b"{", request_id="r", trace_header="")) == BAD_GATEWAY
