"""A Function URL: an ASGI application in front of one function, and how uvicorn has to serve it.

Never routes, authenticates or retries: every path and method goes to the function, as with AuthType NONE on AWS.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import uvicorn

from hookwatch.sandbox import function_url_answer, lambda_metrics, lambda_trace
from hookwatch.sandbox.function_url_event import UrlRequest, to_event
from hookwatch.sandbox.lambda_function import encode_event
from hookwatch.sandbox.lambda_model import MAX_HEADER_BYTES, MAX_REQUEST_BYTES, FunctionStoppedError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hookwatch.sandbox.function_url_answer import Answer
    from hookwatch.sandbox.lambda_function import LambdaFunction
    from hookwatch.sandbox.lambda_model import Observer

MAX_DISCARD_BYTES = 64 * 1024 * 1024
"""How much of an oversized body is read and thrown away before its answer, so that a client that sends before it
listens sees the 413 and not a broken connection."""

LINE_EXTRA_BYTES = len(" ? HTTP/1.1\r\n")
ROW_EXTRA_BYTES = len(": \r\n")


def function_url_app(function: LambdaFunction, *, observer: Observer, domain: str) -> ASGIApp:
    """Return the application.

    Args:
        function: What every request goes to; it must be started before the first one.
        observer: Takes the URL's data points; the function's own go to the function's observer.
        domain: The URL's domain name, for requests without a Host header.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        clock_s = time.perf_counter()
        request_id = str(uuid.uuid4())
        answer, trace_header = await _answer(function, domain, scope, receive, request_id)
        points = lambda_metrics.url_request(
            function.spec.name,
            status=answer.status,
            latency_ms=(time.perf_counter() - clock_s) * 1000,
            time_s=time.time(),  # AWS documents no other moment for these than that the request has been answered
        )
        for point in points:
            observer.metric(point)
        await _send(send, answer, request_id, trace_header)

    return app


def function_url_config(app: ASGIApp, *, port: int, host: str = "127.0.0.1") -> uvicorn.Config:
    """Return how to serve it: one process, no access log, requests untouched.

    Without `proxy_headers=False` uvicorn would rewrite scheme and client address from X-Forwarded headers, and its
    default limit of 64 KB of headers would answer 400 where AWS accepts 1 MB.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=2 * MAX_HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )


async def _answer(
    function: LambdaFunction, domain: str, scope: Scope, receive: Receive, request_id: str
) -> tuple[Answer, str]:
    """Return the answer and the trace header that goes with it."""
    if _header_bytes(scope) > MAX_HEADER_BYTES:
        return function_url_answer.HEADERS_TOO_LARGE, ""
    body = await _body(receive)
    if body is None:
        return function_url_answer.TOO_LARGE, ""
    inbound = dict(scope["headers"]).get(b"x-amzn-trace-id", b"").decode("latin-1")
    trace_root = lambda_trace.begin(inbound, active=True).root
    event = to_event(_request(scope, body, domain=domain, request_id=request_id, trace_root=trace_root))
    payload = encode_event(event)
    if len(payload) > MAX_REQUEST_BYTES:
        return function_url_answer.TOO_LARGE, ""
    try:
        invocation = await function.invoke_payload(
            payload, request_id=request_id, trace_header=inbound or f"Root={trace_root}"
        )
    except FunctionStoppedError:
        return function_url_answer.STOPPING, ""
    return function_url_answer.to_answer(invocation), invocation.trace_header


def _header_bytes(scope: Scope) -> int:
    """Return the size of request line and headers."""
    line_bytes = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"]) + LINE_EXTRA_BYTES
    return line_bytes + sum(len(name) + len(value) + ROW_EXTRA_BYTES for name, value in scope["headers"])


async def _body(receive: Receive) -> bytes | None:
    """Return the body, or None when it is too large."""
    chunks: list[bytes] = []
    read_bytes = 0
    more = True
    while more and read_bytes <= MAX_DISCARD_BYTES:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        read_bytes += len(chunk)
        if read_bytes <= MAX_REQUEST_BYTES:
            chunks.append(chunk)
        else:
            chunks.clear()
    return b"".join(chunks) if read_bytes <= MAX_REQUEST_BYTES else None


def _request(scope: Scope, body: bytes, *, domain: str, request_id: str, trace_root: str) -> UrlRequest:
    client, server = scope.get("client") or ("127.0.0.1", 0), scope.get("server") or ("127.0.0.1", 0)
    return UrlRequest(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        protocol=f"HTTP/{scope['http_version']}",
        headers=scope["headers"],
        body=body,
        source_ip=client[0],
        scheme=scope["scheme"],
        port=server[1] or 0,
        domain=domain,
        request_id=request_id,
        trace_root=trace_root,
        time_s=time.time(),
    )


async def _send(send: Send, answer: Answer, request_id: str, trace_header: str) -> None:
    headers = [*answer.headers, (b"x-amzn-requestid", request_id.encode())]
    if trace_header:
        headers.append((b"x-amzn-trace-id", trace_header.encode()))
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
