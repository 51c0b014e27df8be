"""Lambda's Invoke, carried out by the sandbox's own functions: in the emulator their code is a token archive.

Never retries. Shapes: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read 2026-11-27).
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from hookwatch.sandbox.faults_answer import error_answer
from hookwatch.sandbox.faults_http import Answer
from hookwatch.sandbox.lambda_model import FunctionStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sandbox.faults_http import Request
    from hookwatch.sandbox.faults_operation import Call
    from hookwatch.sandbox.lambda_function import LambdaFunction

_PATH = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations")


class Invoker:
    """Invokes functions by name or ARN."""

    def __init__(self, find: Callable[[str], LambdaFunction | None]) -> None:
        """Look functions up with `find`."""
        self._find = find
        self._running: set[asyncio.Task[object]] = set()

    async def answer(self, call: Call, request: Request) -> Answer | None:
        """Return the answer; None for a function that is not the sandbox's."""
        path = _PATH.match(request.target)
        name = unquote(path[1]).rpartition(":function:")[2].partition(":")[0] if path else ""
        function = self._find(name)
        if function is None:
            return None
        payload = request.body or b"{}"
        kind = request.headers.get("x-amz-invocation-type")
        if kind == "DryRun":
            return Answer(204)
        if kind == "Event":
            task = asyncio.create_task(function.invoke_payload(payload))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            return Answer(202)
        try:
            invocation = await function.invoke_payload(payload)
        except FunctionStoppedError:
            return error_answer(call, "ResourceNotFoundException", f"Function not found: {name}")
        if invocation.kind == "throttled":
            return error_answer(call, "TooManyRequestsException", "Rate Exceeded.")
        headers = {"content-type": "application/json", "x-amz-executed-version": "$LATEST"}
        if invocation.kind != "ok":
            headers["x-amz-function-error"] = "Unhandled"
        return Answer(200, invocation.payload, headers)
