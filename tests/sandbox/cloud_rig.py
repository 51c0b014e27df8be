"""Drives a running sandbox over HTTP, from a thread that is not the sandbox's own. Starts nothing by itself."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from hookwatch.sandbox.cloud import Sandbox
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sender import github_request, load_example, twilio_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.sandbox.cloud_model import SandboxConfig
    from hookwatch.sender import OutgoingRequest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
GITHUB_SECRET = "it-is-a-secret-to-the-tests"
TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"
PATIENCE_S = 15.0


@dataclass(frozen=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Cloud:
    """A running sandbox, as its users see it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = urllib3.PoolManager(retries=False, timeout=PATIENCE_S)

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        """Call the JSON API."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        # A connection that was kept may have been closed at the other end meanwhile; a question can be asked again.
        retries = 2 if method == "GET" else False
        url = self.sandbox.api_url.rstrip("/") + path
        answer = self.http.request(method, url, body=raw, headers=headers, retries=retries)
        return Reply(answer.status, answer.data, {name.lower(): value for name, value in answer.headers.items()})

    def get(self, path: str) -> Any:
        """Return what the API shows."""
        reply = self.call("GET", path)
        assert reply.status == 200, reply.body
        return reply.json

    def fault(self, **fault: object) -> Any:
        """Place a fault."""
        reply = self.call("POST", "/api/faults", fault)
        assert reply.status == 200, reply.body
        return reply.json

    def clear(self) -> None:
        """Lift all faults."""
        assert self.call("DELETE", "/api/faults").status == 200

    def github(self, event: str = "push") -> tuple[Reply, str]:
        """Send one signed delivery; returns the answer and the delivery id."""
        request = github_request(self.sandbox.github_url or "", load_example("github", event), GITHUB_SECRET)
        return self._post(request), request.delivery_id

    def twilio(self, event: str = "message.inbound") -> tuple[Reply, str]:
        """Send one signed Twilio webhook."""
        request = twilio_request(self.sandbox.twilio_url or "", load_example("twilio", event), TWILIO_TOKEN)
        return self._post(request), request.delivery_id

    def _post(self, request: OutgoingRequest) -> Reply:
        answer = self.http.request("POST", request.url, body=request.body, headers=request.headers)
        return Reply(answer.status, answer.data, dict(answer.headers))

    def delivery(self, delivery_id: str) -> Any:
        """Return the log line of one delivery, as soon as it is there."""
        return eventually(
            lambda: next(
                (d for d in self.get("/api/deliveries")["deliveries"] if d.get("delivery_id") == delivery_id), None
            )
        )

    def event(self, delivery_id: str) -> Any:
        """Return the event of one delivery, as soon as it is there."""
        return eventually(lambda: self.event_now(delivery_id))

    def event_now(self, delivery_id: str) -> dict[str, Any] | None:
        """Return the event of one delivery, if it is there."""
        events = self.get("/api/events?limit=1000")["events"]
        return next((e for e in events if any(delivery_id in resource for resource in e.get("resources", []))), None)

    def twilio_events(self) -> list[Any]:
        """Return the events that came from Twilio."""
        return [event for event in self.get("/api/events")["events"] if event["source"] == "twilio.com"]

    def through_proxy(self) -> Clients:
        """Return clients whose calls pass the fault proxy, as the functions' do; they try once."""
        return Clients(self.get("/api/health")["fault_proxy_url"], attempts=1)


def eventually(look: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Return the first true thing that a look gives."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing came in {patience_s} s")


def run_sandbox(config: SandboxConfig) -> Iterator[Cloud]:
    """Run a sandbox in a thread until the generator is closed."""
    started: list[Cloud | BaseException] = []
    ready, over = threading.Event(), threading.Event()

    async def main() -> None:
        try:
            async with Sandbox(config) as sandbox:
                started.append(Cloud(sandbox))
                ready.set()
                await asyncio.to_thread(over.wait)
        except Exception as error:  # noqa: BLE001 - handed to the test, which raises it
            started.append(error)
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    ready.wait(60)
    cloud = started[0]
    if isinstance(cloud, BaseException):
        thread.join()
        raise cloud
    try:
        yield cloud
    finally:
        over.set()
        thread.join(30)
        cloud.http.clear()
    assert not thread.is_alive()
