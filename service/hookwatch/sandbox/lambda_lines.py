"""The lines that Lambda itself writes into a function's log group, and which application lines it drops.

Never writes anywhere: strings out. The JSON records are those of the Telemetry API
(https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html, read 2026-11-22) with the fields that
live functions' log groups showed in October 2026. The system log level is INFO, as the template sets it, so
`platform.runtimeDone` and `platform.initReport` appear only when something went wrong
(https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html, read 2026-11-22).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.lambda_model import FunctionSpec
    from hookwatch.sandbox.lambda_trace import TraceContext

LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "FATAL": 5, "CRITICAL": 5}
"""Lambda's application log levels and the names that Python gives them, least severe first."""

Status = Literal["success", "error", "timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the closing lines of one invocation say.

    `message` is what the platform has to add (empty for an exception in the handler: the runtime client has logged
    that itself); `memory_mb` is None where the system does not tell.
    """

    request_id: str
    status: Status
    error_type: str
    message: str
    duration_ms: float
    init_ms: float | None
    memory_mb: int | None
    trace: TraceContext

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds, init included (billed for every package type since August 2025)."""
        return math.ceil(self.duration_ms + (self.init_ms or 0.0))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _record(kind: str, record: Mapping[str, object]) -> str:
    return json.dumps({"time": _now(), "type": kind, "record": record}, separators=(",", ":"))


def init_start(spec: FunctionSpec, log_stream: str) -> str:
    """Return the line of a starting process."""
    if spec.log_format == "Text":
        return f"INIT_START Runtime Version: {spec.runtime.replace('python', 'python:')}.local"
    record = {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": f"{spec.runtime.replace('python', 'python:')}.local",
        "functionName": spec.name,
        "functionVersion": "$LATEST",
        "instanceId": log_stream,
        "instanceMaxMemory": spec.memory_mb * 1024 * 1024,
    }
    return _record("platform.initStart", record)


def init_failed(spec: FunctionSpec, *, error_type: str, init_ms: float, timed_out: bool) -> str:
    """Return the line of a process that never became ready."""
    status = "timeout" if timed_out else "error"
    if spec.log_format == "Text":
        parts = (f"Init Duration: {init_ms:.2f} ms", "Phase: init", f"Status: {status}", f"Error Type: {error_type}")
        return "INIT_REPORT " + "\t".join(parts)
    metrics = {"durationMs": round(init_ms, 3)}
    record = {"initializationType": "on-demand", "phase": "init", "status": status, "metrics": metrics}
    return _record("platform.initReport", {**record, **({"errorType": error_type} if error_type else {})})


def started(spec: FunctionSpec, request_id: str) -> str:
    """Return the line of a starting invocation."""
    if spec.log_format == "Text":
        return f"START RequestId: {request_id} Version: $LATEST"
    return _record("platform.start", {"requestId": request_id, "functionArn": spec.arn, "version": "$LATEST"})


def ended(spec: FunctionSpec, end: Ended) -> list[str]:
    """Return the closing lines of an invocation, in the order that Lambda writes them."""
    return _ended_text(spec, end) if spec.log_format == "Text" else _ended_json(spec, end)


def _ended_text(spec: FunctionSpec, end: Ended) -> list[str]:
    lines = []
    if end.status == "timeout":
        lines.append(f"{_now()} {end.request_id} {end.message}")
    elif end.message:
        lines.append(f"RequestId: {end.request_id} Error: {end.message}")
        lines.append(end.error_type)
    parts = [
        f"REPORT RequestId: {end.request_id}",
        f"Duration: {end.duration_ms:.2f} ms",
        f"Billed Duration: {end.billed_ms} ms",
        f"Memory Size: {spec.memory_mb} MB",
    ]
    if end.memory_mb is not None:
        parts.append(f"Max Memory Used: {end.memory_mb} MB")
    if end.init_ms is not None:
        parts.append(f"Init Duration: {end.init_ms:.2f} ms")
    if end.status != "success":
        parts.append(f"Status: {end.status}")
    if end.status == "error":
        parts.append(f"Error Type: {end.error_type}")
    if end.trace.sampled:
        trace = end.trace
        parts.append(f"XRAY TraceId: {trace.root}\tSegmentId: {trace.function_segment_id}\tSampled: true")
    return [*lines, f"END RequestId: {end.request_id}", "\t".join(parts)]


def _ended_json(spec: FunctionSpec, end: Ended) -> list[str]:
    outcome: dict[str, object] = {"status": end.status}
    if end.error_type:
        outcome["errorType"] = end.error_type
    duration_ms = round(end.duration_ms, 3)
    tracing = {"spanId": end.trace.function_segment_id, "type": "X-Amzn-Trace-Id", "value": end.trace.header}
    common: dict[str, object] = {"requestId": end.request_id, **outcome}
    if end.trace.sampled:
        common["tracing"] = tracing
    lines = []
    if end.status != "success":
        lines.append(_record("platform.runtimeDone", {**common, "metrics": {"durationMs": duration_ms}}))
    metrics: dict[str, object] = {
        "durationMs": duration_ms,
        "billedDurationMs": end.billed_ms,
        "memorySizeMB": spec.memory_mb,
    }
    if end.memory_mb is not None:
        metrics["maxMemoryUsedMB"] = end.memory_mb
    if end.init_ms is not None:
        metrics["initDurationMs"] = round(end.init_ms, 3)
    return [*lines, _record("platform.report", {**common, "metrics": metrics})]


def kept(spec: FunctionSpec, line: str) -> bool:
    """Tell whether Lambda sends an application line to CloudWatch Logs.

    Only the JSON log format filters, and only lines that are JSON objects whose `level` is a known one; everything
    else counts as INFO.
    """
    threshold = LEVELS.get(spec.application_log_level or "TRACE", 0)
    if spec.log_format == "Text" or threshold <= LEVELS["DEBUG"]:
        return True
    level: object = None
    if line.startswith("{"):
        try:
            level = json.loads(line).get("level")
        except ValueError:
            level = None
    return LEVELS.get(str(level).upper(), LEVELS["INFO"]) >= threshold
