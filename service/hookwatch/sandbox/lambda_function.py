"""One Lambda function on this machine: the limit on its executions, its workers, and what each execution leaves.

Never speaks HTTP (`function_url`) and keeps no record: lines, data points and segments go to the observer.
"""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.sandbox import lambda_ending, lambda_lines, lambda_report, lambda_trace
from hookwatch.sandbox.lambda_model import FunctionStoppedError
from hookwatch.sandbox.lambda_pool import InitFailure, WorkerPool
from hookwatch.sandbox.lambda_report import Execution, Request
from hookwatch.sandbox.runtime_api import RuntimeRequest
from hookwatch.sandbox.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.lambda_model import FunctionSpec, Invocation, Observer


def encode_event(event: Mapping[str, object]) -> bytes:
    """Return the event as the JSON that the function gets; a lone surrogate stays an escape."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


class LambdaFunction:
    """A function that can be invoked, from `start` to `stop`, on one event loop."""

    def __init__(self, spec: FunctionSpec, *, observer: Observer) -> None:
        self.spec = spec
        self._observer = observer
        self._in_flight = 0
        self._pool: WorkerPool | None = None

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
            trace=lambda_trace.begin(trace_header, active=self.spec.tracing),
            concurrency=self._in_flight + 1,
            arrived_s=time.time(),
        )
        if request.concurrency > self.spec.concurrency:
            return lambda_report.refused(self.spec, self._observer, request, lambda_ending.throttled(self.spec))
        self._in_flight += 1
        try:
            execution = await self._execute(pool, request, payload)
        finally:
            self._in_flight -= 1
        return lambda_report.ran(self.spec, self._observer, request, execution)

    def _new_worker(self) -> Worker:
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return Worker(self.spec, self._observer, stream)

    async def _execute(self, pool: WorkerPool, request: Request, payload: bytes) -> Execution:
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
            ending = await claim.run(handed)
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
