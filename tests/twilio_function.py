"""A function that verifies as twilio-python does, for tests that need an answer and not the sandbox. Holds no test."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from starlette.requests import Request

TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
OUTCOMES = {400: "malformed", 401: "bad_signature", 413: "too_large", 500: "crashed", 503: "publish_failed"}


class FakeFunction:
    """What it was sent, and what it answers next.

    Attributes:
        token: what it verifies with.
        received: the parameters of each request that verified, in order.
        answers: the next statuses; 200 when there are none; 429 and 502 come without a body of ours.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.received: list[dict[str, str]] = []
        self.answers: deque[int] = deque()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        status = self.answers.popleft() if self.answers else 200
        signature = request.headers.get("x-twilio-signature", "")
        if status == 200 and not RequestValidator(self.token).validate(str(request.url), form, signature):
            status = 401
        if status == 200:
            self.received.append(form)
            return Response(TWIML, media_type="text/xml")
        if status in OUTCOMES:
            return JSONResponse({"outcome": OUTCOMES[status], "request_id": "r"}, status_code=status)
        return Response("Too Many Requests", status_code=status)
