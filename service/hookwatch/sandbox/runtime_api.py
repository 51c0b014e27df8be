"""Lambda's Runtime API for one worker process, on a loopback port of its own.

Never starts or kills the process and knows nothing of timeouts: it hands over one invocation at a time and reports
what the runtime client answers. One port each, because the client finds its API as `host:port` alone. The protocol:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html (read 2026-11-22). awslambdaric 4.2.2 speaks plain
HTTP/1.1 with Content-Length and without Expect (measured 2026-11), so that is all that is spoken here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hookwatch.sandbox.lambda_model import MAX_RESPONSE_BYTES

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

PREFIX = "/2018-06-01/runtime"
MAX_HEAD_BYTES = 2 * 1024 * 1024
"""Head of a client's request; the X-Ray cause header alone may have 1 MB (awslambdaric 4.2.2)."""

ACCEPTED = b'{"status":"OK"}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeRequest:
    """What the runtime client is handed."""

    request_id: str
    payload: bytes
    deadline_ms: int
    function_arn: str
    trace_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeReply:
    """What the runtime client answered: a payload, an error document, or a payload past the limit."""

    kind: Literal["ok", "error", "too_large"]
    payload: bytes
    error_type: str = ""
    xray_cause: str = ""


class RuntimeApi:
    """The server of one worker.

    `polled` is set while the client waits for an invocation; `init_failed` holds what it reported instead.
    """

    def __init__(self) -> None:
        self.polled = asyncio.Event()
        self.init_failed: asyncio.Future[RuntimeReply] = asyncio.get_running_loop().create_future()
        self._inbox: asyncio.Queue[RuntimeRequest] = asyncio.Queue()
        self._current: tuple[str, asyncio.Future[RuntimeReply]] | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen, and return `host:port`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()

    def deliver(self, request: RuntimeRequest) -> asyncio.Future[RuntimeReply]:
        """Hand the next invocation to the client; the future holds its reply."""
        self.polled.clear()
        reply: asyncio.Future[RuntimeReply] = asyncio.get_running_loop().create_future()
        self._current = (request.request_id, reply)
        self._inbox.put_nowait(request)
        return reply

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            while True:
                await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            # The client is gone, or does not speak HTTP: this connection is over either way.
            return
        except asyncio.CancelledError:
            # Only `close` cancels; ending quietly keeps Python 3.11's stream callback from logging it as a failure.
            return
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _exchange(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rows = head.rstrip("\r\n").split("\r\n")
        method, path, _ = line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        match method, path.removeprefix(PREFIX).split("/"):
            case "GET", ["", "invocation", "next"]:
                await self._next(writer)
                return
            case "POST", ["", "invocation", request_id, "response" | "error" as verb]:
                status, text = self._reply(request_id, verb, headers, body)
            case "POST", ["", "init", "error"]:
                status, text = "202 Accepted", ACCEPTED
                if not self.init_failed.done():
                    self.init_failed.set_result(_error(headers, body))
            case _:
                status, text = "404 Not Found", b'{"errorType":"InvalidPath","errorMessage":"no such path"}'
        _write(writer, status, {"Content-Type": "application/json"}, text)
        await writer.drain()

    async def _next(self, writer: StreamWriter) -> None:
        self.polled.set()
        request = await self._inbox.get()
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request.request_id,
            "Lambda-Runtime-Deadline-Ms": str(request.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": request.function_arn,
            "Lambda-Runtime-Trace-Id": request.trace_header,
        }
        _write(writer, "200 OK", headers, request.payload)
        await writer.drain()

    def _reply(self, request_id: str, verb: str, headers: dict[str, str], body: bytes) -> tuple[str, bytes]:
        if self._current is None or self._current[0] != request_id:
            return "400 Bad Request", b'{"errorType":"InvalidRequestID","errorMessage":"not the current invocation"}'
        _, reply = self._current
        self._current = None
        if verb == "error":
            result = _error(headers, body)
        elif len(body) > MAX_RESPONSE_BYTES:
            result = RuntimeReply(kind="too_large", payload=b"")
        else:
            result = RuntimeReply(kind="ok", payload=body)
        if not reply.done():
            reply.set_result(result)
        if result.kind == "too_large":
            return "413 Payload Too Large", b'{"errorType":"RequestEntityTooLarge","errorMessage":"payload too large"}'
        return "202 Accepted", ACCEPTED


def _error(headers: dict[str, str], body: bytes) -> RuntimeReply:
    return RuntimeReply(
        kind="error",
        payload=body,
        error_type=headers.get("lambda-runtime-function-error-type", ""),
        xray_cause=headers.get("lambda-runtime-function-xray-error-cause", ""),
    )


def _write(writer: StreamWriter, status: str, headers: dict[str, str], body: bytes) -> None:
    rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status}\r\n{rows}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)
