"""Function URL event <-> delivery and HTTP answer. Decides nothing about signatures and never raises on odd input.

Payload format 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (read 2026-11-22). Query
parameters and headers that Lambda has already parsed are never used to rebuild what a provider signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.ingest import payload
from hookwatch.ingest.model import Answer, Delivery, Refusal
from hookwatch.outcomes import ROWS, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.ingest.model import Result

# Outcomes whose reason may be told: their caller has proven who it is.
_TELL_REASON = frozenset({Outcome.MALFORMED, Outcome.TOO_LARGE})


def parse(event: Mapping[str, Any], now_ms: int) -> Delivery | Refusal:
    """Read a Function URL event; a refusal if it is none."""
    context = _mapping(event.get("requestContext"))
    http = _mapping(context.get("http"))
    method, body = http.get("method"), event.get("body")
    if not isinstance(method, str) or not (body is None or isinstance(body, str)):
        return Refusal(Outcome.MALFORMED, "not_a_function_url_event")
    headers = {name.lower(): value for name, value in _mapping(event.get("headers")).items() if isinstance(value, str)}
    time_ms = context.get("timeEpoch")
    return Delivery(
        method=method.upper(),
        scheme="http" if headers.get("x-forwarded-proto") == "http" else "https",
        host=_host(headers.get("host", ""), _text(context.get("domainName"))),
        path=_text(event.get("rawPath")) or "/",
        query=_text(event.get("rawQueryString")),
        headers=headers,
        text=body or "",
        is_base64=event.get("isBase64Encoded") is True,
        request_id=_text(context.get("requestId")),
        source_ip=_text(http.get("sourceIp")),
        received_at_ms=time_ms if isinstance(time_ms, int) and 0 < time_ms <= now_ms else now_ms,
    )


def answer(result: Result, request_id: str, success: Answer | None) -> dict[str, Any]:
    """The HTTP answer to a delivery.

    GitHub keeps our answer for three days and shows it to the operator, so it says how the delivery ended and under
    which id the log has it; never anything internal.
    """
    row = ROWS[result.outcome]
    if success is not None and row.status < 300:  # noqa: PLR2004 - 2xx is success
        return _http(row.status, success.content_type, success.body)
    body = {"outcome": result.outcome.value, "request_id": request_id}
    if result.reason and result.outcome in _TELL_REASON:
        body["reason"] = result.reason
    return _http(row.status, "application/json", payload.encode(body))


def _http(status: int, content_type: str, body: str) -> dict[str, Any]:
    # Without an explicit content type Lambda would call the body JSON, and Twilio would log error 12300.
    return {
        "statusCode": status,
        "headers": {"content-type": content_type},
        "body": body,
        "isBase64Encoded": False,
    }


def _host(asked: str, domain: str) -> str:
    # The domain name is Lambda's own word; the Host header only adds the port, which the sandbox has and AWS has not.
    return asked if asked.partition(":")[0].lower() == domain.lower() or not domain else domain


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
