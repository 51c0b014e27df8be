"""The fake Twilio's auth tokens: accounts.twilio.com, and the account itself. Never shows a token twice.

A secondary token signs in like the primary one and signs no webhook until it is promoted; promoting it deletes the
primary one at once (https://www.twilio.com/docs/iam/api/authtoken, read 2026-11-27). What Twilio answers to a second
secondary token is not documented; here it is refused.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hookwatch.sandbox.twilio_api import refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from hookwatch.sandbox.twilio_api_store import TwilioStore


def accounts_routes(store: TwilioStore) -> list[BaseRoute]:
    """The routes, for `twilio_api_app`."""
    api = _Tokens(store)
    return [
        Route("/v1/AuthTokens/Secondary", api.create, methods=["POST"]),
        Route("/v1/AuthTokens/Secondary", api.delete, methods=["DELETE"]),
        Route("/v1/AuthTokens/Promote", api.promote, methods=["POST"]),
        Route("/2010-04-01/Accounts/{account_sid}.json", api.account),
    ]


class _Tokens:
    def __init__(self, store: TwilioStore) -> None:
        self._store = store

    async def create(self, _: Request) -> Response:
        if self._store.secondary_token:
            return refused(HTTPStatus.CONFLICT)
        self._store.secondary_token = secrets.token_hex(16)
        return self._told("Secondary", {"secondary_auth_token": self._store.secondary_token}, HTTPStatus.CREATED)

    async def delete(self, _: Request) -> Response:
        if not self._store.secondary_token:
            return refused(HTTPStatus.NOT_FOUND)
        self._store.secondary_token = ""
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def promote(self, _: Request) -> Response:
        if not self._store.secondary_token:
            return refused(HTTPStatus.NOT_FOUND)
        self._store.auth_token, self._store.secondary_token = self._store.secondary_token, ""
        return self._told("Promote", {"auth_token": self._store.auth_token}, HTTPStatus.OK)

    async def account(self, _: Request) -> Response:
        return JSONResponse({"sid": self._store.account_sid, "status": "active", "type": "Full"})

    def _told(self, what: str, more: dict[str, str], status: int) -> Response:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        url = f"https://accounts.twilio.com/v1/AuthTokens/{what}"
        told = {"account_sid": self._store.account_sid, "date_created": now, "date_updated": now, "url": url, **more}
        return JSONResponse(told, status_code=status)
