"""A worker's standard output and error, as lines, in the order they were written.

Never interprets a line. The pipe is read by hand rather than through a stream reader so that `drain` can empty it at
once: what a function printed before it answered is always reported before the line that says how it ended.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINE_BYTES = 1024 * 1024
"""Longest event that CloudWatch Logs keeps; a longer line is cut there
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html, read 2026-11-22)."""

CHUNK_BYTES = 65536


class LogPipe:
    """A pipe whose other end a process writes to; `take` gets each line without its end."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._read_end: int | None
        self._read_end, write_end = os.pipe()
        self._write_end: int | None = write_end
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self.drain)

    @property
    def write_end(self) -> int:
        """The descriptor to start the process with."""
        assert self._write_end is not None
        return self._write_end

    def started(self) -> None:
        """Forget our copy of the write end, once the process has its own."""
        if self._write_end is not None:
            os.close(self._write_end)
            self._write_end = None

    def drain(self) -> None:
        """Report every whole line that the pipe holds now."""
        while self._read_end is not None:
            try:
                chunk = os.read(self._read_end, CHUNK_BYTES)
            except BlockingIOError:
                return
            if not chunk:
                self._loop.remove_reader(self._read_end)
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                self._report(line)
            while len(self._rest) > MAX_LINE_BYTES:
                self._report(self._rest[:MAX_LINE_BYTES])
                self._rest = self._rest[MAX_LINE_BYTES:]

    def _report(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if text:
            self._take(text)

    def close(self) -> None:
        """Report what is left and let go of the pipe, even if a grandchild still holds it."""
        self.started()
        self.drain()
        self._report(self._rest)
        self._rest = b""
        if self._read_end is not None:
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
            self._read_end = None
