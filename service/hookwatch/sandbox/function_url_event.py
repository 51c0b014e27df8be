"""An HTTP request as the event that a Function URL makes of it: payload format 2.0.

Never reads a socket or a clock, and never repairs a request: path and query reach the function byte for byte.
Format: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (read 2026-11-22).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/javascript",
        "application/xml",
        "application/vnd.api+json",
    }
)
"""Media types besides text/* whose body arrives as text. Everything else is base64, form bodies among it; the
documentation only says "binary", this is what is seen in practice (facts collected 2026-11)."""

DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRequest:
    """One HTTP request to a Function URL.

    `raw_path` and `query` are as requested, percent-encoding included; `headers` in their order, bytes; `port` is
    where the server listens; `time_s` Unix time; `domain` is the URL's own, and stands in for a missing Host header.
    """

    method: str
    raw_path: str
    query: str
    protocol: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    source_ip: str
    scheme: str
    port: int
    domain: str
    request_id: str
    trace_root: str
    time_s: float


def to_event(request: UrlRequest) -> dict[str, object]:
    """Return the event."""
    headers, cookies = _headers(request)
    host = headers["host"]
    domain = _host_name(host)
    http = {
        "method": request.method,
        "path": request.raw_path,
        "protocol": request.protocol,
        "sourceIp": request.source_ip,
    }
    if "user-agent" in headers:
        http["userAgent"] = headers["user-agent"]
    prefix = request.domain.partition(".")[0]
    moment = datetime.fromtimestamp(request.time_s, UTC)
    event: dict[str, object] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.raw_path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": prefix,
            "domainName": domain,
            "domainPrefix": prefix,
            "http": http,
            "requestId": request.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{moment:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(request.time_s * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _query_parameters(request.query)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body, headers.get("content-type", ""))
    return event


def _headers(request: UrlRequest) -> tuple[dict[str, str], list[str]]:
    """Return the headers as Lambda passes them on, and the cookies, which it takes out of them.

    On AWS the forwarded scheme is always https. Here it is the scheme of the connection, unless a tunnel in front of
    the sandbox (which ends TLS for a real provider) says otherwise in the same header.
    """
    joined: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    scheme = joined.get("x-forwarded-proto", "")
    if scheme in DEFAULT_PORTS:
        joined.setdefault("x-forwarded-port", DEFAULT_PORTS[scheme])
    else:
        joined["x-forwarded-proto"] = request.scheme
        joined["x-forwarded-port"] = str(request.port)
    joined["x-forwarded-for"] = request.source_ip
    joined.setdefault("x-amzn-trace-id", f"Root={request.trace_root}")
    joined.setdefault("host", request.domain)
    return joined, cookies


def _host_name(host: str) -> str:
    """Return a Host header's name without its port; an IPv6 address keeps its brackets."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _query_parameters(query: str) -> dict[str, str]:
    """Return the decoded parameters; those that come several times are joined by a comma."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the body and whether it is base64: text only where the media type says text and the bytes are UTF-8."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True
