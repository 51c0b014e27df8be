"""What an execution's ending means: its kind, its error document and what the platform says about it.

Never does anything: values in, values out. The wording is Lambda's own, because log queries and people look for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_model import MAX_RESPONSE_BYTES
from hookwatch.sandbox.runtime_api import RuntimeReply
from hookwatch.sandbox.worker_ending import Exited, OutOfMemory, TimedOut

if TYPE_CHECKING:
    from hookwatch.sandbox.lambda_lines import Status
    from hookwatch.sandbox.lambda_model import FunctionSpec, InvocationKind
    from hookwatch.sandbox.worker import Ending

THROTTLED_STATUS = 429
RECURSIVE_STATUS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An ending, judged. `message` is the platform's remark for the log, empty when it has none.

    `http_status` is what Invoke would answer: 200 for every execution that ran, whatever became of it.
    """

    kind: InvocationKind
    status: Status
    payload: bytes
    error_type: str = ""
    message: str = ""
    xray_cause: str = ""
    http_status: int = 200


def judge(spec: FunctionSpec, request_id: str, ending: Ending, *, in_init: bool) -> Verdict:
    """Return what an ending means; `in_init` if the process never became ready."""
    match ending:
        case RuntimeReply(kind="ok"):
            return Verdict(kind="ok", status="success", payload=ending.payload)
        case RuntimeReply(kind="error"):
            return Verdict(
                kind="init_error" if in_init else "error",
                status="error",
                payload=ending.payload,
                error_type=ending.error_type or _error_type(ending.payload),
                xray_cause=ending.xray_cause,
            )
        case RuntimeReply():
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
            return _platform("error", request_id, "Function.ResponseSizeTooLarge", message)
        case TimedOut():
            return _timeout(spec, request_id, in_init=in_init)
        case Exited():
            message = f"Runtime exited with error: {ending.reason}"
            if ending.code == 0:
                message = "Runtime exited without providing a reason"
            return _platform("init_error" if in_init else "crash", request_id, "Runtime.ExitError", message)
        case OutOfMemory():
            return _platform("crash", request_id, "Runtime.OutOfMemory", "Runtime exited with error: signal: killed")


def throttled(spec: FunctionSpec) -> Verdict:
    """Return the answer to a request past the function's concurrency, as the Lambda API words it."""
    reserved = "ReservedFunctionConcurrentInvocationLimitExceeded"
    reason = reserved if spec.reserved_concurrency is not None else "ConcurrentInvocationLimitExceeded"
    document = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    return Verdict(
        kind="throttled",
        status="error",
        payload=json.dumps(document, separators=(",", ":")).encode(),
        error_type="TooManyRequestsException",
        http_status=THROTTLED_STATUS,
    )


def recursive(spec: FunctionSpec) -> Verdict:
    """Return the answer to an invocation that Lambda drops as recursive (API_Invoke.html, read 2026-11-27)."""
    message = f"Lambda has detected {spec.name} being invoked in a recursive loop, and stopped its invocation."
    return Verdict(
        kind="recursive",
        status="error",
        payload=json.dumps({"Type": "User", "message": message}, separators=(",", ":")).encode(),
        error_type="RecursiveInvocationException",
        http_status=RECURSIVE_STATUS,
    )


def _timeout(spec: FunctionSpec, request_id: str, *, in_init: bool) -> Verdict:
    message = f"Task timed out after {spec.timeout_s:.2f} seconds"
    document = {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Verdict(
        kind="init_error" if in_init else "timeout",
        status="timeout",
        payload=json.dumps(document).encode(),
        error_type="Sandbox.Timedout",
        message=message,
    )


def _platform(kind: InvocationKind, request_id: str, error_type: str, message: str) -> Verdict:
    document = {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Verdict(
        kind=kind, status="error", payload=json.dumps(document).encode(), error_type=error_type, message=message
    )


def _error_type(payload: bytes) -> str:
    """Return the error type that an error document names, or Lambda's word for one that names none."""
    try:
        document = json.loads(payload)
    except ValueError:
        return "Runtime.Unknown"
    named = document.get("errorType") if isinstance(document, dict) else None
    return named if isinstance(named, str) and named else "Runtime.Unknown"
