"""Error answers as AWS words them, in the protocol of the service.

Never decides whether a call fails. Shapes: https://smithy.io/2.0/aws/protocols/ and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, read 2026-11-22.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4
from xml.sax.saxutils import escape

from hookwatch.sandbox.faults_codes import spelled
from hookwatch.sandbox.faults_http import Answer

if TYPE_CHECKING:
    from hookwatch.sandbox.faults_operation import Call


def error_answer(call: Call, code: str, message: str) -> Answer:
    """Return the error document of a failed call."""
    request_id = str(uuid4())
    headers = {"x-amzn-requestid": request_id}
    spelling = spelled(call, code)
    code, status = spelling.code, spelling.status
    if spelling.legacy is not None:
        headers["x-amzn-query-error"] = f"{spelling.legacy};{_kind(status)}"
    match call.protocol:
        case "json":
            body = json.dumps({"__type": code, "message": message}).encode()
            version = "1.0" if call.service in ("sqs", "dynamodb") else "1.1"
            headers |= {"content-type": f"application/x-amz-json-{version}", "x-amzn-errortype": code}
        case "rest-json":
            body = json.dumps({"message": message}).encode()
            headers |= {"content-type": "application/json", "x-amzn-errortype": code}
        case "cbor":
            body = _cbor_map({"__type": code, "message": message})
            headers |= {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        case "rest-xml":
            inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            body = f'<?xml version="1.0"?>\n<Error>{inner}<RequestId>{request_id}</RequestId></Error>'.encode()
            headers |= {"content-type": "application/xml"}
        case "query":
            inner = f"<Type>{_kind(status)}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            body = f"<ErrorResponse><Error>{inner}</Error><RequestId>{request_id}</RequestId></ErrorResponse>".encode()
            headers |= {"content-type": "text/xml"}
    return Answer(status, body, headers)


def _kind(status: int) -> str:
    """Say whose fault it is, as the query protocol does."""
    return "Sender" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"


def _cbor_map(items: dict[str, str]) -> bytes:
    """Encode a small map of texts (RFC 8949, major types 5 and 3)."""
    return bytes([0xA0 + len(items)]) + b"".join(_cbor_text(part) for pair in items.items() for part in pair)


def _cbor_text(text: str) -> bytes:
    raw = text.encode()
    return b"\x79" + len(raw).to_bytes(2, "big") + raw
