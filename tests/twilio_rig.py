"""The fake Twilio as a server in a thread, and accounts that speak to it. Holds no test."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

from twilio.rest import Client

from hookwatch.recover.twilio_client import TwilioAccount
from hookwatch.recover.twilio_http import TwilioHttp
from hookwatch.sandbox.cloud_server import WebServer, console_config
from hookwatch.sandbox.twilio_accounts_api import accounts_routes
from hookwatch.sandbox.twilio_api import twilio_api_app
from hookwatch.sandbox.twilio_api_store import TwilioStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

PATIENCE_S = 10


def serve(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a port of its own until the generator is closed; yields the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    ready, over = threading.Event(), threading.Event()
    server = WebServer(console_config(app), listener)

    async def main() -> None:
        await server.start()
        ready.set()
        await asyncio.to_thread(over.wait)
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield server.url
    finally:
        over.set()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


class FakeTwilio:
    """The fake, its address, and ways in."""

    def __init__(self, store: TwilioStore, url: str) -> None:
        self.store, self.url = store, url
        self.slept_s: list[float] = []

    def account(self, password: str | None = None, username: str | None = None) -> TwilioAccount:
        """The account as the commands see it; what would be slept is noted in `slept_s`."""
        signs_in = (username or self.store.account_sid, password or self.store.auth_token)
        client = Client(*signs_in, self.store.account_sid, http_client=TwilioHttp(self.url))
        return TwilioAccount(self.store.account_sid, client, self.slept_s.append)

    def environment(self, **more: str) -> dict[str, str]:
        """The environment that gives access."""
        signs_in = {"TWILIO_ACCOUNT_SID": self.store.account_sid, "TWILIO_AUTH_TOKEN": self.store.auth_token}
        return {**signs_in, "TWILIO_API_URL": self.url, **more}

    def changes(self) -> list[str]:
        """The paths of the requests that changed something."""
        return [path for method, path in self.store.requests if method == "POST"]


def run_fake_twilio(**more: Any) -> Iterator[FakeTwilio]:
    """Run a fake Twilio until the generator is closed."""
    store = TwilioStore(**more)
    running = serve(twilio_api_app(store, accounts_routes(store)))
    yield FakeTwilio(store, next(running))
    running.close()  # type: ignore[attr-defined] # a generator
