from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from hookwatch.config import SharedKey
from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.outcomes import Outcome
from hookwatch.sender import sign_twilio, with_body_hash
from vectors.deliveries import HOST, Receiver, function_url_event
from vectors.oracle import oracle

TESTS = Path(__file__).parents[1]
SAMPLES = sorted((TESTS / "samples" / "twilio").glob("*.json"))
VECTORS: dict[str, Any] = json.loads((TESTS / "vectors" / "twilio.json").read_text())
TOKEN: str = VECTORS["token"]
FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"
KEY_ID = "webhooks_sharedkey_01"
CASES = [*VECTORS["form"], *VECTORS["json"]]


def content_of(vector: dict[str, Any]) -> list[tuple[str, str]] | bytes:
    if "body" in vector:
        return str(vector["body"]).encode()
    return [(name, value) for name, value in vector["params"]]


def receive(
    url: str, content: list[tuple[str, str]] | bytes, headers: dict[str, str], shared_key: SharedKey | None = None
) -> tuple[Outcome, Receiver]:
    split = urlsplit(url)
    body = content if isinstance(content, bytes) else urlencode(content).encode()
    event = function_url_event(
        headers={
            "Content-Type": JSON if isinstance(content, bytes) else FORM,
            "X-Forwarded-Proto": split.scheme,
            **headers,
        },
        body=body,
        host=split.netloc,
        path=split.path,
        query=split.query,
    )
    receiver = Receiver(Twilio(None, shared_key), TOKEN.encode(), shared_key=TOKEN.encode())
    return receiver.receive(event).outcome, receiver


@pytest.mark.parametrize("vector", CASES, ids=lambda vector: str(vector["name"]))
def test_published_vector_verifies(vector: dict[str, Any]) -> None:
    """Every published signature is what the sender computes, what twilio-python believes, and what we believe."""
    content, signature = content_of(vector), vector["HMAC_SHA1"]
    assert sign_twilio(vector["url"], content, TOKEN)["X-Twilio-Signature"] == signature
    assert oracle(vector["url"], content.decode() if isinstance(content, bytes) else content, signature, TOKEN)
    assert receive(vector["url"], content, {"X-Twilio-Signature": signature})[0] is Outcome.ACCEPTED


@pytest.mark.parametrize("vector", CASES, ids=lambda vector: str(vector["name"]))
def test_published_vector_with_one_other_character_is_refused(vector: dict[str, Any]) -> None:
    """A published signature whose first character is another one is refused."""
    signature = ("A" if vector["HMAC_SHA1"][0] != "A" else "B") + vector["HMAC_SHA1"][1:]
    assert receive(vector["url"], content_of(vector), {"X-Twilio-Signature": signature})[0] is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize(
    "vector", [vector for vector in CASES if "HMAC_SHA256" in vector], ids=lambda vector: str(vector["name"])
)
def test_shared_key_vector_verifies_only_where_it_is_configured(vector: dict[str, Any]) -> None:
    """An HMAC-SHA256 signature counts for the SharedKey that is configured, and for nobody otherwise."""
    headers = sign_twilio(vector["url"], content_of(vector), TOKEN, algorithm="HMAC_SHA256", key_id=KEY_ID)
    assert headers["X-Twilio-Signature"] == vector["HMAC_SHA256"]
    pinned = SharedKey(KEY_ID, "HMAC_SHA256", "arn")
    assert receive(vector["url"], content_of(vector), headers, pinned)[0] is Outcome.ACCEPTED
    assert receive(vector["url"], content_of(vector), headers, None)[0] is Outcome.BAD_SIGNATURE
    other = SharedKey("webhooks_sharedkey_02", "HMAC_SHA256", "arn")
    assert receive(vector["url"], content_of(vector), headers, other)[0] is Outcome.BAD_SIGNATURE


def test_shared_key_cannot_be_talked_down_to_sha1() -> None:
    """A header that names a weaker algorithm than the pinned one is refused, though its signature would hold."""
    vector = VECTORS["form"][0]
    headers = sign_twilio(vector["url"], content_of(vector), TOKEN, algorithm="HMAC_SHA1", key_id=KEY_ID)
    pinned = SharedKey(KEY_ID, "HMAC_SHA256", "arn")
    assert receive(vector["url"], content_of(vector), headers, pinned)[0] is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_accepted_as_its_kind(sample: Path) -> None:
    """Every parameter set is accepted, named by the kind that its file states, and loses no parameter."""
    described: dict[str, Any] = json.loads(sample.read_text(encoding="utf-8"))
    url, content = f"https://{HOST}/", described.get("params")
    if content is None:
        body = json.dumps(described["json"], ensure_ascii=False).encode()
        url = with_body_hash(url, body)
        outcome, receiver = receive(url, body, sign_twilio(url, body, TOKEN))
        expected = described["json"]
    else:
        pairs = [(name, value) for name, value in content]
        outcome, receiver = receive(url, pairs, sign_twilio(url, pairs, TOKEN))
        expected = [as_detail(pairs)]
    assert outcome is Outcome.ACCEPTED
    details = [json.loads(envelope.detail) for envelope in receiver.bus.envelopes]
    assert {detail.pop("hookwatch")["kind"] for detail in details} == {described["kind"]}
    assert details == expected
    assert {(envelope.source, envelope.detail_type) for envelope in receiver.bus.envelopes} == {
        ("twilio.com", "twilio-webhook-lambda")
    }


def test_samples_cover_every_kind() -> None:
    """There is a sample of every kind that we name, some with a repeated parameter and some with a blank one."""
    described = [json.loads(sample.read_text(encoding="utf-8")) for sample in SAMPLES]
    assert {each["kind"] for each in described} == {
        "message.inbound",
        "message.status",
        "call.inbound",
        "call.status",
        "debugger",
        "event-stream",
        "other",
    }
    names = [[name for name, _ in each["params"]] for each in described if "params" in each]
    assert any(len(set(each)) < len(each) for each in names)
    assert any(value == "" for each in described for _, value in each.get("params", ()))


def as_detail(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    for name in dict(pairs):
        values = [value for other, value in pairs if other == name]
        detail[name] = values[0] if len(values) == 1 else values
    if detail.get("PayloadType") == "application/json":
        with suppress(ValueError):
            detail["Payload"] = json.loads(detail["Payload"])
    return detail
