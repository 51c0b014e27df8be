"""Takes the place of the X-Ray daemon: UDP on loopback.

Never forwards a document. A datagram is a header line and one JSON document
(https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html, read 2026-11-22).
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable


class TraceCollector(asyncio.DatagramProtocol):
    """Hands each received document to a sink."""

    def __init__(self, sink: Callable[[dict[str, Any]], None]) -> None:
        self._sink = sink
        self._transport: asyncio.DatagramTransport | None = None
        self.unreadable = 0

    async def start(self) -> None:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(LOOPBACK, 0))

    def stop(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()

    @property
    def address(self) -> str:
        """What AWS_XRAY_DAEMON_ADDRESS must say."""
        assert self._transport is not None
        return f"{LOOPBACK}:{self._transport.get_extra_info('sockname')[1]}"

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:  # noqa: ARG002 - asyncio's signature
        """Take one datagram."""
        _, _, body = data.partition(b"\n")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            self._sink(document)
        else:
            self.unreadable += 1
