"""What a Function URL answers, made of what the function returned or of why it did not.

Never shows an error's text to the caller: a failed execution is a bare 502, and what went wrong is in the log.
Format: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, "Response payload format" (read
2026-11-22).
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_model import MAX_REQUEST_BYTES

if TYPE_CHECKING:
    from hookwatch.sandbox.lambda_model import Invocation

JSON_TYPE = "application/json"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that belong to the connection; the server writes its own."""

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_MIN_STATUS, _MAX_STATUS = 200, 599
_LAST_LATIN_1 = 0xFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer: lower-case header names, bytes as they go onto the wire."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def _plain(status: int, body: bytes, error_type: str = "") -> Answer:
    headers = [(b"content-type", JSON_TYPE.encode())]
    if error_type:
        headers.append((b"x-amzn-errortype", error_type.encode()))
    return Answer(status=status, headers=tuple(headers), body=body)


BAD_GATEWAY = _plain(502, b"Internal Server Error")
TOO_LARGE = _plain(
    413,
    json.dumps(
        {
            "Type": "User",
            "message": f"Request must be smaller than {MAX_REQUEST_BYTES} bytes for the InvokeFunction operation",
        }
    ).encode(),
    "RequestEntityTooLargeException",
)
HEADERS_TOO_LARGE = _plain(431, b'{"Message":"Request Header Fields Too Large"}')
STOPPING = _plain(503, b'{"Message":"Service Unavailable"}', "ServiceException")


def to_answer(invocation: Invocation) -> Answer:
    """Return the HTTP answer to an invocation that came through a Function URL."""
    if invocation.kind == "throttled":
        return _plain(429, invocation.payload, invocation.error_type)
    if invocation.kind == "recursive":  # what Invoke answers; AWS documents nothing for Function URLs
        return _plain(400, invocation.payload, invocation.error_type)
    if invocation.kind != "ok":
        return BAD_GATEWAY
    try:
        returned = json.loads(invocation.payload)
    except ValueError:
        return BAD_GATEWAY
    if not isinstance(returned, dict) or "statusCode" not in returned:
        return _plain(200, invocation.payload)
    return _structured(returned)


def _structured(returned: dict[str, object]) -> Answer:
    """Return the answer that a `{statusCode, headers, cookies, body, isBase64Encoded}` object asks for."""
    status = returned["statusCode"]
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or not _MIN_STATUS <= status <= _MAX_STATUS:
        return BAD_GATEWAY
    headers = _response_headers(returned)
    body = _response_body(returned)
    if headers is None or body is None:
        return BAD_GATEWAY
    return Answer(status=status, headers=headers, body=b"" if status in _BODILESS else body)


def _response_headers(returned: dict[str, object]) -> tuple[tuple[bytes, bytes], ...] | None:
    """Return the headers, with the default content type and the cookies; None if one cannot be sent."""
    given, cookies = returned.get("headers") or {}, returned.get("cookies") or []
    if not isinstance(given, dict) or not isinstance(cookies, list):
        return None
    named = {name.lower(): _header_text(value) for name, value in given.items()}
    kept = {name: value for name, value in named.items() if name not in _FRAMING}
    rows = [*({"content-type": JSON_TYPE} | kept).items(), *(("set-cookie", str(cookie)) for cookie in cookies)]
    if not all(_TOKEN.fullmatch(name) and _sendable(value) for name, value in rows):
        return None
    return tuple((name.encode("ascii"), value.strip().encode("latin-1")) for name, value in rows)


def _header_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _sendable(value: str) -> bool:
    return all(
        character == "\t" or (character.isprintable() and ord(character) <= _LAST_LATIN_1) for character in value
    )


def _response_body(returned: dict[str, object]) -> bytes | None:
    body = returned.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body).encode()
    if returned.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return None
