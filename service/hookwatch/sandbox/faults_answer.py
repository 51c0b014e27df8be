"""Error answers as AWS words them, in the protocol of the service.

Never decides whether a call fails. Shapes: https://smithy.io/2.0/aws/protocols/ and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, read 2026-11-22.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4
from xml.sax.saxutils import escape

from hookwatch.sandbox.faults_http import Answer

if TYPE_CHECKING:
    from hookwatch.sandbox.faults_operation import Call

_SERVER_ERRORS = {
    "InternalFailure": 500,
    "InternalError": 500,
    "InternalException": 500,
    "InternalServerError": 500,
    "InternalServiceError": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "SlowDown": 503,
}
_FORBIDDEN = {"AccessDenied", "AccessDeniedException", "UnrecognizedClientException", "ExpiredToken"}
_REST_STATUS = {"ThrottlingException": 429, "TooManyRequestsException": 429, "ResourceNotFoundException": 404}
_S3_STATUS = {"NoSuchBucket": 404, "NoSuchKey": 404}


def default_throttle_code(call: Call) -> str:
    """Return the code with which a service of this protocol throttles."""
    if call.service == "s3":
        return "SlowDown"
    return "Throttling" if call.protocol == "query" else "ThrottlingException"


def error_answer(call: Call, code: str, message: str) -> Answer:
    """Return the error document of a failed call."""
    request_id = str(uuid4())
    headers = {"x-amzn-requestid": request_id}
    status = _status(call, code)
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
            kind = "Sender" if status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's own border
            inner = f"<Type>{kind}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            body = f"<ErrorResponse><Error>{inner}</Error><RequestId>{request_id}</RequestId></ErrorResponse>".encode()
            headers |= {"content-type": "text/xml"}
    return Answer(status, body, headers)


def _status(call: Call, code: str) -> int:
    if code in _SERVER_ERRORS:
        return _SERVER_ERRORS[code]
    if call.protocol == "rest-json":
        return 403 if code in _FORBIDDEN else _REST_STATUS.get(code, 400)
    if call.protocol in ("rest-xml", "query"):
        return 403 if code in _FORBIDDEN else _S3_STATUS.get(code, 400)
    return 400


def _cbor_map(items: dict[str, str]) -> bytes:
    """Encode a small map of texts (RFC 8949, major types 5 and 3)."""
    return bytes([0xA0 + len(items)]) + b"".join(_cbor_text(part) for pair in items.items() for part in pair)


def _cbor_text(text: str) -> bytes:
    raw = text.encode()
    return b"\x79" + len(raw).to_bytes(2, "big") + raw
