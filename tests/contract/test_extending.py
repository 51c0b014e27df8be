"""The worked examples in docs/extending.md are run as they are printed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hookwatch.config import Settings, load
from hookwatch.ingest import app as app_module
from hookwatch.ingest import providers
from support import SECRET, Bus, Context, SecretsManager, github_event, lines, stand, url_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
CUSTOMISED, WRAPPED, SHOPIFY = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
SETTINGS = Settings(provider="example", secret_arn="arn:s", event_bus="default")


def module(source: str) -> Any:
    """A printed example as a module."""
    made = ModuleType("example")
    exec(compile(source, str(DOCUMENT), "exec"), made.__dict__)  # noqa: S102 - running the documentation is the point
    return made


def test_a_customised_provider():
    """The customised provider leaves out what nobody consumes and publishes the rest."""
    app = stand(module(CUSTOMISED).provider(SETTINGS))
    assert app(github_event({"ref": "refs/heads/main"}, "push"))["statusCode"] == 200
    assert app(github_event({"starred_at": None, "action": "deleted"}, "star"))["statusCode"] == 200
    assert app(github_event({"ref": "x"}, "push", secret="another"))["statusCode"] == 401
    assert [json.loads(entry["Detail"]).get("left_out") for entry in app.bus.published] == [None, True]


def test_a_wrapped_app(monkeypatch: pytest.MonkeyPatch):
    """The wrapping handler composes the app from the environment and adds to its answer."""
    for name, value in (
        ("HOOKWATCH_PROVIDER", "github"),
        ("HOOKWATCH_SECRET_ARN", "arn:s"),
        ("HOOKWATCH_EVENT_BUS", "default"),
    ):
        monkeypatch.setenv(name, value)
    answer = module(WRAPPED).handler(url_event(b"{}"), Context())
    assert (answer["statusCode"], answer["headers"]["x-served-by"]) == (401, "hookwatch")


def shopify_event(body: bytes, topic: str = "orders/create", secret: str = SECRET) -> dict[str, Any]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "x-shopify-hmac-sha256": signature,
    }
    return url_event(body, headers)


def test_a_third_provider_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Saved as one file, the third provider is found by name, verifies, publishes and is measured like the others."""
    (tmp_path / "shopify.py").write_text(SHOPIFY)
    paths: Sequence[str] = [*providers.__path__, str(tmp_path)]
    monkeypatch.setattr(providers, "__path__", paths)
    settings = load(
        {"HOOKWATCH_PROVIDER": "shopify", "HOOKWATCH_SECRET_ARN": "arn:s", "HOOKWATCH_EVENT_BUS": "default"}
    )
    bus = Bus()
    monkeypatch.setattr(app_module, "secrets_client", lambda _: SecretsManager(AWSCURRENT=SECRET))
    monkeypatch.setattr(app_module, "EventsClient", lambda: bus)
    app = app_module.compose(settings)
    answers = [
        app(event, Context())["statusCode"]
        for event in (
            shopify_event(b'{"id":1}'),
            shopify_event(b'{"id":1}', secret="another"),
            shopify_event(b"[]"),
            shopify_event(b"{}", "ORDERS"),
            url_event(b"{}"),
        )
    ]
    assert answers == [200, 401, 400, 400, 401]
    (entry,) = bus.published
    assert (entry["Source"], entry["DetailType"]) == ("shopify.com", "orders/create")
    assert json.loads(entry["Detail"])["hookwatch"]["provider"] == "shopify"
    assert {(line["provider"], line["outcome"]) for line in lines(capsys)} == {
        ("shopify", "accepted"),
        ("shopify", "bad_signature"),
        ("shopify", "malformed"),
        ("shopify", "unsigned"),
    }
