"""Passes requests on to the emulator over kept connections.

Never changes a request but for the headers that belong to one connection, and the one by which policies see TLS.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import urllib3

from hookwatch.sandbox.cloud_model import OVER_TLS
from hookwatch.sandbox.faults_http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sandbox.faults_http import Request

THREADS = 32
LIMIT_S = 60.0
LARGE_BYTES = 32 * 1024
"""What is larger is read in a thread: parsing it would hold up every other call."""

HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"}
)
"""Headers that belong to one connection (RFC 9110, section 7.6.1) or that we compute ourselves."""


class Forwarder:
    """The way to one upstream, and the threads for what would hold up an event loop."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=THREADS, retries=False, timeout=LIMIT_S)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="forward")

    def close(self) -> None:
        """Drop the connections; calls on their way are lost."""
        self._pool.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def read(self, size: int, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call something whose time grows with `size`: here when that is small, elsewhere when it is large."""
        return call(*arguments) if size < LARGE_BYTES else await self.in_thread(call, *arguments)

    async def in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Run something slow elsewhere."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    async def forward(self, request: Request) -> Answer:
        """Return the emulator's answer.

        Raises:
            HTTPError: of urllib3; there was none.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._now, request)

    def _now(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        answer = self._pool.request(
            request.method,
            self._upstream + request.target,
            body=request.body or None,
            headers=headers | OVER_TLS,
            redirect=False,
            decode_content=False,
        )
        kept = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        if request.method == "HEAD" and (length := answer.headers.get("content-length")):
            kept["content-length"] = length
        return Answer(answer.status, answer.data, kept)
