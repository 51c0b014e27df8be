"""A slim event decides what the full one would have decided."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hookwatch.ingest.slim import MEASURES, SLIM_BYTES, slim
from hookwatch.ingest.stored import Stored
from hookwatch.patterns import compile_pattern

TESTS = Path(__file__).resolve().parents[1]
TWELVE: list[dict[str, Any]] = json.loads((TESTS / "data" / "patterns" / "loops.json").read_text(encoding="utf-8"))
WHERE = Stored("bucket", "claims/2023-11-14/github/id-0123456789abcdef.json", 2_000_000, "0" * 64)
SAMPLES = sorted((TESTS / "samples" / "github").glob("*.json"))

# What a payload must hold to match each of the twelve fixed rules.
WANTED: dict[str, dict[str, Any]] = {
    "L1": {
        "ref": "refs/heads/main",
        "deleted": False,
        "pusher": {"name": "octocat"},
        "head_commit": {"message": "fix: everything " * 40},
    },
    "L2": {"action": "created", "sender": {"type": "User"}, "comment": {"performed_via_github_app": None}},
    "L3": {"action": "completed", "check_run": {"app": {"slug": "somebody-elses-ci"}}},
    "L4": {"state": "failure", "context": "ci/elsewhere"},
    "L5": {"deployment_status": {"state": "error", "creator": {"login": "octocat"}}},
    "L6": {"action": "edited", "repository": {"full_name": "acme/source"}, "sender": {"login": "octocat"}},
    "L7": {"action": "opened", "sender": {"type": "User"}},
    "L8": {"action": "completed", "workflow_run": {"conclusion": "success", "event": "push"}},
    "L9": {"action": "reopened", "sender": {"type": "User"}},
    "L10": {"SmsStatus": "received", "From": "+15551234", "To": "+15559999", "Body": "hello"},
    "L11": {"MessageStatus": "failed", "To": "+15551234", "From": "+15550000"},
    "L12": {"ref": "refs/heads/main"},
}
# How a payload gets too large: a long list, a long text, much of everything, thousands of names.
INFLATIONS: dict[str, dict[str, Any]] = {
    "commits": {"commits": [{"id": "1" * 40, "message": "m" * 400, "modified": ["a/b/c.py"] * 20}] * 1_500},
    "a text": {"body": 'é\n"quoted" ' * 100_000},
    "nested": {"issue": {"body": "b" * 900_000, "labels": [{"name": f"label {n}"} for n in range(9_000)]}},
    "names": {f"name_{number}": {"value": "v" * 600, "list": [number]} for number in range(2_000)},
}


def merged(payload: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """A payload with more in it, also deep inside."""
    result = copy.deepcopy(payload)
    for name, value in more.items():
        before = result.get(name)
        result[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def event(case: dict[str, Any], detail: dict[str, Any]) -> dict[str, Any]:
    source = case["naive"]["source"][0]
    kind = case["fixed"]["detail-type"][0]
    return {
        "id": "1",
        "account": "123456789012",
        "source": source,
        "time": "2026-11-27T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": kind,
        "detail": detail,
    }


def slimmed(payload: dict[str, Any], max_bytes: int = SLIM_BYTES) -> dict[str, Any]:
    text = slim(json.dumps(payload), {"delivery_id": "id", "own_actor": False}, WHERE, max_bytes)
    result: dict[str, Any] = json.loads(text)
    assert len(text.encode()) <= max_bytes
    return result


def payloads(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What GitHub really sends for this rule's event, once as it is and once made to match; Twilio's parameters too."""
    wanted = WANTED[case["id"]]
    kind = case["fixed"]["detail-type"][0]
    found = [json.loads(path.read_text()) for path in SAMPLES if path.name.startswith(f"{kind}.")]
    return [*found, *(merged(payload, wanted) for payload in found), wanted]


@pytest.mark.parametrize("inflation", INFLATIONS)
@pytest.mark.parametrize("case", TWELVE, ids=lambda case: case["id"])
def test_the_twelve_rules_decide_the_same(case: dict[str, Any], inflation: str):
    """Rules that break loops match a slim event exactly if they match the full one, however it got too large."""
    rules = [compile_pattern(case[name]) for name in ("naive", "fixed")]
    verdicts = set()
    for payload in payloads(case):
        full = merged(payload, INFLATIONS[inflation])
        for rule in rules:
            verdict = rule.matches(event(case, full))
            assert rule.matches(event(case, slimmed(full))) == verdict
            verdicts.add(verdict)
    assert True in verdicts


def test_a_rule_that_must_not_match_does_not(tmp_path: Path):
    """What our own bot did is still seen to be our own bot's doing in the slim event."""
    for case, own in (
        ("L1", {"pusher": {"name": "acme-bot[bot]"}}),
        ("L2", {"sender": {"type": "Bot"}}),
        ("L3", {"check_run": {"app": {"slug": "acme-ci"}}}),
        ("L5", {"deployment_status": {"creator": {"login": "acme-bot[bot]"}}}),
        ("L8", {"workflow_run": {"event": "workflow_dispatch"}}),
    ):
        (rule,) = (each for each in TWELVE if each["id"] == case)
        full = merged(merged(WANTED[case], own), INFLATIONS["commits"])
        fixed = compile_pattern(rule["fixed"])
        assert not fixed.matches(event(rule, full))
        assert not fixed.matches(event(rule, slimmed(full)))


def test_what_is_left_out_is_named():
    """A consumer sees which fields to fetch, by their path."""
    detail = slimmed(merged(WANTED["L1"], INFLATIONS["commits"]) | {"issue": {"body": "x" * 20_000, "number": 7}})
    assert sorted(detail["hookwatch"]["omitted"]) == ["commits", "issue.body"]
    assert detail["issue"] == {"number": 7}
    assert detail["hookwatch"]["claim_check"] == {
        "bucket": WHERE.bucket,
        "key": WHERE.key,
        "bytes": WHERE.size_bytes,
        "sha256": WHERE.sha256,
    }
    assert detail["hookwatch"]["delivery_id"] == "id"


def test_what_stays_stays_digit_for_digit():
    """Numbers, escapes and short lists are the provider's text, not ours."""
    text = '{"n": 12345678901234567890.10, "e": "\\u00e9\\/", "l":  [1, 2.50], "big": "' + "x" * 1_000_000 + '"}'
    result = slim(text, {}, WHERE, SLIM_BYTES)
    assert '"n":12345678901234567890.10' in result
    assert '"e":"\\u00e9\\/"' in result
    assert '"l":[1, 2.50]' in result


@pytest.mark.parametrize("max_bytes", [SLIM_BYTES, 8_000, 2_000, 600])
def test_it_gets_as_small_as_it_has_to(max_bytes: int):
    """Less is kept where there is less room, and the claim is kept in any case."""
    full = merged(
        json.loads((TESTS / "samples" / "github" / "pull_request.opened.json").read_text()), INFLATIONS["names"]
    )
    detail = slimmed(full, max_bytes)
    assert detail["hookwatch"]["claim_check"]["key"] == WHERE.key
    assert detail["hookwatch"]["omitted"]
    assert detail["action"] == "opened"


def test_no_room_at_all_still_leaves_the_claim():
    """With a limit below our own key, our own key is what is left."""
    text = slim(json.dumps(INFLATIONS["commits"]), {}, WHERE, 10)
    assert json.loads(text) == {"hookwatch": {"claim_check": WHERE.document(), "omitted": ["*"]}}


def test_names_are_bounded():
    """Thousands of long fields, or fields with endless names, do not make a slim event large again."""
    many = slimmed({f"n{number}": "x" * 20_000 for number in range(100)})["hookwatch"]["omitted"]
    assert len(many) == MEASURES[0].names + 1
    assert many[-1] == "*"
    long = slimmed({"n" * 5_000: "x" * 100_000, "a": 1})
    assert long["hookwatch"]["omitted"] == ["*"]
    assert long["a"] == 1


def test_what_says_most_comes_first():
    """Where not all fields of an object fit, the ones that rules ask for are not the ones that go."""
    payload: dict[str, Any] = {f"name_{number}": number for number in range(2_000)}
    detail = slimmed(payload | {"action": "opened", "repository": {"full_name": "a/b"}, "big": "x" * 1_000_000})
    assert (detail["action"], detail["repository"]) == ("opened", {"full_name": "a/b"})
    assert "*" in detail["hookwatch"]["omitted"]


def test_a_foreign_key_of_our_name_gives_way():
    """Two keys of one name would both count when EventBridge matches."""
    text = slim(json.dumps({"hookwatch": "theirs", "a": 1}), {"kind": "push"}, WHERE, SLIM_BYTES)
    assert text.count('"hookwatch"') == 1
    assert json.loads(text)["hookwatch"]["kind"] == "push"
