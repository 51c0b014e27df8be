from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookwatch.ingest.providers.github import GitHub
from hookwatch.ingest.providers.github_events import CHARACTERISTIC_KEYS
from hookwatch.outcomes import Outcome
from hookwatch.sender import sign_github
from vectors.deliveries import Receiver, function_url_event

TESTS = Path(__file__).parents[1]
SAMPLES = sorted((TESTS / "samples" / "github").glob("*.json"))
EXAMPLE_KEYS: dict[str, list[list[str]]] = json.loads((TESTS / "vectors" / "github_event_keys.json").read_text())[
    "examples"
]

# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
DOCUMENTED_SECRET = "It's a Secret to Everybody"
DOCUMENTED_BODY = b"Hello, World!"
DOCUMENTED_SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
DOCUMENTED_SHA1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"


def receive(
    headers: dict[str, str], body: bytes, secret: str = DOCUMENTED_SECRET
) -> tuple[Outcome, str | None, Receiver]:
    receiver = Receiver(GitHub(), secret.encode())
    result = receiver.receive(function_url_event(headers={"Content-Type": "application/json", **headers}, body=body))
    return result.outcome, result.reason, receiver


def test_documented_vector_is_what_the_sender_signs() -> None:
    """The sender computes the signature that GitHub's documentation gives as its example."""
    assert sign_github(DOCUMENTED_BODY, DOCUMENTED_SECRET) == {
        "X-Hub-Signature": DOCUMENTED_SHA1,
        "X-Hub-Signature-256": DOCUMENTED_SIGNATURE,
    }


def test_documented_vector_verifies() -> None:
    """GitHub's documented signature is believed: what is refused afterwards is the text, which is no JSON."""
    assert receive({"X-Hub-Signature-256": DOCUMENTED_SIGNATURE}, DOCUMENTED_BODY)[:2] == (
        Outcome.MALFORMED,
        "not_a_json_object",
    )


def test_documented_vector_over_another_body_is_refused() -> None:
    """The documented signature proves nothing about a body that differs in one character."""
    assert receive({"X-Hub-Signature-256": DOCUMENTED_SIGNATURE}, b"Hello, World?")[0] is Outcome.BAD_SIGNATURE


def test_sha1_alone_is_refused_without_reading_a_secret() -> None:
    """A correct SHA-1 signature counts as none, and no secret is fetched for it."""
    outcome, reason, receiver = receive({"X-Hub-Signature": DOCUMENTED_SHA1}, DOCUMENTED_BODY)
    assert (outcome, reason, receiver.ring.reads) == (Outcome.UNSIGNED, "sha1_only", 0)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_accepted_and_unchanged(sample: Path) -> None:
    """Every octokit example, signed and under its own event name, comes out on the bus with all that it holds."""
    body = sample.read_bytes()
    event = sample.name.partition(".")[0]
    outcome, reason, receiver = receive(
        {**sign_github(body, DOCUMENTED_SECRET), "X-GitHub-Event": event, "X-GitHub-Delivery": "d-1"}, body
    )
    assert (outcome, reason) == (Outcome.ACCEPTED, None)
    (envelope,) = receiver.bus.envelopes
    detail: dict[str, Any] = json.loads(envelope.detail)
    assert detail.pop("hookwatch")["kind"] == event
    assert (envelope.source, envelope.detail_type, detail) == ("github.com", event, json.loads(body))


def test_samples_cover_all_events_of_the_package() -> None:
    """The samples hold one payload of each of the 58 events at least, and one of them is not ASCII."""
    assert {sample.name.partition(".")[0] for sample in SAMPLES} == set(EXAMPLE_KEYS)
    assert any(not sample.read_bytes().isascii() for sample in SAMPLES)


def test_every_example_has_the_keys_of_its_row() -> None:
    """None of the 329 published examples would be refused under its own event name."""
    missing = [
        (event, key)
        for event, examples in EXAMPLE_KEYS.items()
        for keys in examples
        for key in CHARACTERISTIC_KEYS[event]
        if key not in keys
    ]
    assert missing == []


def test_few_payloads_pass_under_another_name() -> None:
    """Of all pairs of events, at least 92 in 100 are told apart: no payload of the one passes as the other.

    The rest have every key that the other needs (an `issue_comment` holds an `issue`), or the other has no key of its
    own (`public` and `watch` hold only a repository).
    """
    pairs = [(named, real) for named in EXAMPLE_KEYS for real in EXAMPLE_KEYS if named != real]
    refused = [
        (named, real)
        for named, real in pairs
        if all(not set(CHARACTERISTIC_KEYS[named]) <= set(keys) for keys in EXAMPLE_KEYS[real])
    ]
    print(f"{len(refused)} of {len(pairs)} pairs are refused")
    assert len(pairs) == 58 * 57
    assert len(refused) >= 0.92 * len(pairs)


@pytest.mark.parametrize(
    ("named", "payload"),
    [
        ("ping", {"hook_id": 1, "hook": {}}),
        ("push", {"commits": [], "repository": {}}),
        ("issues", {"action": "opened", "pull_request": {}}),
        ("pull_request", {"action": "opened", "issue": {}}),
        ("star", {"action": "created", "repository": {}}),
    ],
)
def test_payload_that_cannot_be_the_named_event_is_refused(named: str, payload: dict[str, Any]) -> None:
    """A signed payload under a name whose characteristic key it lacks is malformed: the header is not signed."""
    body = json.dumps(payload).encode()
    headers = {**sign_github(body, DOCUMENTED_SECRET), "X-GitHub-Event": named}
    assert receive(headers, body)[:2] == (Outcome.MALFORMED, "event_does_not_fit_payload")


def test_unknown_event_passes() -> None:
    """An event that the table does not know is accepted, because GitHub adds events."""
    body = b'{"anything":1}'
    headers = {**sign_github(body, DOCUMENTED_SECRET), "X-GitHub-Event": "brand_new_event"}
    assert receive(headers, body)[0] is Outcome.ACCEPTED
