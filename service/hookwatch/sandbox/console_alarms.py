"""The parts of the JSON API that judge: alarms and dashboard queries.

Never changes anything: it shows the alarms as they are, and computes what it is asked for. Documented in
docs/sandbox.md.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from starlette.exceptions import HTTPException
from starlette.routing import Route

from hookwatch.sandbox.alarms_json import alarms_as_json, transition_as_json
from hookwatch.sandbox.clock import iso
from hookwatch.sandbox.console_json import Json
from hookwatch.sandbox.query import read_query
from hookwatch.sandbox.query_answer import answer
from hookwatch.sandbox.query_entry import BadQuery

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.cloud_observer import CloudObserver

MAX_QUERY_BYTES = 256 * 1024
MAX_TRANSITIONS = 1_000

SPAN_KEYS = ("start", "end", "minutes")


class Judged(Protocol):
    """What the console judges by."""

    observer: CloudObserver

    @property
    def alarms(self) -> LiveAlarms:
        """The alarms of the template."""


def alarm_routes(judged: Judged) -> list[Route]:
    """Return the routes of alarms and queries."""
    api = _Api(judged)
    return [
        Route("/api/alarms", api.alarms),
        Route("/api/alarms/transitions", api.transitions),
        Route("/api/metrics/query", api.query_in_address, methods=["GET"]),
        Route("/api/metrics/query", api.query, methods=["POST"]),
    ]


class _Api:
    def __init__(self, judged: Judged) -> None:
        self._judged = judged

    async def alarms(self, _: Request) -> Response:
        clock, live = self._judged.observer.clock, self._judged.alarms
        return Json(
            {
                "alarms": alarms_as_json(live),
                "now": iso(clock.now_s()),
                "speed": clock.speed,
                "problem": live.problem or None,
            }
        )

    async def transitions(self, _: Request) -> Response:
        newest = list(reversed(self._judged.alarms.transitions[-MAX_TRANSITIONS:]))
        return Json({"transitions": [transition_as_json(change) for change in newest]})

    async def query_in_address(self, request: Request) -> Response:
        chosen = request.query_params
        document = _parsed(chosen.get("query", ""))
        if isinstance(document, list):
            document = {"queries": document}
        if isinstance(document, dict):
            document |= {key: _number(chosen[key]) for key in SPAN_KEYS if key in chosen}
        return self._answer(document)

    async def query(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_QUERY_BYTES:
            raise HTTPException(413, f"a query is at most {MAX_QUERY_BYTES} bytes of JSON")
        return self._answer(_parsed(body))

    def _answer(self, document: object) -> Response:
        observer = self._judged.observer
        asked = read_query(document, observer.clock.now_s(), observer.series.metrics)
        if isinstance(asked, BadQuery):
            raise HTTPException(400, asked.sentence)
        return Json(answer(asked, observer.source))


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the query is not JSON") from None


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
