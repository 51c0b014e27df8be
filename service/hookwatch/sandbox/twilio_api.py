"""A fake of Twilio's REST API: real HTTP, basic auth, form bodies, pages and error codes. Never reaches Twilio.

All of Twilio's hosts answer at one address here, because their paths differ: api (2010-04-01), messaging and monitor.
twilio-python is the client in the tests, so that its own reading proves the shapes.
https://www.twilio.com/docs/usage/requests-to-twilio, /usage/twilios-response (read 2026-11-22)
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hookwatch.sandbox.twilio_api_store import update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from hookwatch.sandbox.twilio_api_store import Resource, TwilioStore

ERRORS = {
    401: (20003, "Authenticate"),
    403: (20403, "Forbidden"),
    404: (20404, "The requested resource was not found"),
    405: (20004, "Method not allowed"),
    429: (20429, "Too Many Requests"),
}
PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
_ACCOUNT = "/2010-04-01/Accounts/{account_sid}"
_PATHS = {
    "numbers": (f"{_ACCOUNT}/IncomingPhoneNumbers", "incoming_phone_numbers"),
    "applications": (f"{_ACCOUNT}/Applications", "applications"),
    "messages": (f"{_ACCOUNT}/Messages", "messages"),
    "calls": (f"{_ACCOUNT}/Calls", "calls"),
}


def twilio_api_app(store: TwilioStore, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The application.

    Args:
        store: the account behind it.
        more: further routes, such as those of accounts.twilio.com; they are signed in to like ours.
    """
    api = _Api(store)
    routes: list[BaseRoute] = [
        Route("/v1/Services", api.services),
        Route("/v1/Services/{sid}", api.one("services"), methods=["GET", "POST"]),
        Route("/v1/Alerts", api.alerts),
        Route("/v1/Alerts/{sid}", api.one("alerts")),
        *more,
    ]
    for collection, (path, key) in _PATHS.items():
        changes = ["GET", "POST"] if collection in ("numbers", "applications") else ["GET"]
        routes.append(Route(f"{path}.json", api.listed(collection, key)))
        routes.append(Route(f"{path}/{{sid}}.json", api.one(collection), methods=changes))
    handlers: dict[Any, Any] = {404: lambda *_: refused(404), 405: lambda *_: refused(405)}
    return _Door(store, Starlette(routes=routes, exception_handlers=handlers))


class _Door:
    """Lets in whom the account knows, unless the next request is to be refused."""

    def __init__(self, store: TwilioStore, inside: ASGIApp) -> None:
        self._store, self._inside = store, inside

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        self._store.requests.append((scope["method"], path))
        if self._store.before is not None:
            self._store.before(scope["method"], path)
        status = self._store.refusals.popleft() if self._store.refusals else 0
        if not status and not self._signed_in(dict(scope["headers"]), path):
            status = HTTPStatus.UNAUTHORIZED
        await (refused(status) if status else self._inside)(scope, receive, send)

    def _signed_in(self, headers: dict[bytes, bytes], path: str) -> bool:
        scheme, _, text = headers.get(b"authorization", b"").partition(b" ")
        try:
            username, _, password = b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeError):
            return False
        account = f"/Accounts/{self._store.account_sid}"
        ours = "/Accounts/" not in path or f"{account}/" in path or path.endswith(f"{account}.json")
        return scheme.lower() == b"basic" and ours and self._store.may(username, password)


class _Api:
    def __init__(self, store: TwilioStore) -> None:
        self._store = store

    def one(self, collection: str) -> Callable[[Request], Any]:
        """Fetch one resource, or change it."""

        async def answer(request: Request) -> Response:
            resource = getattr(self._store, collection).get(request.path_params["sid"])
            if resource is None:
                return refused(HTTPStatus.NOT_FOUND)
            if request.method == "POST":
                update(resource, dict(parse_qsl((await request.body()).decode(), keep_blank_values=True)))
            return JSONResponse(resource)

        return answer

    def listed(self, collection: str, key: str) -> Callable[[Request], Any]:
        """List as the API of 2010 does: the next page as a path."""

        async def answer(request: Request) -> Response:
            page, following = _page(list(getattr(self._store, collection).values()), request)
            path = request.url.path.removeprefix(request.scope.get("root_path", ""))
            number, size = int(request.query_params.get("Page", "0")), len(page)
            return JSONResponse(
                {
                    key: page,
                    "page": number,
                    "page_size": _size(request),
                    "start": 0,
                    "end": max(size - 1, 0),
                    "uri": path,
                    "first_page_uri": path,
                    "previous_page_uri": None,
                    "next_page_uri": f"{path}?{following}" if following else None,
                }
            )

        return answer

    async def services(self, request: Request) -> Response:
        """List messaging services."""
        return self._with_meta(list(self._store.services.values()), request, "services", "messaging")

    async def alerts(self, request: Request) -> Response:
        """List alerts, newest first."""
        return self._with_meta(self._store.newest_alerts(request.query_params), request, "alerts", "monitor")

    def _with_meta(self, found: list[Resource], request: Request, key: str, product: str) -> Response:
        """List as the newer APIs do: the next page as a whole URL, at Twilio's own host."""
        page, following = _page(found, request)
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        url = f"https://{product}.twilio.com{path}"
        meta = {
            "key": key,
            "page": int(request.query_params.get("Page", "0")),
            "page_size": _size(request),
            "url": url,
            "first_page_url": url,
            "previous_page_url": None,
            "next_page_url": f"{url}?{following}" if following else None,
        }
        return JSONResponse({key: page, "meta": meta})


def _page(found: list[Resource], request: Request) -> tuple[list[Resource], str]:
    """One page, and the query of the next: the token names the last resource, so that what is new shifts nothing."""
    asked = dict(request.query_params)
    after = asked.get("PageToken", "").removeprefix("PA")
    begin = next((at + 1 for at, each in enumerate(found) if each["sid"] == after), 0)
    size = _size(request)
    page = found[begin : begin + size]
    if begin + size >= len(found):
        return page, ""
    following = asked | {"PageSize": str(size), "Page": str(int(asked.get("Page", "0")) + 1)}
    return page, urlencode(following | {"PageToken": f"PA{page[-1]['sid']}"})


def _size(request: Request) -> int:
    text = request.query_params.get("PageSize", "")
    return min(max(int(text), 1), MAX_PAGE_SIZE) if text.isdigit() else PAGE_SIZE


def refused(status: int) -> Response:
    """An error as Twilio words it."""
    code, message = ERRORS.get(status, (20500, HTTPStatus(status).phrase))
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status_code=status)
