"""The smallest HTTP server that can hang up without an answer.

Knows nothing of AWS or faults. It exists because ASGI has no way to close a connection without a response.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h11

from hookwatch.sandbox.cloud_model import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower-case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class HttpServer:
    """Serves one handler on a free loopback port; the handler returns None to hang up."""

    def __init__(self, handle: Callable[[Request], Awaitable[Answer | None]]) -> None:
        self._handle = handle
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connected, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop the connections."""
        if self._server is None:
            return
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            pass  # the other side went away, speaks no HTTP, or we are stopping: there is nobody to tell
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_BYTES)
        while True:
            request = await _receive(talk, reader, writer)
            if request is None:
                return
            answer = await self._handle(request)
            if answer is None:
                return
            await _send(talk, writer, answer, with_body=request.method != "HEAD")
            if talk.our_state is not h11.DONE or talk.their_state is not h11.DONE:
                return
            talk.start_next_cycle()


async def _receive(talk: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = talk.next_event()
        match event:
            case h11.NEED_DATA:
                if talk.they_are_waiting_for_100_continue:
                    writer.write(talk.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                    await writer.drain()
                talk.receive_data(await reader.read(READ_BYTES))
            case h11.Request():
                head = event
            case h11.Data():
                body += event.data
            case h11.EndOfMessage() if head is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
                return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
            case _:
                return None


async def _send(talk: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, *, with_body: bool) -> None:
    headers = list(answer.headers.items())
    if "content-length" not in answer.headers:
        headers.append(("content-length", str(len(answer.body))))
    writer.write(talk.send(h11.Response(status_code=answer.status, headers=headers)) or b"")
    if with_body and answer.body:
        writer.write(talk.send(h11.Data(data=answer.body)) or b"")
    writer.write(talk.send(h11.EndOfMessage()) or b"")
    await writer.drain()
