"""Tells the observer of one execution: closing lines, data points, segments; and returns its result.

Never runs anything and never waits.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.sandbox import lambda_lines, lambda_metrics, lambda_trace
from hookwatch.sandbox.lambda_model import Invocation

if TYPE_CHECKING:
    from hookwatch.sandbox.lambda_ending import Verdict
    from hookwatch.sandbox.lambda_model import FunctionSpec, Observer
    from hookwatch.sandbox.lambda_trace import TraceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One invocation as it arrived; `concurrency` counts the executions at that moment, itself included."""

    request_id: str
    trace: TraceContext
    concurrency: int
    arrived_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What became of it; `begun_s` is when the function got it, Unix seconds."""

    verdict: Verdict
    begun_s: float
    duration_ms: float
    init_ms: float | None
    memory_mb: int | None


def began(spec: FunctionSpec, observer: Observer, request: Request) -> None:
    """Report an invocation that is let in."""
    for point in lambda_metrics.executions(spec.name, running=request.concurrency, time_s=request.arrived_s):
        observer.metric(point)


def ran(spec: FunctionSpec, observer: Observer, request: Request, execution: Execution) -> Invocation:
    """Report an invocation that got a process, whatever became of it."""
    verdict = execution.verdict
    ended = lambda_lines.Ended(
        request_id=request.request_id,
        status=verdict.status,
        error_type=verdict.error_type,
        message=verdict.message,
        duration_ms=execution.duration_ms,
        init_ms=execution.init_ms,
        memory_mb=execution.memory_mb,
        trace=request.trace,
    )
    for line in lambda_lines.ended(spec, ended):
        observer.log_line(spec.name, line)
    points = lambda_metrics.invocation(
        spec.name,
        failed=verdict.kind != "ok",
        duration_ms=execution.duration_ms,
        started_s=request.arrived_s,
    )
    for point in points:
        observer.metric(point)
    _trace(spec, observer, request, verdict, execution)
    return _result(request, verdict, execution)


def refused(spec: FunctionSpec, observer: Observer, request: Request, verdict: Verdict) -> Invocation:
    """Report an invocation that was throttled: no line, no process, one data point."""
    for point in lambda_metrics.throttle(spec.name, time_s=request.arrived_s):
        observer.metric(point)
    _trace(spec, observer, request, verdict, None)
    return _result(request, verdict, None)


def dropped(spec: FunctionSpec, observer: Observer, request: Request, verdict: Verdict) -> Invocation:
    """Report an invocation that was one too many in a loop: no line, no process, one data point."""
    for point in lambda_metrics.recursion(spec.name, time_s=request.arrived_s):
        observer.metric(point)
    _trace(spec, observer, request, verdict, None)
    return _result(request, verdict, None)


def _result(request: Request, verdict: Verdict, execution: Execution | None) -> Invocation:
    return Invocation(
        kind=verdict.kind,
        payload=verdict.payload,
        error_type=verdict.error_type,
        duration_ms=execution.duration_ms if execution else 0.0,
        init_ms=execution.init_ms if execution else None,
        request_id=request.request_id,
        trace_header=request.trace.header,
    )


def _trace(
    spec: FunctionSpec, observer: Observer, request: Request, verdict: Verdict, execution: Execution | None
) -> None:
    ending = lambda_trace.Ending(
        request_id=request.request_id,
        status=verdict.http_status,
        started_s=request.arrived_s,
        invoked_s=execution.begun_s if execution else None,
        ended_s=time.time(),
        init_ms=execution.init_ms if execution else None,
        fault=verdict.kind not in {"ok", "throttled"},
        throttled=verdict.kind == "throttled",
        cause=verdict.xray_cause,
    )
    for document in lambda_trace.segments(spec, request.trace, ending):
        observer.segment(document)
