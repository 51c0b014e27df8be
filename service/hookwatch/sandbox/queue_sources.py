"""All queues that feed functions: follows the emulator's mappings, so that AWS's own commands work on them.

Never reads a queue itself (`queue_source`) and never changes a mapping.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.queue_mapping import QueueMapping, read_mappings
from hookwatch.sandbox.queue_source import QueueSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_function import LambdaFunction

POLL_S = 1.0
"""How often the mappings are looked at: somebody who disables one should not wait, and it costs a call."""


class QueueSources:
    """The readers of all mapped queues, from `start` to `stop`."""

    def __init__(self, clients: Clients, functions: Mapping[str, tuple[LambdaFunction, Clients]], speed: float) -> None:
        """Follow the mappings of these functions, given by name with clients that hold their roles."""
        self._lambda = clients("lambda")
        self._functions = functions
        self._speed = speed
        self._sources: dict[str, QueueSource] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def sources(self) -> tuple[QueueSource, ...]:
        """The readers."""
        return tuple(self._sources.values())

    async def start(self) -> None:
        """Read the queues that are mapped now, and follow."""
        await self._take(await asyncio.to_thread(read_mappings, self._lambda))
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop all readers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._take({})

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self._take(await asyncio.to_thread(read_mappings, self._lambda))
            except (BotoCoreError, ClientError):
                continue  # the emulator is busy, or ends

    async def _take(self, mappings: Mapping[str, QueueMapping]) -> None:
        gone = [uuid for uuid in self._sources if uuid not in mappings]
        for uuid in gone:
            await self._sources.pop(uuid).stop()
        for uuid, mapping in mappings.items():
            if uuid in self._sources:
                self._sources[uuid].mapping = mapping
            elif mapping.function in self._functions:
                function, clients = self._functions[mapping.function]
                source = self._sources[uuid] = QueueSource(mapping, clients, function.invoke_payload, self._speed)
                source.start()
