"""ministack alone, for parts that talk to AWS and need no functions; every client reaches it and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.ministack import MiniStack

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ministack() -> Iterator[Clients]:
    """Start it on a free loopback port, and end it with all that it started."""
    with asyncio.Runner() as runner:
        stack = MiniStack()
        runner.run(stack.start())
        try:
            yield Clients(stack.endpoint)
        finally:
            runner.run(stack.stop())
