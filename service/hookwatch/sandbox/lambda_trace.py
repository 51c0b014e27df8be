"""X-Ray's trace header, and the two segments that Lambda itself writes for a sampled request.

Never sends anything: documents out. The function's own subsegments go over UDP to whoever listens at
AWS_XRAY_DAEMON_ADDRESS and name `TraceContext.function_segment_id` as their parent.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_lineage import continued

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.lambda_model import FunctionSpec

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_SEGMENT_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """Where one request stands in its trace."""

    root: str
    caller_segment_id: str | None
    service_segment_id: str
    function_segment_id: str
    sampled: bool
    lineage: str = ""
    runs: int = 1
    """How often the function ran in this chain, this time included (`lambda_lineage`)."""

    @property
    def header(self) -> str:
        """What the function finds in `_X_AMZN_TRACE_ID`."""
        header = f"Root={self.root};Parent={self.function_segment_id};Sampled={int(self.sampled)}"
        return f"{header};Lineage={self.lineage}" if self.lineage else header


def begin(header: str | None, *, active: bool, arn: str = "") -> TraceContext:
    """Continue the trace of an inbound X-Amzn-Trace-Id header, or begin one.

    Anything in the header that is not of X-Ray's shape
    (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader, read
    2026-11-22) is ignored. With active tracing AWS samples one request a second and five percent of the rest; here
    every request is sampled, unless its caller decided against it.

    Args:
        header: The caller's header, if any.
        active: Whether the function's tracing mode is Active.
        arn: The function's, for the lineage; without it none is passed on.
    """
    fields = dict(part.strip().partition("=")[::2] for part in (header or "").split(";"))
    root, parent = fields.get("Root", ""), fields.get("Parent", "")
    known = _ROOT.fullmatch(root) is not None
    lineage, runs = continued(fields.get("Lineage", ""), arn) if arn else ("", 1)
    return TraceContext(
        root=root if known else f"1-{int(time.time()):08x}-{secrets.token_hex(12)}",
        caller_segment_id=parent if known and _SEGMENT_ID.fullmatch(parent) else None,
        service_segment_id=secrets.token_hex(8),
        function_segment_id=secrets.token_hex(8),
        sampled=active and fields.get("Sampled") != "0",
        lineage=lineage,
        runs=runs,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the segments say about the end of a request; times are Unix seconds."""

    request_id: str
    status: int
    started_s: float
    invoked_s: float | None
    ended_s: float
    init_ms: float | None
    fault: bool
    throttled: bool
    cause: str


def _cause(document: str) -> dict[str, object]:
    """Return the runtime client's X-Ray cause, with the id that a segment's exceptions need."""
    try:
        cause = json.loads(document)
    except ValueError:
        return {}
    exceptions = cause.get("exceptions") if isinstance(cause, dict) else None
    if not isinstance(exceptions, list):
        return {}
    marked = [{"id": secrets.token_hex(8), **one} for one in exceptions if isinstance(one, dict)]
    return {"cause": {**cause, "exceptions": marked}}


def segments(spec: FunctionSpec, trace: TraceContext, ending: Ending) -> list[Mapping[str, object]]:
    """Return AWS::Lambda and, when the function ran, AWS::Lambda::Function; nothing for an unsampled request."""
    if not trace.sampled:
        return []
    common = {"trace_id": trace.root, "name": spec.name, "end_time": ending.ended_s}
    marks = {"fault": True} if ending.fault else {}
    if ending.throttled:
        marks = {"throttle": True, "error": True}
    service: dict[str, object] = {
        **common,
        **marks,
        "id": trace.service_segment_id,
        "start_time": ending.started_s,
        "origin": "AWS::Lambda",
        "resource_arn": spec.arn,
        "http": {"response": {"status": ending.status}},
        "aws": {"request_id": ending.request_id, "resource_names": [spec.name]},
    }
    if trace.caller_segment_id is not None:
        service["parent_id"] = trace.caller_segment_id
    if ending.invoked_s is None:
        return [service]
    function: dict[str, object] = {
        **common,
        **marks,
        **_cause(ending.cause),
        "id": trace.function_segment_id,
        "parent_id": trace.service_segment_id,
        "start_time": ending.invoked_s,
        "origin": "AWS::Lambda::Function",
        "aws": {"function_arn": spec.arn, "account_id": spec.account, "request_id": ending.request_id},
        "subsegments": _phases(ending, ending.invoked_s, marks),
    }
    return [service, function]


def _phases(ending: Ending, invoked_s: float, marks: Mapping[str, bool]) -> list[dict[str, object]]:
    """Return the subsegments Initialization (of a process's first request) and Invocation."""
    phases: list[dict[str, object]] = []
    if ending.init_ms is not None:
        begun_s = invoked_s - ending.init_ms / 1000
        initialization = {"id": secrets.token_hex(8), "name": "Initialization"}
        phases.append({**initialization, "start_time": begun_s, "end_time": invoked_s})
    invocation = {"id": secrets.token_hex(8), "name": "Invocation", **marks}
    phases.append({**invocation, "start_time": invoked_s, "end_time": ending.ended_s})
    return phases
