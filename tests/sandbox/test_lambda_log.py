"""How a worker's output becomes lines."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from hookwatch.sandbox.worker_log import MAX_LINE_BYTES, LogPipe

if TYPE_CHECKING:
    from collections.abc import Callable


def lines_of(write: Callable[[int], None]) -> list[str]:
    """Return the lines that a writer leaves in a pipe by its close, though another process still holds the pipe."""

    async def scenario() -> list[str]:
        lines: list[str] = []
        pipe = LogPipe(lines.append)
        held = os.dup(pipe.write_end)
        pipe.started()
        try:
            await asyncio.to_thread(write, held)
            pipe.drain()
            pipe.close()
        finally:
            os.close(held)
        return lines

    return asyncio.run(scenario())


def test_last_words_without_an_end_of_line_are_a_line() -> None:
    """What a process wrote last is reported even if it died before the end of its line; empty lines are not."""
    assert lines_of(lambda pipe: _write(pipe, b"one\r\n\n\ntw", b"o\nthree")) == ["one", "two", "three"]


def test_bytes_that_are_no_text_do_not_stop_the_log() -> None:
    """Bytes that are not UTF-8 are replaced, one line stays one line."""
    assert lines_of(lambda pipe: _write(pipe, b"a\xff\xfeb\nnext\n")) == ["a\ufffd\ufffdb", "next"]


def test_an_endless_line_is_cut_where_cloudwatch_cuts_it() -> None:
    """A line longer than CloudWatch keeps arrives in pieces of that length, nothing is lost."""
    lines = lines_of(lambda pipe: _write(pipe, b"x" * (MAX_LINE_BYTES + 5)))
    assert [len(line) for line in lines] == [MAX_LINE_BYTES, 5]


def _write(pipe: int, *chunks: bytes) -> None:
    for chunk in chunks:
        left = chunk
        while left:
            left = left[os.write(pipe, left) :]
