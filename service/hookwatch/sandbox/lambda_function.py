"""One Lambda function on this machine: the limit on its executions, its workers, and what each execution leaves.

Never speaks HTTP (`function_url`) and keeps no record: lines, data points and segments go to the observer.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.sandbox import lambda_ending, lambda_lines, lambda_report, lambda_trace
from hookwatch.sandbox.faults import FaultKind
from hookwatch.sandbox.lambda_lineage import MAX_RUNS
from hookwatch.sandbox.lambda_model import FunctionStoppedError
from hookwatch.sandbox.lambda_pool import InitFailure, WorkerPool
from hookwatch.sandbox.lambda_report import Execution, Request
from hookwatch.sandbox.runtime_api import RuntimeRequest
from hookwatch.sandbox.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.faults import Fault
    from hookwatch.sandbox.lambda_model import FunctionSpec, Invocation, Observer


def encode_event(event: Mapping[str, object]) -> bytes:
    """Return the event as the JSON that the function gets; a lone surrogate stays an escape."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


class LambdaFunction:
    """A function that can be invoked, from `start` to `stop`, on one event loop."""

    def __init__(self, spec: FunctionSpec, *, observer: Observer, strike: Callable[[], list[Fault]] = list) -> None:
        """Make a function; `strike` tells what is to go wrong with an invocation."""
        self.spec = spec
        self._observer = observer
        self._strike = strike
        self._in_flight = 0
        self._pool: WorkerPool | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Executions at this moment."""
        return self._in_flight

    async def start(self) -> None:
        """Get ready. No process starts before the first invocation, as on AWS.

        Raises:
            NotADirectoryError: The source root is not there.
        """
        if not self.spec.source_root.is_dir():
            raise NotADirectoryError(f"function {self.spec.name}: no folder {self.spec.source_root}")
        self._pool = WorkerPool(self._new_worker)

    async def stop(self) -> None:
        """Kill every process. Executions that run end as crashed, those that wait for a process as failed in init."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    def configure(self, spec: FunctionSpec) -> None:
        """Change the settings while running. Executions under way end under the old ones, but for the concurrency."""
        only_concurrency = replace(spec, reserved_concurrency=self.spec.reserved_concurrency) == self.spec
        self.spec = spec
        if only_concurrency or self._pool is None:
            return
        old, self._pool = self._pool, WorkerPool(self._new_worker)
        task = asyncio.create_task(old.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def invoke(
        self, event: Mapping[str, object], *, request_id: str | None = None, trace_header: str | None = None
    ) -> Invocation:
        """Run one synchronous invocation to its end.

        Args:
            event: What the handler gets.
            request_id: Its request id; a new one if None.
            trace_header: The caller's X-Amzn-Trace-Id.

        Raises:
            FunctionStoppedError: The function is not started.
        """
        return await self.invoke_payload(encode_event(event), request_id=request_id, trace_header=trace_header)

    async def invoke_payload(
        self, payload: bytes, *, request_id: str | None = None, trace_header: str | None = None
    ) -> Invocation:
        """As `invoke`, with the event as JSON."""
        pool = self._pool
        if pool is None:
            raise FunctionStoppedError(f"function {self.spec.name} is not started")
        request = Request(
            request_id=request_id or str(uuid.uuid4()),
            trace=lambda_trace.begin(trace_header, active=self.spec.tracing, arn=self.spec.arn),
            concurrency=self._in_flight + 1,
            arrived_s=time.time(),
        )
        if request.trace.runs > MAX_RUNS:
            return lambda_report.dropped(self.spec, self._observer, request, lambda_ending.recursive(self.spec))
        faults = {fault.kind: fault for fault in self._strike()}
        if request.concurrency > self.spec.concurrency or FaultKind.THROTTLE in faults:
            return lambda_report.refused(self.spec, self._observer, request, lambda_ending.throttled(self.spec))
        self._in_flight += 1
        lambda_report.began(self.spec, self._observer, request)
        try:
            if delay := faults.get(FaultKind.DELAY):
                await asyncio.sleep(delay.seconds or 0.0)
            # Another pool, if the settings changed during the delay.
            execution = await self._execute(self._pool or pool, request, payload, faults.get(FaultKind.CRASH))
        finally:
            self._in_flight -= 1
        return lambda_report.ran(self.spec, self._observer, request, execution)

    def _new_worker(self) -> Worker:
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return Worker(self.spec, self._observer, stream)

    async def _execute(self, pool: WorkerPool, request: Request, payload: bytes, crash: Fault | None) -> Execution:
        claim = await pool.acquire()
        self._observer.log_line(self.spec.name, lambda_lines.started(self.spec, request.request_id))
        if isinstance(claim, InitFailure):
            return self._never_ready(request, claim)
        init_ms, claim.init_ms = claim.init_ms, None
        begun_s, clock_s = time.time(), time.perf_counter()
        handed = RuntimeRequest(
            request_id=request.request_id,
            payload=payload,
            deadline_ms=int((begun_s + self.spec.timeout_s) * 1000),
            function_arn=self.spec.arn,
            trace_header=request.trace.header,
        )
        try:
            ending = await claim.run(handed, crash_s=None if crash is None else crash.seconds or 0.0)
        except BaseException:
            await claim.kill()
            raise
        finally:
            pool.release(claim)
        return Execution(
            verdict=lambda_ending.judge(self.spec, request.request_id, ending, in_init=False),
            begun_s=begun_s,
            duration_ms=(time.perf_counter() - clock_s) * 1000,
            init_ms=init_ms,
            memory_mb=claim.memory_mb,
        )

    def _never_ready(self, request: Request, failure: InitFailure) -> Execution:
        verdict = lambda_ending.judge(self.spec, request.request_id, failure.cause, in_init=True)
        line = lambda_lines.init_failed(
            self.spec,
            error_type=verdict.error_type,
            init_ms=failure.init_ms,
            timed_out=verdict.status == "timeout",
        )
        self._observer.log_line(self.spec.name, line)
        return Execution(
            verdict=verdict,
            begun_s=time.time() - failure.init_ms / 1000,
            duration_ms=failure.init_ms,
            init_ms=None,
            memory_mb=failure.memory_mb,
        )
