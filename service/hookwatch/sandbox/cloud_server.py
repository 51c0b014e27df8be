"""uvicorn inside our own event loop: bound before anything starts, stopped when we say so.

Never handles a signal and never writes an access log: the process belongs to its caller.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn

from hookwatch.sandbox.cloud_model import LOOPBACK, Ports, PortTakenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

BACKLOG = 256
START_POLL_S = 0.005
STOP_LIMIT_S = 3.0

ROLES = ("api", "github", "twilio")
ROLE_NAMES = {"api": "page and API", "github": "GitHub Function URL", "twilio": "Twilio Function URL"}


def bind(ports: Ports) -> dict[str, socket.socket]:
    """Take the three ports before anything else is started.

    Raises:
        PortTakenError: another program has one of them; none is kept then.
    """
    taken: dict[str, socket.socket] = {}
    try:
        for role in ROLES:
            taken[role] = _listen(getattr(ports, role), ROLE_NAMES[role])
    except BaseException:
        for held in taken.values():
            held.close()
        raise
    return taken


def _listen(port: int, role: str) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; otherwise every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Without it a port is refused for a minute after the last `up` ended; it never lets two programs listen.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTakenError(port, role) from error
    listener.setblocking(False)
    return listener


def console_config(app: ASGIApp) -> uvicorn.Config:
    """Return how the page and the API are served."""
    return uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
    )


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers, which would take Ctrl-C from us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One ASGI application on a socket that is already bound."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        self._server = _QuietServer(config)
        self._listener = listener
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers, with a trailing slash."""
        return f"http://{LOOPBACK}:{self._listener.getsockname()[1]}/"

    async def start(self) -> None:
        """Serve; returns when requests are answered."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(START_POLL_S)
        if self._task.done():
            await self._task

    async def stop(self) -> None:
        """Finish the requests under way, for a moment at most, and close."""
        task, self._task = self._task, None
        if task is not None:
            self._server.should_exit = True
            done, _ = await asyncio.wait({task}, timeout=STOP_LIMIT_S)
            if not done:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._listener.close()
