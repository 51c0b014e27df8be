"""The parts of the JSON API about functions and what feeds them: invoke one, see queues, mappings and schedules.

Never changes a queue, a mapping or a schedule. Documented in docs/sandbox.md.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Protocol

from starlette.exceptions import HTTPException
from starlette.routing import Route

from hookwatch.sandbox.console_json import Json
from hookwatch.sandbox.lambda_model import MAX_REQUEST_BYTES, FunctionStoppedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from hookwatch.sandbox.cloud_functions import CloudFunctions
    from hookwatch.sandbox.queue_view import QueueView


class Fed(Protocol):
    """What has functions and queues."""

    @property
    def functions(self) -> CloudFunctions:
        """The functions, each by its provider or name."""

    @property
    def queues(self) -> QueueView:
        """The stack's queues."""


def function_routes(fed: Fed) -> list[Route]:
    """Return the routes of functions and queues."""
    api = _Api(fed)
    return [
        Route("/api/functions/{name}/invoke", api.invoke, methods=["POST"]),
        Route("/api/queues", api.queues),
        Route("/api/sources", api.sources),
    ]


class _Api:
    def __init__(self, fed: Fed) -> None:
        self._fed = fed

    async def invoke(self, request: Request) -> Response:
        name = request.path_params["name"]
        function = self._fed.functions.find(name)
        if function is None:
            raise HTTPException(404, f"there is no function {name}; /api/health lists them")
        payload = await request.body() or b"{}"
        if len(payload) > MAX_REQUEST_BYTES:
            raise HTTPException(413, f"an event is at most {MAX_REQUEST_BYTES} bytes of JSON")
        try:
            json.loads(payload)
        except (ValueError, RecursionError):
            raise HTTPException(400, "the event is not JSON") from None
        try:
            invocation = await function.invoke_payload(payload)
        except FunctionStoppedError as error:
            raise HTTPException(404, str(error)) from None
        return Json(
            {
                "result": invocation.kind,
                "error_type": invocation.error_type or None,
                "payload": _parsed(invocation.payload),
                "duration_ms": round(invocation.duration_ms, 1),
                "init_ms": None if invocation.init_ms is None else round(invocation.init_ms, 1),
                "request_id": invocation.request_id,
            }
        )

    async def queues(self, _: Request) -> Response:
        return Json({"queues": await asyncio.to_thread(self._fed.queues.shown)})

    async def sources(self, _: Request) -> Response:
        return Json(self._fed.functions.sources())


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload.decode("utf-8", "replace")
