"""A delivery from request to answer: every outcome, with its one log line, its metric and its answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote_plus, urlencode

import pytest
from botocore.exceptions import ClientError

from hookwatch.config import LoopPolicy, SharedKey
from hookwatch.ingest.secrets import FRESH_READ_INTERVAL_S
from hookwatch.outcomes import METRICS, ROWS, Outcome
from support import (
    URL,
    Bus,
    Context,
    SecretsManager,
    github_event,
    github_signature,
    lines,
    stand,
    twilio,
    twilio_event,
    twilio_json_event,
    url_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FORM = {"content-type": "application/x-www-form-urlencoded"}
PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "commits": [], "action": "pushed"}
SMS = [("MessageSid", "SM" + "a" * 32), ("From", "+15017122661"), ("To", "+15558675310"), ("Body", "hello there")]


def throttled() -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "PutEvents")


class Broken(Bus):
    """A bus that fails in a way that nobody foresaw, quoting the payload."""

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
        raise RuntimeError(f"cannot digest {Entries}")


def denied() -> SecretsManager:
    secrets = SecretsManager(AWSCURRENT="x")
    secrets.error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")
    return secrets


OWN = LoopPolicy(own_actors=frozenset({"me", "+15017122661"}), drop_own=True)
SAMPLES = sorted((Path(__file__).resolve().parents[1] / "samples" / "github").glob("*.json"))

Case: TypeAlias = "Callable[[], tuple[Any, dict[str, Any]]]"

Case: TypeAlias = "Callable[[], tuple[Any, dict[str, Any]]]"

# Every outcome that the main job can end in -> an app and a request that ends there.
GITHUB_CASES: dict[Outcome, Case] = {
    Outcome.ACCEPTED: lambda: (stand(), github_event(PUSH)),
    Outcome.DROPPED: lambda: (stand(loops=OWN), github_event({**PUSH, "sender": {"login": "me"}})),
    Outcome.MALFORMED: lambda: (stand(), github_event([1])),
    Outcome.UNSIGNED: lambda: (stand(), github_event(PUSH, **{"x-hub-signature-256": ""})),
    Outcome.BAD_SIGNATURE: lambda: (stand(), github_event(PUSH, secret="another")),
    Outcome.TOO_LARGE: lambda: (stand(max_entry_bytes=200), github_event(PUSH)),
    Outcome.SECRET_UNAVAILABLE: lambda: (stand(secrets=denied()), github_event(PUSH)),
    Outcome.PUBLISH_THROTTLED: lambda: (stand(bus=Bus(*[throttled()] * 20)), github_event(PUSH)),
    Outcome.PUBLISH_FAILED: lambda: (stand(bus=Bus(["AccessDeniedException"])), github_event(PUSH)),
    Outcome.CRASHED: lambda: (stand(bus=Broken()), github_event(PUSH)),
}
TWILIO_CASES: dict[Outcome, Case] = {
    Outcome.ACCEPTED: lambda: (stand(twilio()), twilio_event(SMS)),
    Outcome.DROPPED: lambda: (stand(twilio(loops=OWN), loops=OWN), twilio_event(SMS)),
    Outcome.MALFORMED: lambda: (stand(twilio()), twilio_json_event("text")),
    Outcome.UNSIGNED: lambda: (stand(twilio()), twilio_event(SMS, x_twilio_signature="")),
    Outcome.BAD_SIGNATURE: lambda: (stand(twilio()), twilio_event(SMS, token="another")),
    Outcome.TOO_LARGE: lambda: (stand(twilio(), max_entry_bytes=200), twilio_event(SMS)),
    Outcome.SECRET_UNAVAILABLE: lambda: (stand(twilio(), secrets=denied()), twilio_event(SMS)),
    Outcome.PUBLISH_THROTTLED: lambda: (stand(twilio(), bus=Bus(*[throttled()] * 20)), twilio_event(SMS)),
    Outcome.PUBLISH_FAILED: lambda: (stand(twilio(), bus=Bus(["AccessDeniedException"])), twilio_event(SMS)),
    Outcome.CRASHED: lambda: (stand(twilio(), bus=Broken()), twilio_event(SMS)),
}
CASES = [("github", *case) for case in GITHUB_CASES.items()] + [("twilio", *case) for case in TWILIO_CASES.items()]
# These need the queue, the bucket or the table, which come with them.
LATER = {Outcome.DUPLICATE, Outcome.PARKED, Outcome.CLAIM_CHECKED}


def test_every_outcome_is_tried():
    """No outcome is left out of the tests below."""
    assert set(GITHUB_CASES) == set(TWILIO_CASES) == set(Outcome) - LATER


@pytest.mark.parametrize(("provider", "outcome", "case"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_one_delivery_one_outcome(provider: str, outcome: Outcome, case: Case, capsys: pytest.CaptureFixture[str]):
    """Every outcome gives its status, one delivery line of its level, and its own metric counted once."""
    app, event = case()
    answer = app(event)
    logged = lines(capsys)
    deliveries = [line for line in logged if line["message"] == "delivery"]
    assert len(deliveries) == 1
    line = deliveries[0]
    row = ROWS[outcome]
    assert answer["statusCode"] == row.status
    assert (line["outcome"], line["level"], line["provider"]) == (outcome.value, row.level, provider)
    assert line[METRICS[outcome]] == 1
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] in ([["provider", "service"]], [["service", "provider"]])
    counted = {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert counted & set(METRICS.values()) == {METRICS[outcome]}
    assert len(logged) == 1 or row.level == "ERROR"


@pytest.mark.parametrize(("provider", "outcome", "case"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_log_lines_are_short(
    provider: str,
    outcome: Outcome,
    case: Case,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    """Logs are most of the bill: at most 1,000 bytes for an accepted delivery, 700 for one that a stranger sent."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0")
    app, event = case()
    app(event)
    line = capsys.readouterr().out.splitlines()[-1]
    refused = outcome in (Outcome.UNSIGNED, Outcome.BAD_SIGNATURE)
    # A traceback is as long as it is; it is our bug, and rare.
    assert outcome is Outcome.CRASHED or len(line) < (700 if refused else 1000)


def test_the_line_of_an_accepted_delivery(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """The line says all that the operator asks: who, what, how long, which key, which event on the bus."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0")
    stand()(github_event(PUSH))
    (line,) = lines(capsys)
    expected = {
        "level": "INFO",
        "service": "hookwatch",
        "cold_start": True,
        "function_request_id": Context().aws_request_id,
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "event_type": "push",
        "action": "pushed",
        "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "key_stage": "AWSCURRENT",
        "payload_bytes": len(json.dumps(PUSH)),
        "event_id": "event-1-0",
        "source_ip": "192.0.2.7",
        "user_agent": "GitHub-Hookshot/044aadd",
    }
    assert {name: line.get(name) for name in expected} == expected
    assert line["entry_bytes"] > line["payload_bytes"]
    assert {"verify_ms", "publish_ms", "total_ms", "timestamp"} <= line.keys()


def test_only_the_first_delivery_is_a_cold_start(capsys: pytest.CaptureFixture[str]):
    """Cold start is said of the first delivery of a process."""
    app = stand()
    app(github_event(PUSH))
    app(github_event(PUSH))
    assert [line["cold_start"] for line in lines(capsys)] == [True, False]


def test_detail_comes_only_with_a_failure(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """The story of the attempts is written when a delivery fails for good, and not when the second attempt succeeds."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
    stand(bus=Bus(throttled()))(github_event(PUSH))
    assert [line["message"] for line in lines(capsys)] == ["delivery"]
    stand(bus=Bus(*[throttled()] * 20))(github_event(PUSH))
    logged = lines(capsys)
    assert [line["message"] for line in logged] == ["attempt"] * 8 + ["request", "delivery"]
    assert logged[0]["code"] == "ThrottlingException"


# Headers that carry secrets, among them the one in which GitHub sent webhook secrets from 2025-09 to 2026-01.
SECRET_HEADERS = (
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
    "x-amz-security-token",
    "x-auth-token",
    "x-csrf-token",
    "x-forwarded-access-token",
    "x-github-encoded-secret",
    "x-gitlab-token",
    "x-goog-iap-jwt-assertion",
    "x-hub-signature",
    "x-vault-token",
    "www-authenticate",
)
CANARY, PHONE, MESSAGE = "canary-5ecret", "+15017122661", "my-private-message"


@pytest.mark.parametrize(("provider", "outcome", "case"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_nothing_private_gets_out(provider: str, outcome: Outcome, case: Case, capsys: pytest.CaptureFixture[str]):
    """No secret-bearing header, signature, phone number or message text is in logs, metrics or answers, ever."""
    app, original = case()
    secret = "It's a Secret to Everybody" if provider == "github" else "12345"
    event = _with_private_parts(original, provider, outcome)
    answer = app(event)
    captured = capsys.readouterr()
    told = captured.out + captured.err + json.dumps(answer)
    presented = event["headers"].get("x-hub-signature-256") or event["headers"].get("x-twilio-signature") or CANARY
    for private in (CANARY, PHONE, PHONE[1:], MESSAGE, secret, presented):
        assert private not in told
    assert quote_plus(PHONE) not in told
    # The request still ended where its case says: the private parts were really on their way through it.
    assert json.loads(captured.out.splitlines()[-1])["outcome"] == outcome.value


def _with_private_parts(event: dict[str, Any], provider: str, outcome: Outcome) -> dict[str, Any]:
    private = dict.fromkeys(SECRET_HEADERS, CANARY)
    kept = (Outcome.MALFORMED, Outcome.UNSIGNED, Outcome.BAD_SIGNATURE, Outcome.DROPPED)
    if provider == "github" and outcome not in kept:
        event = github_event({**PUSH, "head_commit": {"message": MESSAGE}, "sender": {"phone": PHONE}})
    if provider == "twilio" and outcome not in kept:
        event = twilio_event([("From", PHONE), ("Body", MESSAGE), ("MessageSid", "SM1")])
    event["headers"] = {**private, **event["headers"]}
    event["cookies"] = [CANARY]
    event["requestContext"]["http"]["userAgent"] = CANARY
    return event


def test_a_crash_is_told_without_the_payload(capsys: pytest.CaptureFixture[str]):
    """The traceback says where and what; the exception's message, which quotes the payload, stays out."""
    stand(bus=Broken())(github_event({**PUSH, "note": MESSAGE}))
    line = lines(capsys)[-1]
    assert line["exception_name"] == "RuntimeError"
    assert "put_events" in line["exception"]
    assert "cannot digest" not in json.dumps(line["exception_name"])


def test_unsigned_requests_cost_nothing():
    """Without a well-formed signature there is no secret read and no call to the bus, and the body is not decoded."""
    app = stand()
    event = url_event(b"", {"x-hub-signature-256": "sha256=short"}, is_base64=True)
    event["body"] = "*** this is not base64 and would not decode ***"
    assert app(event)["statusCode"] == 401
    assert app.secrets.calls == []
    assert app.bus.calls == []


def test_what_is_on_the_bus_for_github():
    """Source and detail-type are the quick start's, detail is the payload as sent with our key added."""
    app = stand()
    headers = {
        "x-github-hook-id": "292430182",
        "x-github-hook-installation-target-type": "repository",
        "x-github-hook-installation-target-id": "79929171",
        "x-github-enterprise-host": "ghe.example.com",
    }
    app(github_event(PUSH, **headers))
    (entry,) = app.bus.published
    detail = json.loads(entry["Detail"])
    ours = detail.pop("hookwatch")
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("github.com", "push", "default")
    assert entry["Resources"] == ["hookwatch:github:delivery/72d3162e-cc78-11e3-81ab-4c9367dc0958"]
    assert detail == PUSH
    assert ours["provider"] == "github"
    assert ours["delivery_id"] == "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert (ours["hook_id"], ours["target_type"], ours["target_id"]) == ("292430182", "repository", "79929171")
    assert ours["enterprise_host"] == "ghe.example.com"
    assert ours["received_at"] == 1_700_000_000_000
    assert len(ours["body_sha256"]) == 64


def test_quickstart_format_adds_nothing():
    """With EventFormat=quickstart the detail is the payload byte for byte."""
    app = stand(event_format="quickstart")
    body = b'{"ref": "refs/heads/main", "n": 1.00}'
    app(github_event(body))
    assert app.bus.published[0]["Detail"] == body.decode()


def test_a_form_encoded_github_delivery():
    """GitHub's other content type is verified over the form and published as the JSON in it."""
    body = urlencode({"payload": json.dumps(PUSH)}).encode()
    app = stand(event_format="quickstart")
    event = github_event(body)
    event = url_event(body, {**event["headers"], "content-type": "Application/X-WWW-Form-urlencoded; charset=utf-8"})
    assert app(event)["statusCode"] == 200
    assert json.loads(app.bus.published[0]["Detail"]) == PUSH


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"{}", {"content-type": "text/plain"}, "media_type"),
        (b"{}", {"content-type": ""}, "media_type"),
        (b"{}", {"x-github-event": ""}, "event_header"),
        (b"{}", {"x-github-event": "Push"}, "event_header"),
        (b"{}", {"x-github-event": "x" * 129}, "event_header"),
        (b'{"ref":"x"}', {"x-github-event": "ping"}, "event_does_not_fit_payload"),
        (b'{"zen":"x","hook":{},"hook_id":1}', {"x-github-event": "push"}, "event_does_not_fit_payload"),
        (b"[]", {}, "not_a_json_object"),
        (b"", {}, "not_a_json_object"),
        (b'{"ref":NaN}', {}, "not_a_json_object"),
        (b'{"ref":' + b"[" * 1200 + b"]" * 1200 + b"}", {}, None),
        (
            b"payload=%7B%7D&payload=%7B%7D",
            {"content-type": "application/x-www-form-urlencoded"},
            "form_without_one_payload",
        ),
        (b"other=1", {"content-type": "application/x-www-form-urlencoded"}, "form_without_one_payload"),
        (b"payload=%FF", {"content-type": "application/x-www-form-urlencoded"}, "not_utf8"),
    ],
)
def test_signed_but_malformed_for_github(
    body: bytes, headers: dict[str, str], reason: str | None, capsys: pytest.CaptureFixture[str]
):
    """A delivery whose signature holds but that cannot be one of GitHub's is refused as malformed, with the reason."""
    event = github_event(body)
    event = url_event(body, {**event["headers"], **headers})
    answer = stand()(event)
    assert answer["statusCode"] == 400
    told = json.loads(answer["body"])
    assert told["outcome"] == "malformed"
    assert reason is None or told["reason"] == reason == lines(capsys)[0]["reason"]


def test_signed_bytes_that_are_not_utf8():
    """Bytes that are no text are malformed, not a crash."""
    body = b'{"ref":"\xff"}'
    event = url_event(
        body, {**github_event({})["headers"], "x-hub-signature-256": github_signature(body)}, is_base64=True
    )
    assert json.loads(stand()(event)["body"])["reason"] == "not_utf8"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_wrong_method(method: str):
    """A signed request with another method is malformed."""
    event = github_event(PUSH)
    event["requestContext"]["http"]["method"] = method
    assert json.loads(stand()(event)["body"])["reason"] == "method"


def test_an_event_that_is_new_to_us_passes():
    """GitHub adds events; a name that we do not know is not wrong."""
    app = stand()
    assert app(github_event({"anything": 1}, "brand_new_event"))["statusCode"] == 200
    assert app.bus.published[0]["DetailType"] == "brand_new_event"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha256=" + "g" * 64,
        "sha256=" + "0" * 63,
        "sha1=" + "0" * 40,
        "0" * 64,
        "sha256=" + "é" * 64,
        "x" * 100_000,
    ],
)
def test_signatures_of_no_shape(header: str, capsys: pytest.CaptureFixture[str]):
    """A header that cannot be a signature, however absurd, is unsigned and costs no secret read."""
    app = stand()
    assert app(github_event(PUSH, x_hub_signature_256=header))["statusCode"] == 401
    assert lines(capsys)[0]["outcome"] == "unsigned"
    assert app.secrets.calls == []


def test_sha1_alone_is_refused(capsys: pytest.CaptureFixture[str]):
    """GitHub's legacy signature does not count."""
    app = stand()
    event = github_event(PUSH)
    del event["headers"]["x-hub-signature-256"]
    event["headers"]["x-hub-signature"] = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"
    assert app(event)["statusCode"] == 401
    assert lines(capsys)[0]["reason"] == "sha1_only"


@pytest.mark.parametrize("stage", ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"])
def test_any_valid_key_verifies_and_is_named(stage: str, capsys: pytest.CaptureFixture[str]):
    """During a rotation both keys work, and telemetry knows which did."""
    secrets = SecretsManager(**{"AWSCURRENT": "other", stage: "the-key"})
    assert stand(secrets=secrets)(github_event(PUSH, secret="the-key"))["statusCode"] == 200
    (line,) = lines(capsys)
    assert line["key_stage"] == stage
    assert line.get("PreviousKeyUsed") == (1 if stage == "AWSPREVIOUS" else None)


@pytest.mark.parametrize(
    ("code", "key", "status"),
    [
        ("ThrottlingException", "the-key", 503),
        ("ThrottlingException", "nobody's", 503),
        ("ResourceNotFoundException", "nobody's", 401),
    ],
)
def test_a_key_that_cannot_be_read_is_no_bad_signature(
    code: str, key: str, status: int, capsys: pytest.CaptureFixture[str]
):
    """While an older key cannot be read nobody knows who signed, so the provider is to send again."""

    class OldKeysFail(SecretsManager):
        def get_secret_value(self, SecretId: str, VersionId: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            if not VersionId.startswith("AWSCURRENT"):
                raise ClientError({"Error": {"Code": code, "Message": ""}}, "GetSecretValue")
            return super().get_secret_value(SecretId, VersionId)

    secrets = OldKeysFail(AWSCURRENT="new", AWSPREVIOUS="the-key")
    assert stand(secrets=secrets)(github_event(PUSH, secret=key))["statusCode"] == status
    (line,) = lines(capsys)
    if status == 503:
        assert (line["outcome"], line["reason"], line["error_code"]) == (
            "secret_unavailable",
            "older_key_unreadable",
            code,
        )
    else:
        assert (line["outcome"], line["reason"]) == ("bad_signature", "no_key_fits")


def test_a_rotation_takes_effect_with_the_first_delivery_that_needs_it():
    """A key that was rotated in elsewhere verifies as soon as a fresh read is allowed."""
    secrets = SecretsManager(AWSCURRENT="old")
    app = stand(secrets=secrets)
    assert app(github_event(PUSH, secret="old"))["statusCode"] == 200
    secrets.stages = {"AWSCURRENT-v2": "new"}
    secrets.stages = {"AWSCURRENT": "new", "AWSPREVIOUS": "old"}
    app.clock.sleep(FRESH_READ_INTERVAL_S)
    assert app(github_event(PUSH, secret="new"))["statusCode"] == 200
    assert app(github_event(PUSH, secret="old"))["statusCode"] == 200


def test_twilio_gets_empty_twiml():
    """Twilio's success is an empty document that nobody is texted or read."""
    answer = stand(twilio())(twilio_event(SMS))
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/xml; charset=utf-8"
    assert answer["body"] == '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@pytest.mark.parametrize(
    ("params", "kind", "delivery_id"),
    [
        (SMS, "message.inbound", SMS[0][1]),
        ([("MessageSid", "SM1"), ("MessageStatus", "sent")], "message.status", "SM1:sent"),
        ([("SmsSid", "SM1"), ("SmsStatus", "delivered")], "message.status", "SM1:delivered"),
        ([("CallSid", "CA1"), ("CallStatus", "ringing"), ("Direction", "inbound")], "call.inbound", "CA1"),
        ([("CallSid", "CA1"), ("CallStatus", "ringing")], "call.inbound", "CA1"),
        (
            [("CallSid", "CA1"), ("CallStatus", "busy"), ("CallbackSource", "call-progress-events")],
            "call.status",
            "CA1:busy",
        ),
        (
            [
                ("CallSid", "CA1"),
                ("CallStatus", "completed"),
                ("SequenceNumber", "3"),
                ("CallbackSource", "call-progress-events"),
            ],
            "call.status",
            "CA1:completed:3",
        ),
        (
            [("Sid", "NO1"), ("Level", "ERROR"), ("PayloadType", "application/json"), ("Payload", "{}")],
            "debugger",
            "NO1",
        ),
    ],
)
def test_kinds_of_twilio_webhooks(params: list[tuple[str, str]], kind: str, delivery_id: str):
    """The kind is named, and the id is what stays the same when Twilio sends it again."""
    app = stand(twilio())
    app(twilio_event(params))
    (entry,) = app.bus.published
    detail = json.loads(entry["Detail"])
    assert (entry["Source"], entry["DetailType"]) == ("twilio.com", "twilio-webhook-lambda")
    assert detail["hookwatch"]["kind"] == kind
    assert detail["hookwatch"]["delivery_id"] == delivery_id


WEBHOOKS_OF_ONE_CALL: list[tuple[str, dict[str, str]]] = [
    ("call.inbound", {"CallStatus": "ringing", "Direction": "inbound"}),
    ("other", {"CallStatus": "in-progress", "Direction": "inbound", "Digits": "1"}),
    ("other", {"CallStatus": "in-progress", "Direction": "inbound", "Digits": "2"}),
    ("call.inbound", {"CallStatus": "in-progress", "Direction": "inbound"}),
    ("other", {"CallStatus": "ringing", "Direction": "inbound", "DialCallStatus": "no-answer"}),
    ("other", {"RecordingSid": "RE1", "RecordingStatus": "completed"}),
    ("other", {"RecordingSid": "RE2", "RecordingStatus": "completed"}),
    ("other", {"ConferenceSid": "CF1", "StatusCallbackEvent": "participant-join"}),
    ("other", {"ConferenceSid": "CF1", "StatusCallbackEvent": "participant-leave"}),
    ("call.status", {"CallStatus": "completed", "CallbackSource": "call-progress-events", "SequenceNumber": "0"}),
    ("call.status", {"CallStatus": "completed", "CallbackSource": "call-progress-events"}),
    ("call.status", {"CallStatus": "completed", "Direction": "inbound", "DialCallStatus": "completed"}),
    ("call.status", {"CallStatus": "completed", "Direction": "inbound", "RecordingSid": "RE1", "Digits": "hangup"}),
]


def test_webhooks_of_one_call_have_an_id_each():
    """Only the incoming call is named by its CallSid alone; who deduplicates by the id loses none of the others."""
    app = stand(twilio())
    for _, params in WEBHOOKS_OF_ONE_CALL * 2:
        assert app(twilio_event([("CallSid", "CA1"), *params.items()]))["statusCode"] == 200
    ours = [json.loads(entry["Detail"])["hookwatch"] for entry in app.bus.published]
    once, again = ours[: len(WEBHOOKS_OF_ONE_CALL)], ours[len(WEBHOOKS_OF_ONE_CALL) :]
    assert [each["kind"] for each in once] == [kind for kind, _ in WEBHOOKS_OF_ONE_CALL]
    assert len({each["delivery_id"] for each in once}) == len(once)
    assert [each["delivery_id"] for each in again] == [each["delivery_id"] for each in once]


@pytest.mark.parametrize(
    "params",
    [
        [("MessageSid", "SM1"), ("MessageStatus", "")],
        [("CallSid", "CA1"), ("CallbackSource", "call-progress-events"), ("SequenceNumber", "1")],
        [("CallSid", ""), ("CallStatus", "ringing")],
        [("CallSid", "CA1"), ("CallSid", "CA2"), ("CallStatus", "ringing")],
    ],
)
def test_an_id_with_a_part_missing_is_none(params: list[tuple[str, str]]):
    """What would be the same for several webhooks is no id; the idempotency token or the body's hash is."""
    app = stand(twilio())
    app(twilio_event(params))
    app(twilio_event(params, i_twilio_idempotency_token="token-1"))
    ids = [json.loads(entry["Detail"])["hookwatch"]["delivery_id"] for entry in app.bus.published]
    assert ids[0].startswith("sha256-")
    assert ids[1] == "token-1"


def test_no_parameter_is_dropped():
    """A parameter that comes several times becomes a list, a blank one stays."""
    app = stand(twilio(), event_format="quickstart")
    app(twilio_event([("Digits", "1"), ("Digits", "2"), ("Digits", "1"), ("Blank", ""), ("hookwatch", "mine")]))
    assert json.loads(app.bus.published[0]["Detail"]) == {"Digits": ["1", "2", "1"], "Blank": "", "hookwatch": "mine"}


@pytest.mark.parametrize(("text", "value"), [('{"a": [1]}', {"a": [1]}), ("not json", "not json"), ("{", "{")])
def test_a_debugger_payload(text: str, value: object):
    """The debugger's payload is parsed when it is JSON and stays a string when it is not."""
    app = stand(twilio(), event_format="quickstart")
    app(twilio_event([("Sid", "NO1"), ("PayloadType", "application/json"), ("Payload", text)]))
    assert json.loads(app.bus.published[0]["Detail"])["Payload"] == value


def test_event_streams():
    """Every CloudEvent of an Event Streams request is an event of its own."""
    app = stand(twilio())
    app(twilio_json_event([{"specversion": "1.0", "id": f"EZ{number}", "type": "t"} for number in range(12)]))
    details = [json.loads(entry["Detail"]) for entry in app.bus.published]
    assert [len(call) for call in app.bus.calls] == [10, 2]
    assert [detail["hookwatch"]["delivery_id"] for detail in details] == [f"EZ{number}" for number in range(12)]
    assert {detail["hookwatch"]["kind"] for detail in details} == {"event-stream"}


@pytest.mark.parametrize("change", ["body", "hash", "gone", "twice"])
def test_a_json_body_that_its_url_does_not_vouch_for(change: str, capsys: pytest.CaptureFixture[str]):
    """Without a matching bodySHA256 a JSON body is unauthenticated, however good the signature over the URL is."""
    event = twilio_json_event({"a": 1})
    match change:
        case "body":
            event["body"] = '{"a": 2}'
        case "hash":
            event["rawQueryString"] = event["rawQueryString"].upper()
        case "twice":
            event["rawQueryString"] += "&bodySHA256=0"
        case _:
            event = twilio_json_event({"a": 1})
            event["rawQueryString"] = ""
            event["headers"]["x-twilio-signature"] = twilio_event([])["headers"]["x-twilio-signature"]
    assert stand(twilio())(event)["statusCode"] == 401
    assert lines(capsys)[0]["outcome"] == "bad_signature"


def test_a_shared_key():
    """A SharedKey verifies with the algorithm that was pinned for it, and with no other."""
    key = SharedKey("webhooks_sharedkey_1", "HMAC_SHA256", "arn:k")
    text = URL + "".join(name + value for name, value in sorted(SMS))
    signature = base64.b64encode(hmac.new(b"12345", text.encode(), hashlib.sha256).digest()).decode()

    def status(settings: str, shared: SharedKey | None = key) -> int:
        event = twilio_event(SMS, x_twilio_signature=signature)
        event["headers"]["x-twilio-webhooks-signature-settings"] = settings
        code = stand(twilio(shared_key=shared))(event)["statusCode"]
        assert isinstance(code, int)
        return code

    assert status("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256") == 200
    assert status("key=webhooks_sharedkey_1") == 200
    assert status("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1") == 401
    assert status("key=another,algorithm=HMAC_SHA256") == 401
    assert status("algorithm=HMAC_SHA256") == 401
    assert status("") == 401
    assert status("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", None) == 401


def test_an_empty_retry_of_lambda_is_no_delivery(capsys: pytest.CaptureFixture[str]):
    """An event that did not come through a Function URL is refused and still leaves its line."""
    answer = stand()({"Records": []})
    assert answer["statusCode"] == 400
    (line,) = lines(capsys)
    assert line["reason"] == "not_a_function_url_event"


def test_github_signature_helper_is_the_documented_one():
    """The tests' own signer reproduces GitHub's published vector."""
    assert github_signature(b"Hello, World!") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


LOOPS = LoopPolicy(own_actors=frozenset({"my-app", "+15550001111"}), limit=3)
COMMENT = {
    "action": "created",
    "issue": {"number": 5},
    "comment": {},
    "repository": {"full_name": "octo/hello"},
    "sender": {"login": "My-App[bot]"},
}


def test_our_own_actor_is_marked(capsys: pytest.CaptureFixture[str]):
    """What our own app caused is marked on the event, counted, and still published."""
    app = stand(loops=LOOPS)
    app(github_event(COMMENT, "issue_comment"))
    app(github_event({**COMMENT, "sender": {"login": "octocat"}}, "issue_comment"))
    ours, theirs = lines(capsys)
    assert (ours["outcome"], ours["loop"], ours["LoopSuspected"]) == ("accepted", "own_actor", 1)
    assert ours["subject"] == "octo/hello#5 My-App[bot]"
    assert "LoopSuspected" not in theirs
    marks = [json.loads(entry["Detail"])["hookwatch"]["own_actor"] for entry in app.bus.published]
    assert marks == [True, False]


def test_our_own_actor_can_be_dropped(capsys: pytest.CaptureFixture[str]):
    """With OwnActorAction=drop the delivery is answered as a success and kept off the bus."""
    app = stand(loops=replace(LOOPS, drop_own=True))
    assert app(github_event(COMMENT, "issue_comment"))["statusCode"] == 200
    assert app.bus.calls == []
    (line,) = lines(capsys)
    assert (line["outcome"], line["Dropped"], line["LoopSuspected"]) == ("dropped", 1, 1)


def test_our_own_number_is_no_loop_in_a_status_callback(capsys: pytest.CaptureFixture[str]):
    """A status callback always comes from our own number; only an answer to ourselves is suspicious."""
    numbers = [("From", "+15550001111"), ("To", "+15559990000"), ("MessageSid", "SM1")]
    app = stand(twilio(loops=LOOPS), loops=LOOPS)
    app(twilio_event([*numbers, ("MessageStatus", "sent")]))
    app(twilio_event([*numbers, ("Body", "you said: you said: hello")]))
    status, inbound = lines(capsys)
    assert "loop" not in status
    assert inbound["loop"] == "own_actor"


def test_one_subject_too_often(capsys: pytest.CaptureFixture[str]):
    """One issue, one sender, more often a minute than the limit: suspected, named, and not for ever."""
    app = stand(loops=LOOPS)
    event = github_event({**COMMENT, "sender": {"login": "octocat"}}, "issue_comment")
    for _ in range(5):
        app(event)
    other = github_event({**COMMENT, "sender": {"login": "hubot"}}, "issue_comment")
    app(other)
    app.clock.sleep(61)
    app(event)
    assert [line.get("loop") for line in lines(capsys)] == [
        None,
        None,
        None,
        "subject_rate",
        "subject_rate",
        None,
        None,
    ]


def test_phone_numbers_are_counted_under_a_pseudonym(capsys: pytest.CaptureFixture[str]):
    """Two numbers are one subject, and nobody can read them out of the log."""
    app = stand(twilio(loops=LOOPS), loops=LOOPS)
    for _ in range(4):
        app(twilio_event(SMS))
    app(twilio_event([("From", "+1"), *SMS[2:]]))
    logged = lines(capsys)
    subjects = [line["subject"] for line in logged]
    assert len(set(subjects[:4])) == 1
    assert subjects[0] != subjects[4]
    assert logged[3]["loop"] == "subject_rate"
    assert all(len(subject) == 16 and "+" not in subject for subject in subjects)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_real_payloads_fit_into_a_thousand_bytes_of_log(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Every real example is accepted, and its whole log is at most a thousand bytes."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0")
    app = stand()
    assert app(github_event(path.read_bytes(), path.name.split(".")[0]))["statusCode"] == 200
    # The fake bus names events in 9 characters, EventBridge in 36.
    assert len(capsys.readouterr().out.encode()) + 27 <= 1000
