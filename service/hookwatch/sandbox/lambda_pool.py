"""Which worker runs the next execution: a warm one if any is free, else a new one.

Never refuses anybody: the limit on executions is `lambda_function`'s, and keeps the number of workers within it.
Starts are staggered, because ten interpreters that start at once on two cores are all slow, while staggered the first
ones serve; a request that waits takes whichever worker is free first.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.sandbox.worker import Worker
from hookwatch.sandbox.worker_ending import Exited, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hookwatch.sandbox.runtime_api import RuntimeReply

STARTS_AT_ONCE = max(2, os.cpu_count() or 2)
RETIRE_POLL_S = 0.05
RETURN_LIMIT_S = 5.0
"""How long a worker may take to ask for more after it answered, before it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitFailure:
    """The request's worker never became ready; `init_ms` says how long it tried."""

    cause: RuntimeReply | TimedOut | Exited
    init_ms: float
    memory_mb: int | None


Claim = Worker | InitFailure


class WorkerPool:
    """The workers of one function."""

    def __init__(self, new_worker: Callable[[], Worker]) -> None:
        self._new_worker = new_worker
        self._idle: list[Worker] = []
        self._workers: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Claim]] = deque()
        self._starting = 0
        self._returning = 0
        self._starts = asyncio.Semaphore(STARTS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(self) -> Claim:
        """Wait for a worker; the one used last comes first."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._workers.discard(worker)
        place: asyncio.Future[Claim] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._grow()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and isinstance(claim := place.result(), Worker):
                self.release(claim)
            raise

    def release(self, worker: Worker) -> None:
        """Give a worker back after its execution, whatever became of it."""
        if not worker.alive or self._closed:
            self._workers.discard(worker)
            self._grow()
            return
        self._returning += 1
        self._spawn(self._return(worker))

    async def retire(self) -> None:
        """Close as soon as nobody uses a worker or waits for one."""
        try:
            # Four things have to be over; an event for each would be more to get wrong than a look now and then.
            while self._busy:  # noqa: ASYNC110 - see above
                await asyncio.sleep(RETIRE_POLL_S)
        finally:
            await self.close()

    async def close(self) -> None:
        """Kill every worker; whoever still waits for one is told that it was killed."""
        self._closed = True
        for _ in tuple(self._waiting):
            self._offer(InitFailure(cause=Exited(code=-signal.SIGKILL), init_ms=0.0, memory_mb=None))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in self._workers))
        self._workers.clear()
        self._idle.clear()

    @property
    def _busy(self) -> bool:
        return bool(self._waiting or self._starting or self._returning or len(self._workers) > len(self._idle))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _grow(self) -> None:
        """Start as many workers as there are waiting requests that nobody comes back for."""
        while not self._closed and len(self._waiting) > self._starting + self._returning:
            self._starting += 1
            self._spawn(self._start())

    def _offer(self, claim: Claim) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(claim)
                return
        if isinstance(claim, Worker):
            self._idle.append(claim)

    async def _start(self) -> None:
        claim: Claim | None = None
        try:
            async with self._starts:
                if self._waiting:
                    claim = await self._started_worker()
        finally:
            self._starting -= 1
        if claim is not None:
            self._offer(claim)
        self._grow()

    async def _started_worker(self) -> Claim:
        worker = self._new_worker()
        self._workers.add(worker)
        failure = await worker.start()
        if failure is None:
            return worker
        self._workers.discard(worker)
        return InitFailure(cause=failure, init_ms=worker.init_ms or 0.0, memory_mb=worker.memory_mb)

    async def _return(self, worker: Worker) -> None:
        ready = False
        try:
            ready = await worker.wait_polled(RETURN_LIMIT_S)
        finally:
            self._returning -= 1
        if ready:
            self._offer(worker)
        else:
            await worker.kill()
            self._workers.discard(worker)
            self._grow()
