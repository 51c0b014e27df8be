"""Keeps a running function at the settings that the emulator holds for it, as Lambda would.

Never changes the emulator's settings, but for the reserved concurrency at the start, which the emulator does not take
from a template. Follows environment, reserved concurrency, timeout and memory; everything else stays as deployed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_function import LambdaFunction
    from hookwatch.sandbox.lambda_model import FunctionSpec

POLL_S = 1.0
"""How often the settings are looked at: somebody who changes them by hand should not wait, and it costs a call."""


@dataclass(frozen=True, slots=True)
class _Settings:
    variables: Mapping[str, str]
    timeout_s: float
    memory_mb: int
    reserved_concurrency: int | None


class FunctionSettings:
    """Follows the settings of one function, from `start` to `stop`."""

    def __init__(self, function: LambdaFunction, clients: Clients) -> None:
        """Follow a function by its name."""
        self._function = function
        self._lambda = clients("lambda")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the settings as they are for those that the function runs with, then follow them."""
        known = await asyncio.to_thread(self._begin)
        self._task = asyncio.create_task(self._follow(known))

    async def stop(self) -> None:
        """Stop following."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self) -> _Settings:
        spec = self._function.spec
        if spec.reserved_concurrency is not None:
            self._lambda.put_function_concurrency(
                FunctionName=spec.name, ReservedConcurrentExecutions=spec.reserved_concurrency
            )
        return self._read()

    def _read(self) -> _Settings:
        found: Any = self._lambda.get_function(FunctionName=self._function.spec.name)
        settings = found["Configuration"]
        return _Settings(
            dict(settings.get("Environment", {}).get("Variables", {})),
            float(settings["Timeout"]),
            int(settings["MemorySize"]),
            found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        )

    async def _follow(self, known: _Settings) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                now = await asyncio.to_thread(self._read)
            except (BotoCoreError, ClientError):
                continue  # the emulator is busy, or ends
            if now != known:
                self._function.configure(_changed(self._function.spec, known, now))
                known = now


def _changed(spec: FunctionSpec, known: _Settings, now: _Settings) -> FunctionSpec:
    """The new specification; what the sandbox added to the environment stays."""
    added = {name: value for name, value in spec.environment.items() if known.variables.get(name) != value}
    return replace(
        spec,
        environment={**now.variables, **added},
        timeout_s=now.timeout_s,
        memory_mb=now.memory_mb,
        reserved_concurrency=now.reserved_concurrency,
    )
