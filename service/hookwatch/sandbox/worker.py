"""One worker: an awslambdaric process, its Runtime API and its log pipe. One execution at a time.

Never decides who gets a worker (`lambda_pool`) or what an ending means (`lambda_function`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.sandbox import lambda_lines
from hookwatch.sandbox.lambda_environment import worker_environment
from hookwatch.sandbox.lambda_model import INIT_LIMIT_S
from hookwatch.sandbox.runtime_api import RuntimeApi, RuntimeReply, RuntimeRequest
from hookwatch.sandbox.worker_ending import Exited, OutOfMemory, TimedOut
from hookwatch.sandbox.worker_log import LogPipe
from hookwatch.sandbox.worker_memory import PeakMemory

if TYPE_CHECKING:
    from hookwatch.sandbox.lambda_model import FunctionSpec, Observer

LAUNCHER = Path(__file__).with_name("worker_launch.py")
MEMORY_POLL_S = 0.05
"""How often a running execution's memory is looked at."""

Tie = Literal["signal", "pipe"]
DEFAULT_TIE: Tie = "signal" if sys.platform == "linux" else "pipe"
"""How a worker learns of the sandbox's death; see worker_launch."""

CANNOT_START = 127
"""The shell's exit status for a command that cannot be run."""


Ending = RuntimeReply | TimedOut | Exited | OutOfMemory


class Worker:
    """A process that can run one execution after another.

    Attributes:
        init_ms: Length of the init phase; taken (set to None) by the first invocation.
        memory_mb: Most memory that the process has held so far; None where the system does not tell.
    """

    def __init__(self, spec: FunctionSpec, observer: Observer, log_stream: str, *, tie: Tie = DEFAULT_TIE) -> None:
        self.init_ms: float | None = None
        self.memory_mb: int | None = None
        self._spec = spec
        self._observer = observer
        self._log_stream = log_stream
        self._tie = tie
        self._lifeline: int | None = None
        self._api = RuntimeApi()
        self._log = LogPipe(self._line)
        self._process: asyncio.subprocess.Process | None = None
        self._exit: asyncio.Task[int] | None = None
        self._peak: PeakMemory | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._exit is not None and not self._exit.done()

    def _line(self, line: str) -> None:
        if lambda_lines.kept(self._spec, line):
            self._observer.log_line(self._spec.name, line)

    async def start(self) -> RuntimeReply | TimedOut | Exited | None:
        """Start the process and wait for its first poll; what is returned otherwise is why there was none.

        The limit is AWS's: its init phase, and the second try that it makes under the function's own timeout.
        """
        begun_s = time.monotonic()
        self._observer.log_line(self._spec.name, lambda_lines.init_start(self._spec, self._log_stream))
        try:
            self._process = await self._launch(await self._api.start())
        except OSError as problem:
            self._line(f"cannot start {self._spec.python} in {self._spec.source_root}: {problem}")
            self._close()
            return Exited(code=CANNOT_START)
        except BaseException:
            self._close()
            raise
        self._log.started()
        self._peak = PeakMemory(self._process.pid)
        self._exit = asyncio.create_task(self._watch(self._process))
        polled = asyncio.create_task(self._api.polled.wait())
        try:
            limit_s = INIT_LIMIT_S + self._spec.timeout_s
            ends: set[asyncio.Future[Any]] = {polled, self._api.init_failed, self._exit}
            await asyncio.wait(ends, timeout=limit_s, return_when="FIRST_COMPLETED")
        finally:
            polled.cancel()
        self._measure()
        self.init_ms = (time.monotonic() - begun_s) * 1000
        if self._api.polled.is_set():
            return None
        return await self._init_failure()

    async def _launch(self, address: str) -> asyncio.subprocess.Process:
        spec = self._spec
        stdin = os.open(os.devnull, os.O_RDONLY) if self._tie == "signal" else None
        if stdin is None:
            stdin, self._lifeline = os.pipe()
        try:
            return await asyncio.create_subprocess_exec(
                *(spec.python, "-I", "-S", str(LAUNCHER), self._tie, str(os.getpid())),
                *(spec.python, "-m", "awslambdaric", spec.handler),
                stdin=stdin,
                stdout=self._log.write_end,
                stderr=self._log.write_end,
                env=worker_environment(spec, runtime_api=address, log_stream=self._log_stream),
                cwd=spec.source_root,
                start_new_session=True,
            )
        finally:
            os.close(stdin)

    async def _init_failure(self) -> RuntimeReply | TimedOut | Exited:
        if self._api.init_failed.done():
            await self.kill()
            return self._api.init_failed.result()
        if self._exit is not None and self._exit.done():
            return Exited(code=self._exit.result())
        await self.kill()
        return TimedOut()

    async def run(self, request: RuntimeRequest, *, crash_s: float | None = None) -> Ending:
        """Run one execution to its end; any ending but a reply leaves no process.

        With `crash_s` the process is killed that long after it got the event, and before it got it when that is 0.
        """
        assert self._exit is not None
        if crash_s == 0:
            await self.kill()
            return Exited(code=self._exit.result())
        reply = self._api.deliver(request)
        ends: set[asyncio.Future[Any]] = {reply, self._exit}
        deadline_s = time.monotonic() + min(self._spec.timeout_s, self._spec.timeout_s if crash_s is None else crash_s)
        while True:
            left_s = deadline_s - time.monotonic()
            if left_s > 0:
                pause_s = min(left_s, MEMORY_POLL_S)
                await asyncio.wait(ends, timeout=pause_s, return_when="FIRST_COMPLETED")
            self._measure()
            if self.memory_mb is not None and self.memory_mb > self._spec.memory_mb:
                await self.kill()
                return OutOfMemory()
            if reply.done():
                self._log.drain()
                return reply.result()
            if self._exit.done():
                return Exited(code=self._exit.result())
            if left_s <= 0:
                await self.kill()
                crashed = crash_s is not None and crash_s < self._spec.timeout_s
                return Exited(code=self._exit.result()) if crashed else TimedOut()

    async def wait_polled(self, limit_s: float) -> bool:
        """Wait until the process asks for its next invocation; False if it died or took too long."""
        assert self._exit is not None
        polled = asyncio.create_task(self._api.polled.wait())
        try:
            ends: set[asyncio.Future[Any]] = {polled, self._exit}
            await asyncio.wait(ends, timeout=limit_s, return_when="FIRST_COMPLETED")
        finally:
            polled.cancel()
        return self._api.polled.is_set() and self.alive

    async def kill(self) -> None:
        """Kill the process and whatever it started, and wait until it is gone."""
        if self._process is None or self._exit is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._exit

    async def _watch(self, process: asyncio.subprocess.Process) -> int:
        code = await process.wait()
        self._close()
        return code

    def _close(self) -> None:
        self._log.close()
        self._api.close()
        if self._peak is not None:
            self._peak.close()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _measure(self) -> None:
        if self._peak is not None and self.alive and (megabytes := self._peak.megabytes()) is not None:
            self.memory_mb = megabytes
