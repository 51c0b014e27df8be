"""What the Lambda side of the sandbox is told and what it tells: values only.

This module never starts a process, opens a socket or reads a clock.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT_CONCURRENCY = 10
"""Parallel executions of a function without reserved concurrency. On AWS it would share its account's quota
(10 in a new account: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-22)."""

MAX_REQUEST_BYTES = 6 * 1024 * 1024
"""The event of a synchronous invocation, as JSON; Invoke refuses more with "Request must be smaller than 6291456
bytes". Source: the quota of 6 MB in the same page, read 2026-11-22."""

MAX_RESPONSE_BYTES = MAX_REQUEST_BYTES + 100
"""A function's answer, as JSON. Lambda's own message names 6291556 bytes: the request's limit and 100 bytes."""

MAX_HEADER_BYTES = 1024 * 1024
"""Request line and headers of a Function URL request together (same page, "Function URL", read 2026-11-22)."""

INIT_LIMIT_S = 10.0
"""How long AWS lets the init phase run before it starts it again inside the first invocation, under the function's
timeout (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, read 2026-11-22)."""

InvocationKind = Literal["ok", "error", "timeout", "crash", "throttled", "recursive", "init_error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function as its template declares it.

    Attributes:
        name: The physical function name.
        handler: Dotted path of the handler, importable from `source_root`.
        source_root: The folder that would be /var/task on AWS.
        environment: The function's own variables, and what the sandbox adds (endpoints, throwaway credentials).
        timeout_s: An invocation is killed after this many seconds.
        memory_mb: The memory setting; a function that holds more is killed.
        reserved_concurrency: Executions at once; 0 refuses everything, None means `DEFAULT_CONCURRENCY`.
        log_format: How the platform's own lines look, and what the runtime client is told.
        tracing: True for Active (every request is sampled, unless its caller said no), False for PassThrough.
        application_log_level: Application lines of JSON log format below it are dropped, as AWS drops them.
        runtime: The runtime's identifier, as the template declares it.
        python: The interpreter that runs the function; awslambdaric must be installed there.
        region: AWS Region that the function believes in.
        account: AWS account id that the function believes in.
        log_group: Where it logs; empty for /aws/lambda/ and its name.
    """

    name: str
    handler: str
    source_root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 3.0
    memory_mb: int = 128
    reserved_concurrency: int | None = None
    log_format: Literal["JSON", "Text"] = "Text"
    tracing: bool = False
    application_log_level: str | None = None
    runtime: str = "python3.13"
    python: str = sys.executable
    region: str = "us-east-1"
    account: str = "000000000000"
    log_group: str = ""

    @property
    def log_group_name(self) -> str:
        """The name of its log group."""
        return self.log_group or f"/aws/lambda/{self.name}"

    @property
    def arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def concurrency(self) -> int:
        """Executions at once that this function may have here."""
        return DEFAULT_CONCURRENCY if self.reserved_concurrency is None else self.reserved_concurrency


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """One data point as CloudWatch would store it; `time_s` is Unix time, `unit` CloudWatch's name."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    value: float
    time_s: float


class FunctionStoppedError(RuntimeError):
    """A function was invoked before its start or after its stop."""


class Observer(Protocol):
    """Who watches the functions. Called on the event loop: every method must return at once and not raise."""

    def log_line(self, function: str, line: str) -> None:
        """Take one line of a function's log group, the platform's own lines included."""

    def metric(self, point: MetricPoint) -> None:
        """Take one data point of AWS/Lambda."""

    def segment(self, document: Mapping[str, object]) -> None:
        """Take one X-Ray segment that Lambda itself writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """How one invocation ended.

    Attributes:
        kind: `ok`, or what went wrong.
        payload: The function's JSON answer, or the JSON error document that Invoke would return.
        error_type: The error's type (`Runtime.ExitError`, `KeyError`); empty when ok.
        duration_ms: Time in the handler, without init.
        init_ms: Length of the init phase when this invocation was the first of its process.
        request_id: What the function saw as `aws_request_id`.
        trace_header: What the function saw as `_X_AMZN_TRACE_ID`.
    """

    kind: InvocationKind
    payload: bytes
    error_type: str = ""
    duration_ms: float = 0.0
    init_ms: float | None = None
    request_id: str
    trace_header: str
