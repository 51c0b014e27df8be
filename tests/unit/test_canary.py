"""The heartbeat is signed as the provider signs, marked as ours, and fails loudly."""

from __future__ import annotations

import json
import threading
import urllib.error
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.ingest import canary
from hookwatch.ingest.model import HEARTBEAT, Notes, Result
from hookwatch.outcomes import Outcome
from hookwatch.telemetry import measures
from support import Context, SecretsManager, lines, stand, twilio, url_event

if TYPE_CHECKING:
    from collections.abc import Iterator


class Front:
    """A public URL: real HTTP in front of a whole app."""

    def __init__(self) -> None:
        self.app: Any = None
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                headers["x-forwarded-proto"] = "http"
                answer = front.app(url_event(body, headers, host=headers["host"]))
                self.send_response(answer["statusCode"])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def front() -> Iterator[Front]:
    """A public URL for one test."""
    made = Front()
    yield made
    made.server.shutdown()
    made.server.server_close()


def beat(provider: str, front: Front, key: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    class Secrets(SecretsManager):
        def get_secret_value(self, SecretId: str, **_: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            return {"SecretString": key}

    monkeypatch.setattr(canary.clients, "client", lambda *_, **__: Secrets())
    for name, value in (("CANARY_URL", front.url), ("CANARY_PROVIDER", provider), ("SECRET_ARN", "arn:s")):
        monkeypatch.setenv(f"HOOKWATCH_{name}", value)
    return canary.handler({}, Context())


@pytest.mark.parametrize(("provider", "key"), [("github", "It's a Secret to Everybody"), ("twilio", "12345")])
def test_a_heartbeat_comes_through(
    provider: str, key: str, front: Front, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The heartbeat verifies, is published, is marked, and is counted as a heartbeat and not as a delivery."""
    front.app = stand(twilio() if provider == "twilio" else None)
    assert beat(provider, front, key, monkeypatch)["status"] == 200
    delivery, own = lines(capsys)
    assert (delivery["outcome"], delivery["Heartbeat"]) == ("accepted", 1)
    assert delivery["event_type"] == "hookwatch_heartbeat"
    assert "Accepted" not in delivery
    assert own["message"] == "heartbeat"
    (entry,) = front.app.bus.published
    assert json.loads(entry["Detail"])["hookwatch"]["kind"] == "hookwatch_heartbeat"


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.PARKED, Outcome.PUBLISH_FAILED])
def test_a_heartbeat_does_not_count_as_a_delivery_that_verifies(outcome: Outcome):
    """It leaves no sample of EntryBytes, wherever it ends: it would hide from an alarm that the secret has drifted."""
    beat, push = (Result(outcome, notes=Notes(event_type=kind, entry_bytes=70_000)) for kind in (HEARTBEAT, "push"))
    assert measures(push)["EntryBytes"] == 70_000
    assert "EntryBytes" not in measures(beat)
    assert measures(beat).get("BilledEvents") == measures(push).get("BilledEvents")


def test_a_heartbeat_that_is_refused_fails(front: Front, monkeypatch: pytest.MonkeyPatch):
    """A drifted secret makes the canary's function fail, which Lambda counts."""
    front.app = stand()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        beat("github", front, "another secret", monkeypatch)
