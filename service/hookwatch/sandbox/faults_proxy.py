"""The proxy between the AWS API and whoever calls it: carries out faults, and holds PutEvents to its rules.

Never changes a request that nothing strikes, but for how long queues wait where the sandbox's clock is fast. Calls of
the sandbox itself do not come this way.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import LOOPBACK
from hookwatch.sandbox.faults import FaultKind, FaultTable
from hookwatch.sandbox.faults_answer import error_answer
from hookwatch.sandbox.faults_bus import BusKeeper
from hookwatch.sandbox.faults_codes import failure_code, throttle_code
from hookwatch.sandbox.faults_forward import Forwarder
from hookwatch.sandbox.faults_http import Answer, HttpServer, Request
from hookwatch.sandbox.faults_logs import logged_lines
from hookwatch.sandbox.faults_metrics import put_events_points
from hookwatch.sandbox.faults_operation import Call, identify
from hookwatch.sandbox.faults_queues import queue_points
from hookwatch.sandbox.faults_sendmessage import too_long
from hookwatch.sandbox.faults_signing import Signatures
from hookwatch.sandbox.queue_time import quickened

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sandbox.aws_view import AwsView
    from hookwatch.sandbox.events import EventBuses
    from hookwatch.sandbox.lambda_model import MetricPoint


class Listener(Protocol):
    """Hears what the calls leave behind."""

    def metric(self, point: MetricPoint) -> None:
        """Take one data point."""

    def group_line(self, group: str, line: str) -> None:
        """Take one line that somebody put into a log group."""


class FaultProxy:
    """One proxy on a free loopback port.

    Attributes:
        listeners: Called with every call that reached the emulator, and its answer.
        signatures: The keys of those who call.
    """

    def __init__(  # noqa: PLR0913 - the parts of a proxy, all but two by name
        self,
        upstream: str,
        table: FaultTable,
        *,
        observer: Listener,
        buses: EventBuses,
        view: AwsView | None = None,
        speed: float = 1.0,
    ) -> None:
        self._forwarder = Forwarder(upstream)
        self._buses = BusKeeper(self._forwarder, table, buses)
        self._view = view
        self._speed = speed
        self._table = table
        self._observer = observer
        self.signatures = Signatures()
        self.listeners: list[Callable[[Call, Request, Answer], None]] = []
        self._server = HttpServer(self._handle)

    @property
    def endpoint(self) -> str:
        """What the functions take for the AWS API."""
        return f"http://{LOOPBACK}:{self._server.port}"

    async def start(self) -> None:
        """Listen."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening; calls on their way are dropped."""
        await self._server.stop()
        self._forwarder.close()

    async def _handle(self, request: Request) -> Answer | None:
        call = identify(request)
        # An invocation has faults of its own, which strike inside the function's runtime.
        if self._view is not None and (invoked := await self._view.invoked(call, request)) is not None:
            return invoked
        started = time.monotonic()
        try:
            answer = await self._struck(request, call)
        except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError) as error:
            return Answer(502, f"the emulator does not answer: {type(error).__name__}".encode())
        if answer is not None:
            latency_ms = (time.monotonic() - started) * 1000
            size = len(request.body) + len(answer.body)
            points, lines = await self._forwarder.read(size, _left_behind, call, request, answer, latency_ms)
            for point in points:
                self._observer.metric(point)
            for group, line in lines:
                self._observer.group_line(group, line)
        return answer

    async def _struck(self, request: Request, call: Call) -> Answer | None:
        for fault in self._table.draw(call.operation):
            match fault.kind:
                case FaultKind.DELAY:
                    await asyncio.sleep(fault.seconds or 0.0)
                case FaultKind.CUT:
                    return None
                case FaultKind.GARBLE:
                    return Answer(200, b"[]", {"content-type": "application/x-amz-json-1.1"})
                case FaultKind.THROTTLE:
                    code = fault.code or throttle_code(call)
                    return error_answer(call, code, "Rate exceeded")
                case FaultKind.ERROR | FaultKind.ENTRY_ERROR | FaultKind.CRASH:
                    return error_answer(call, fault.code or failure_code(call), fault.sentence)
                case FaultKind.LOSE:
                    await self._passed(request, call)
                    return None
        return await self._passed(request, call)

    async def _passed(self, request: Request, call: Call) -> Answer:
        answer = await self._answered(request, call)
        for listener in self.listeners:
            listener(call, request, answer)
        return answer

    async def _answered(self, request: Request, call: Call) -> Answer:
        if call.operation == "PutEvents":
            return await self._buses.put_events(request, call)
        if refusal := too_long(call.operation, request.body):
            return error_answer(call, *refusal)
        body = quickened(call.operation, request.body, self._speed)
        if body is not request.body:
            request = self.signatures.renewed(replace(request, body=body))
        if self._view is None:
            return await self._forwarder.forward(request)
        seen = self._view.answer(call, request)
        return seen or self._view.readdressed(call, await self._forwarder.forward(request))


def _left_behind(
    call: Call, request: Request, answer: Answer, latency_ms: float
) -> tuple[list[MetricPoint], list[tuple[str, str]]]:
    """Return the data points and the log lines that one answered call leaves behind."""
    points = put_events_points(request, answer, latency_ms) if call.operation == "PutEvents" else []
    return points + queue_points(call.operation, request, answer), list(logged_lines(call.operation, request, answer))
