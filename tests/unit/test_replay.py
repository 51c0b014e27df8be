"""The replay function: what goes onto the bus again, what waits, what is given up, and what each line says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.config import ConfigError
from hookwatch.ingest.model import Envelope, Refusal
from hookwatch.ingest.parked import encode
from hookwatch.outcomes import Outcome
from hookwatch.recover import replay_settings
from hookwatch.recover.replay_event import marked
from hookwatch.recover.replay_queue import MAX_DELAY_S, delay_s
from replay_rig import BUCKET, DETAIL, DLQ, NOW_MS, PAYLOAD, TIMEOUT, TRACE, Rig, in_bucket, parked, refusal
from support import Bus, lines

if TYPE_CHECKING:
    from hookwatch.ingest.parked import Parked
    from hookwatch.ingest.secrets import Deadline

REPLAYED = DETAIL.replace('"kind":null', f'"kind":null,"replayed_at":{NOW_MS}')


def dead_reason(rig: Rig) -> str:
    (sent,) = rig.sqs.dead
    reason: str = sent["MessageAttributes"]["reason"]["StringValue"]
    return reason


def test_a_parked_event_goes_out_as_it_would_have_gone(monkeypatch: pytest.MonkeyPatch):
    """The entry is the one that the bus did not take, trace and time and all; only replayed_at is new."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-mine")
    rig = Rig()
    assert rig(parked()) == []
    assert rig.bus.published == [
        {
            "Time": 1,
            "Source": "github.com",
            "DetailType": "push",
            "Detail": REPLAYED,
            "Resources": ["hookwatch:github:delivery/d-1"],
            "EventBusName": "my-bus",
            "TraceHeader": TRACE,
        }
    ]
    assert PAYLOAD in rig.bus.published[0]["Detail"]
    assert (rig.sqs.dead, rig.sqs.delays) == ([], {})


def test_an_event_without_our_key_stays_as_it_is():
    """With EventFormat=quickstart nothing is added, not even where the payload has a key of that name itself."""
    rig = Rig()
    detail = '{"hookwatch":{"theirs":1}, "a":1}'
    assert rig(parked(detail=detail, event_format="quickstart"), parked(detail='{"a":1}')) == []
    assert [entry["Detail"] for entry in rig.bus.published] == [detail, '{"a":1}']


def test_a_slim_event_is_marked_in_either_format():
    """A claim check brings our key into an event that otherwise has none, and a replay shows there."""
    rig = Rig()
    rig(parked(detail='{"hookwatch":{"claim_check":{"key":"k"}},"a":1}', event_format="quickstart"))
    assert json.loads(rig.bus.published[0]["Detail"])["hookwatch"] == {
        "claim_check": {"key": "k"},
        "replayed_at": NOW_MS,
    }


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ('{"hookwatch":{},"a":1}', f'{{"hookwatch":{{"replayed_at":{NOW_MS}}},"a":1}}'),
        ('{"hookwatch":{"x":1}}', f'{{"hookwatch":{{"x":1,"replayed_at":{NOW_MS}}}}}'),
        ('{"hookwatch":{"replayed_at":5,"x":1},"a":1}', f'{{"hookwatch":{{"replayed_at":{NOW_MS},"x":1}},"a":1}}'),
        ('{"a":1,"hookwatch":{"x":1}}', f'{{"hookwatch":{{"x":1,"replayed_at":{NOW_MS}}},"a":1}}'),
        ('{"hookwatch":[1],"a":1}', '{"hookwatch":[1],"a":1}'),
        ("{}", "{}"),
    ],
)
def test_the_mark_is_put_into_our_own_key(detail: str, expected: str):
    """replayed_at is written once, wherever our key stands; what is not ours is not touched."""
    envelope = Envelope("github.com", "push", detail, (), "k", 1, len(detail))
    assert marked(envelope, "hookwatch", NOW_MS).detail == expected


def test_a_detail_in_the_bucket_is_fetched_and_checked():
    """What SQS could not hold is read from the bucket and published like any other."""
    rig = Rig()
    assert rig(in_bucket(rig)) == []
    assert rig.bus.published[0]["Detail"] == REPLAYED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "object_differs: s3://bucket/parked/2026-11-27/github/d-1.json"),
        ({"size_bytes": 7}, "object_differs: s3://bucket/parked/2026-11-27/github/d-1.json"),
        ({"key": "parked/gone.json"}, "object_missing: NoSuchKey: s3://bucket/parked/gone.json"),
        ({"bucket": "another"}, "object_not_ours: s3://another/parked/2026-11-27/github/d-1.json"),
        ({"key": "claims/x.json"}, "object_not_ours: s3://bucket/claims/x.json"),
        ({"size_bytes": 2**40}, "object_not_ours: s3://bucket/parked/2026-11-27/github/d-1.json"),
        ({"key": "parked/\x00\u20ac"}, "object_missing: NoSuchKey: s3://bucket/parked/??"),
    ],
)
def test_an_object_that_is_missing_or_differs_is_given_up_by_name(change: dict[str, Any], reason: str):
    """The dead-letter queue gets the message with a reason that names bucket and key; nothing goes onto the bus."""
    rig = Rig()
    assert rig(in_bucket(rig, **change)) == []
    assert dead_reason(rig) == reason
    assert rig.bus.calls == []


@pytest.mark.parametrize("error", [refusal("AccessDenied"), refusal("SlowDown"), TIMEOUT])
def test_an_object_that_cannot_be_read_now_is_tried_again(error: Exception):
    """A bucket that does not answer or refuses is the operator's to mend; the message waits."""
    rig = Rig()
    event = in_bucket(rig)
    rig.s3.error = error
    assert rig(event) == ["m-1"]
    assert rig.sqs.dead == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "damaged_not_json"),
        ("hello", "damaged_not_json"),
        ("[]", "damaged_not_ours"),
        ('{"Records":[]}', "damaged_not_ours"),
        ('{"hookwatch":"parked/2","provider":"github"}', "damaged_version"),
        ('{"hookwatch":"parked/1","provider":"github"}', "damaged_shape"),
        (encode(parked()).replace('"time_ms":1000', '"time_ms":-1'), "damaged_shape"),
    ],
)
def test_what_is_damaged_or_not_ours_is_given_up_at_once(body: str, reason: str):
    """It goes to the dead-letter queue as it is, with the reason and its former name, and is not received again."""
    rig = Rig()
    assert rig(body, parked()) == []
    (sent,) = rig.sqs.dead
    assert (sent["QueueUrl"], sent["MessageBody"]) == (DLQ, body)
    assert {name: value["StringValue"] for name, value in sent["MessageAttributes"].items()} == {
        "reason": reason,
        "original_message_id": "m-1",
    }
    assert len(rig.bus.published) == 1


def test_what_cannot_be_given_up_stays(capsys: pytest.CaptureFixture[str]):
    """If the dead-letter queue does not take it, the message is kept, and the line says why."""
    rig = Rig()
    rig.sqs.send_error = refusal("AccessDenied")
    assert rig("hello") == ["m-1"]
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"], line["error_code"]) == ("failed", "dead_letter_failed", "AccessDenied")
    assert line["place"] == "damaged_not_json"


@pytest.mark.parametrize("code", ["MalformedDetail", "InvalidArgument", "ValidationException"])
def test_an_entry_that_the_bus_never_takes_is_given_up(code: str):
    """What is wrong with the entry itself will be wrong tomorrow."""
    rig = Rig(Bus([code]))
    assert rig(parked()) == []
    assert dead_reason(rig) == f"entry_refused: {code}"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_bus_that_refuses_us_is_tried_again(code: str):
    """Rights and buses are the operator's to mend, and nothing is given up meanwhile."""
    rig = Rig(Bus(refusal(code), refusal(code)))
    assert rig(parked(1), parked(2), parked(3)) == ["m-1", "m-2"]
    assert rig.sqs.dead == []


def test_a_dead_bus_costs_two_messages_a_batch(capsys: pytest.CaptureFixture[str]):
    """When two in a row fail for the bus's sake, the rest waits untried, and every one is named."""
    rig = Rig(Bus(*[TIMEOUT] * 200))
    assert rig(*map(parked, range(1, 11))) == [f"m-{number}" for number in range(1, 11)]
    tried = {entry["Resources"][0] for entry in rig.bus.published}
    assert tried == {"hookwatch:github:delivery/d-1", "hookwatch:github:delivery/d-2"}
    assert [line["reason"] for line in lines(capsys)] == ["unreachable"] * 2 + ["not_tried_bus_down"] * 8


def test_one_bad_entry_does_not_open_the_breaker():
    """A failure between successes says nothing about the bus; only that message is kept."""
    throttled: list[str | None] = ["ThrottlingException"]
    rig = Rig(Bus(*[throttled] * 8))
    assert rig(*map(parked, range(1, 6))) == ["m-1"]
    assert len({entry["Resources"][0] for entry in rig.bus.published}) == 5


def test_no_message_is_begun_without_time_to_end_it():
    """Near Lambda's timeout the rest is handed back instead of being cut off in the middle."""
    rig = Rig()
    assert rig(parked(1), parked(2), remaining_ms=10_000) == ["m-1", "m-2"]
    assert rig.bus.calls == []


@pytest.mark.parametrize(
    ("receives", "longest_s"), [(0, 60), (1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (50, 900), (10**9, 900)]
)
def test_the_oftener_it_failed_the_longer_it_waits(receives: int, longest_s: int):
    """A minute, doubled up to a quarter of an hour, and up to a fifth less so that not all come back at once."""
    assert delay_s(receives, 0.0) == longest_s <= MAX_DELAY_S
    assert delay_s(receives, 1.0) == round(longest_s * 0.8)


def test_failed_messages_are_delayed_and_the_line_says_for_how_long(capsys: pytest.CaptureFixture[str]):
    """The third failure waits four minutes; where SQS refuses the delay the queue's own timeout holds."""
    rig = Rig(Bus(refusal("AccessDeniedException"), refusal("AccessDeniedException")))
    rig.sqs.refused = frozenset({"r-2"})
    assert rig(parked(1), parked(2), receives=3) == ["m-1", "m-2"]
    assert rig.sqs.delays == {"r-1": 240}
    assert [line.get("retry_in_s") for line in lines(capsys)] == [240, None]


@pytest.mark.parametrize("error", [refusal("AccessDenied"), TIMEOUT])
def test_a_delay_that_fails_loses_nothing(error: Exception):
    """The message is kept even if it could not be delayed."""
    rig = Rig(Bus(refusal("AccessDeniedException")))
    rig.sqs.delay_error = error
    assert rig(parked()) == ["m-1"]


def test_an_unforeseen_exception_keeps_its_message_and_no_other(capsys: pytest.CaptureFixture[str]):
    """A bug costs one message a retry, the others go through, and the line has the traceback without its message."""
    rig = Rig(Bus(RuntimeError("refs/heads/main")))
    assert rig(parked(1), parked(2)) == ["m-1"]
    line = next(each for each in lines(capsys) if each["outcome"] == "failed")
    assert (line["level"], line["reason"], line["error_code"]) == ("ERROR", "unforeseen", "RuntimeError")
    assert (line["delivery_id"], line["ReplayFailed"]) == ("d-1", 1)
    assert "put_events" in line["exception"]
    assert "refs/heads/main" not in json.dumps(line)


def too_large(size: int) -> Parked:
    return parked(detail=f'{{"hookwatch":{{"delivery_id":"d-1"}},"a":"{"x" * size}"}}')


def test_an_event_too_large_for_the_bus_is_checked_in():
    """The full detail goes into the bucket as it was parked, and the slim event onto the bus, marked."""
    claimed: list[str] = []

    def claim(event: Parked, deadline: Deadline) -> Envelope | Refusal:
        assert deadline.left_s() > 0
        claimed.append(event.envelope.detail)
        return replace(event.envelope, detail='{"hookwatch":{"claim_check":{"key":"k"}}}', detail_bytes=None)

    rig = Rig(claim=claim, max_entry_bytes=2_000)
    event = too_large(3_000)
    assert rig(event) == []
    assert claimed == [event.envelope.detail]
    assert json.loads(rig.bus.published[0]["Detail"])["hookwatch"]["replayed_at"] == NOW_MS


def test_a_claim_check_that_fails_is_tried_again():
    """While the bucket refuses, the message waits."""
    rig = Rig(claim=lambda *_: Refusal(Outcome.PUBLISH_FAILED, "claim_failed", "SlowDown"), max_entry_bytes=2_000)
    assert rig(too_large(3_000)) == ["m-1"]


def test_the_bucket_gets_what_was_parked_and_the_bus_what_is_left() -> None:
    """With the real claim check: the whole detail under claims/, and a slim event that names it."""
    rig = Rig(max_entry_bytes=4_000)
    rig.check_in(4_000)
    event = too_large(5_000)
    assert rig(event) == []
    ((bucket, key), body), *_ = rig.s3.objects.items()
    assert (bucket, key.startswith("claims/1970-01-01/github/d-1-")) == (BUCKET, True)
    assert body.decode() == event.envelope.detail
    ours = json.loads(rig.bus.published[0]["Detail"])["hookwatch"]
    assert (ours["claim_check"]["key"], ours["replayed_at"], ours["delivery_id"]) == (key, NOW_MS, "d-1")
    rig.s3.error = refusal("AccessDenied")
    assert rig(event) == ["m-1"]


def test_an_event_too_large_without_a_bucket_is_given_up():
    """Where nothing can hold it, it goes to the dead-letter queue and is not tried for ever."""
    rig = Rig(max_entry_bytes=2_000)
    assert rig(too_large(3_000)) == []
    assert dead_reason(rig) == "entry_over_limit"


def test_each_message_has_one_line_that_counts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Replayed, failed and refused: one line each, with ids and metrics by provider, and without any payload."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-mine;Parent=2;Sampled=0")
    denied = refusal("AccessDeniedException")
    rig = Rig(Bus([None], denied))
    foreign = replace(parked(4), provider="github.evil")
    rig(
        parked(1),
        replace(parked(2), provider="twilio"),
        "hello",
        '{"hookwatch":"parked/9","provider":"github"}',
        foreign,
    )
    by_message = {line["message_id"]: line for line in lines(capsys)}
    assert {line["message"] for line in by_message.values()} == {"replay"}
    replayed, failed, unknown, refused, other = (by_message[f"m-{number}"] for number in range(1, 6))
    assert (replayed["level"], replayed["outcome"], replayed["event_id"]) == ("INFO", "replayed", "event-1-0")
    assert (replayed["provider"], replayed["delivery_id"], replayed["receives"]) == ("github", "d-1", 1)
    assert (replayed["cold_start"], replayed["xray_trace_id"]) == (True, "1-mine")
    assert replayed["waited_ms"] > 0
    (directive,) = replayed["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Hookwatch"
    assert [sorted(each) for each in directive["Dimensions"]] == [["provider", "service"]]
    assert directive["Metrics"] == [{"Name": "Replayed", "Unit": "Count"}]
    assert (replayed["Replayed"], replayed["service"]) == (1, "hookwatch")
    assert (failed["level"], failed["provider"], failed["ReplayFailed"]) == ("WARNING", "twilio", 1)
    assert (failed["reason"], failed["error_code"], failed["retry_in_s"]) == (
        "call_refused",
        "AccessDeniedException",
        60,
    )
    assert (refused["level"], refused["ReplayRefused"], refused["reason"]) == ("ERROR", 1, "damaged_version")
    assert "_aws" not in unknown
    assert "provider" not in unknown
    assert "_aws" not in other
    assert "refs/heads" not in json.dumps(by_message)


def test_the_names_of_an_odd_message_are_cut(capsys: pytest.CaptureFixture[str]):
    """Whatever a message calls itself, its line stays a line."""
    Rig()(replace(parked(), delivery_id="x" * 100_000))
    assert lines(capsys)[0]["delivery_id"] == "x" * 128


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"requestContext": {}}])
def test_an_event_that_is_no_batch_is_answered(event: dict[str, Any]):
    """Somebody's test event in the console is no failure."""
    rig = Rig()
    assert rig.app(event, type("C", (), {"aws_request_id": "1", "get_remaining_time_in_millis": lambda _: 9000})()) == {
        "batchItemFailures": []
    }


ENVIRONMENT = {
    "HOOKWATCH_EVENT_BUS": "default",
    "HOOKWATCH_PARKING_QUEUE_URL": "https://sqs/q",
    "HOOKWATCH_PARKING_DLQ_URL": "https://sqs/d",
}


def test_settings_with_defaults():
    """Bus and queues must be given, the bucket and the limit need not be."""
    assert replay_settings.load(ENVIRONMENT) == replay_settings.Settings(
        "default", 1_000_000, "", "https://sqs/q", "https://sqs/d"
    )
    more = {"HOOKWATCH_CLAIM_BUCKET": BUCKET, "HOOKWATCH_MAX_ENTRY_BYTES": "262144"}
    assert replay_settings.load(ENVIRONMENT | more).claim_bucket == BUCKET
    assert replay_settings.load(ENVIRONMENT | more).max_entry_bytes == 262_144


def test_a_wrong_environment_says_every_problem_and_no_value():
    """All problems are in one message, which shows no value."""
    with pytest.raises(ConfigError) as raised:
        replay_settings.load({"HOOKWATCH_CLAIM_BUCKET": "s3cr et", "HOOKWATCH_MAX_ENTRY_BYTES": "2000000"})
    said = str(raised.value)
    for name in (*ENVIRONMENT, "HOOKWATCH_CLAIM_BUCKET", "HOOKWATCH_MAX_ENTRY_BYTES"):
        assert name in said
    assert "s3cr" not in said
