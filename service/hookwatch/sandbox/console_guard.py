"""Keeps strangers' web pages away from the API: only this machine's own names, nothing across origins.

Never authenticates: whoever runs programs on this machine may do all that the API offers. But a page from the internet,
open in the same person's browser, must not be able to read deliveries or place faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from hookwatch.sandbox.console_json import Json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, and sets the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it is ours."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        problem = _problem(Headers(scope=scope))
        if problem is None:
            await self._app(scope, receive, send_guarded)
        else:
            await Json({"error": problem}, status_code=403)(scope, receive, send_guarded)


def _problem(headers: Headers) -> str | None:
    # A foreign name that resolves to 127.0.0.1 (DNS rebinding) would make a stranger's page same-origin with us.
    if urlsplit(f"//{headers.get('host', '')}").hostname not in OWN_NAMES:
        return "this API answers to 127.0.0.1 and localhost only"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return "this API answers no other web page"
    return None
