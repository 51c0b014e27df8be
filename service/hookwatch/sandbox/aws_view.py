"""What the emulator cannot answer, answered by the sandbox: alarms, metrics, log lines, invocations of functions.

Never changes a resource and never forwards. It stands in the proxy, so that `aws` and every AWS SDK see through one
endpoint what they would see of a real stack; what it does not know goes on to the emulator. Where the emulator tells
the address of a Function URL, the one that the sandbox really serves is put in its place.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.aws_view_alarms import describe_alarm_history, describe_alarms
from hookwatch.sandbox.aws_view_logs import filter_log_events
from hookwatch.sandbox.aws_view_metrics import get_metric_data, get_metric_statistics
from hookwatch.sandbox.aws_view_model import Refused
from hookwatch.sandbox.faults import INVOKE
from hookwatch.sandbox.faults_answer import error_answer
from hookwatch.sandbox.faults_http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.aws_view_invoke import Invoker
    from hookwatch.sandbox.aws_view_model import Seen
    from hookwatch.sandbox.aws_view_moves import Mover
    from hookwatch.sandbox.faults_http import Request
    from hookwatch.sandbox.faults_operation import Call

READS: Mapping[tuple[str, str], Callable[[Seen, Mapping[str, Any]], dict[str, Any] | Refused]] = {
    ("monitoring", "DescribeAlarms"): describe_alarms,
    ("monitoring", "DescribeAlarmHistory"): describe_alarm_history,
    ("monitoring", "GetMetricStatistics"): get_metric_statistics,
    ("monitoring", "GetMetricData"): get_metric_data,
    ("logs", "FilterLogEvents"): filter_log_events,
}
"""Signing name and operation -> what answers it."""

TELLS_ADDRESSES = frozenset({"DescribeStacks", "GetFunctionUrlConfig", "ListFunctionUrlConfigs"})


class AwsView:
    """Answers AWS calls from a sandbox."""

    def __init__(self, seen: Seen, addresses: Mapping[str, str], invoker: Invoker, mover: Mover) -> None:
        """Answer from `seen`; `addresses` is what the emulator calls a Function URL -> where it is served."""
        self._invoker = invoker
        self._answers: dict[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any] | Refused]] = {
            key: partial(read, seen) for key, read in READS.items()
        }
        self._answers["sqs", "StartMessageMoveTask"] = mover.start
        self._answers["sqs", "ListMessageMoveTasks"] = mover.listed
        self._addresses = {key.encode(): value.encode() for key, value in addresses.items() if key}

    def answer(self, call: Call, request: Request) -> Answer | None:
        """Return the answer, or None where the emulator is to be asked."""
        read = self._answers.get((call.service, call.operation))
        # The protocol of botocore's clients of these services; another client gets what the emulator has.
        if read is None or call.protocol != "json":
            return None
        found = read(json.loads(request.body or b"{}"))
        if isinstance(found, Refused):
            return error_answer(call, found.code, found.message)
        return Answer(200, json.dumps(found).encode(), {"content-type": request.headers.get("content-type", "")})

    async def invoked(self, call: Call, request: Request) -> Answer | None:
        """Return the answer of a function of the sandbox; None for every other call."""
        return await self._invoker.answer(call, request) if call.operation == INVOKE else None

    def readdressed(self, call: Call, answer: Answer) -> Answer:
        """Return an answer of the emulator with the addresses that are really served."""
        if call.operation not in TELLS_ADDRESSES:
            return answer
        body = answer.body
        for told, served in self._addresses.items():
            body = body.replace(told, served)
        return Answer(answer.status, body, answer.headers)
