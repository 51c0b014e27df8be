"""The JSON API and the page on port P.

Never touches the emulator: it shows what was seen, places faults, and invokes a function that it is told to. Documented
in docs/sandbox.md.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from hookwatch.sandbox.console_alarms import alarm_routes
from hookwatch.sandbox.console_functions import function_routes
from hookwatch.sandbox.console_guard import Guard
from hookwatch.sandbox.console_json import Json
from hookwatch.sandbox.faults_request import BadFault, parse_fault
from hookwatch.sandbox.metrics import point_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.cloud_functions import CloudFunctions
    from hookwatch.sandbox.cloud_observer import CloudObserver
    from hookwatch.sandbox.cloud_store import Store
    from hookwatch.sandbox.faults import FaultTable
    from hookwatch.sandbox.github_fake import SandboxGitHub
    from hookwatch.sandbox.queue_view import QueueView
    from hookwatch.sandbox.twilio_fake import SandboxTwilio

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
MAX_FAULT_BYTES = 64 * 1024

PAGE_FILES = {
    "": ("index.html", "text/html"),
    "app.js": ("app.js", "text/javascript"),
    "app.css": ("app.css", "text/css"),
}


class Watched(Protocol):
    """What the console shows."""

    observer: CloudObserver
    faults: FaultTable
    github: SandboxGitHub
    twilio: SandboxTwilio

    @property
    def events(self) -> Store[dict[str, Any]]:
        """Events as the rule's target received them."""

    @property
    def alarms(self) -> LiveAlarms:
        """The alarms of the template."""

    @property
    def functions(self) -> CloudFunctions:
        """The functions, each by its provider or name."""

    @property
    def queues(self) -> QueueView:
        """The stack's queues."""

    def health(self) -> Mapping[str, Any]:
        """Return the answer of /api/health."""


def console_app(watched: Watched) -> ASGIApp:
    """Return the application of port P."""
    api = _Api(watched)
    routes = [
        Route("/api/health", api.health),
        Route("/api/events", api.events),
        Route("/api/deliveries", api.deliveries),
        Route("/api/metrics", api.metrics),
        Route("/api/metrics/totals", api.totals),
        *alarm_routes(watched),
        *function_routes(watched),
        Route("/api/traces", api.traces),
        Route("/api/logs", api.logs),
        Route("/api/faults", api.faults, methods=["GET"]),
        Route("/api/faults", api.place_fault, methods=["POST"]),
        Route("/api/faults", api.clear_faults, methods=["DELETE"]),
        Route("/api/faults/{fault_id}", api.clear_fault, methods=["DELETE"]),
        watched.twilio.mount(),
        watched.github.mount(),
        *(Route(f"/{path}", _page(*file)) for path, file in PAGE_FILES.items()),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: _http_error, Exception: _crash},
    )


class _Api:
    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    async def health(self, _: Request) -> Response:
        return Json(dict(self._watched.health()))

    async def events(self, request: Request) -> Response:
        return Json({"events": self._watched.events.newest(_limit(request))})

    async def deliveries(self, request: Request) -> Response:
        return Json({"deliveries": self._watched.observer.deliveries.newest(_limit(request))})

    async def metrics(self, request: Request) -> Response:
        chosen = request.query_params
        points = self._watched.observer.metrics.query(
            namespace=chosen.get("namespace"), name=chosen.get("name"), limit=_limit(request, MAX_LIMIT)
        )
        return Json({"metrics": [point_as_json(point) for point in points]})

    async def totals(self, _: Request) -> Response:
        return Json({"totals": self._watched.observer.metrics.totals()})

    async def traces(self, request: Request) -> Response:
        return Json({"traces": self._watched.observer.traces.newest(_limit(request))})

    async def logs(self, request: Request) -> Response:
        return Json({"lines": self._watched.observer.lines.newest(_limit(request))})

    async def faults(self, _: Request) -> Response:
        return Json({"faults": [placed.as_json() for placed in self._watched.faults.listed()]})

    async def place_fault(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_FAULT_BYTES:
            raise HTTPException(413, f"a fault is at most {MAX_FAULT_BYTES} bytes of JSON")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise HTTPException(400, "the body is not JSON") from None
        wanted = parse_fault(document)
        if isinstance(wanted, BadFault):
            raise HTTPException(400, wanted.sentence)
        placed = self._watched.faults.add(wanted.fault).as_json()
        return Json({**placed, **({"ignored": list(wanted.ignored)} if wanted.ignored else {})})

    async def clear_faults(self, request: Request) -> Response:
        return self._cleared(request.query_params.get("id"))

    async def clear_fault(self, request: Request) -> Response:
        return self._cleared(request.path_params["fault_id"])

    def _cleared(self, fault_id: str | None) -> Response:
        cleared = self._watched.faults.clear(fault_id)
        if fault_id is not None and not cleared:
            raise HTTPException(404, f"there is no fault {fault_id}")
        return Json({"cleared": cleared})


def _limit(request: Request, default: int = DEFAULT_LIMIT) -> int:
    text = request.query_params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise HTTPException(400, f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _page(name: str, media_type: str) -> Any:
    content = (files("hookwatch.sandbox") / "static" / name).read_bytes()

    async def serve(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return serve


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Json({"error": error.detail}, status_code=error.status_code, headers=error.headers)


async def _crash(_: Request, error: Exception) -> Response:
    return Json({"error": f"the sandbox itself failed: {type(error).__name__}"}, status_code=500)
