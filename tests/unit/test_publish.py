"""PutEvents: sizes, entry errors, retries within the time left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from hookwatch.ingest import clients
from hookwatch.ingest.model import Envelope
from hookwatch.ingest.publish import (
    ANSWER_WITHIN_S,
    EventsClient,
    NotPublished,
    Published,
    Publisher,
    entry_bytes,
    refusal_before_call,
)
from hookwatch.ingest.secrets import Deadline
from hookwatch.outcomes import Outcome
from support import Bus, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator


def envelope(detail: str = "{}", detail_type: str = "push", number: int = 0) -> Envelope:
    return Envelope(
        "github.com", detail_type, detail, (f"hookwatch:github:delivery/{number}",), "key", 1_700_000_000_000
    )


def error(code: str, status: int = 400, message: str = "") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the parts that are read
        "PutEvents",
    )


def publish(bus: Any, *envelopes: Envelope, clock: Clock | None = None) -> Published | NotPublished:
    clock = clock or Clock()
    publisher = Publisher("my-bus", bus, lambda *_, **__: None, 1_000_000, clock.sleep)
    return publisher.publish(envelopes or (envelope(),), Deadline(clock.now_s + ANSWER_WITHIN_S, clock))


def test_an_entry_as_it_goes_out(monkeypatch: pytest.MonkeyPatch):
    """An entry carries time, source, detail-type, detail, resources, bus and trace."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-a;Sampled=1")
    bus = Bus()
    assert publish(bus) == Published(("event-1-0",), 1)
    assert bus.calls == [
        [
            {
                "Time": 1_700_000_000,
                "Source": "github.com",
                "DetailType": "push",
                "Detail": "{}",
                "Resources": ["hookwatch:github:delivery/0"],
                "EventBusName": "my-bus",
                "TraceHeader": "Root=1-a;Sampled=1",
            }
        ]
    ]


def test_the_size_is_eventbridges_own_arithmetic():
    """14 bytes for the time, and every text in UTF-8."""
    assert entry_bytes(envelope('{"a":"é"}')) == 14 + len("github.com") + len("push") + 10 + len(
        "hookwatch:github:delivery/0"
    )


def test_the_limit_is_less_than():
    """An entry of exactly the limit is one byte too large."""
    size = entry_bytes(envelope())
    assert refusal_before_call(envelope(), size, size + 1) is None
    refusal = refusal_before_call(envelope(), size, size)
    assert refusal is not None
    assert refusal.outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize("length", [0, 129])
def test_the_length_of_a_detail_type(length: int):
    """EventBridge takes 1 to 128 characters."""
    assert refusal_before_call(envelope(detail_type="x" * length), 1, 1_000_000) is not None
    assert refusal_before_call(envelope(detail_type="x" * 128), 1, 1_000_000) is None


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure"])
def test_a_failed_entry_that_may_succeed_is_sent_again(code: str):
    """Botocore does not retry entries; we do."""
    bus = Bus([code], [code])
    assert publish(bus) == Published(("event-3-0",), 3)


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",
        "InvalidAccountIdException",
        "InvalidArgument",
        "MalformedDetail",
        "RedactionFailure",
        "NotAuthorizedForSourceException",
        "NotAuthorizedForDetailTypeException",
        "SomethingNew",
    ],
)
def test_a_failed_entry_that_cannot_succeed_is_final(code: str):
    """A final error costs one call and is named."""
    bus = Bus([code])
    result = publish(bus)
    assert isinstance(result, NotPublished)
    assert (result.refusal.outcome, result.refusal.error_code) == (Outcome.PUBLISH_FAILED, code)
    assert len(bus.calls) == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "calls"),
    [
        (error("ThrottlingException"), Outcome.PUBLISH_THROTTLED, 8),
        (error("InternalException", 500), Outcome.PUBLISH_FAILED, 8),
        (error("WhoKnows", 503), Outcome.PUBLISH_FAILED, 8),
        (error("AccessDeniedException"), Outcome.PUBLISH_FAILED, 1),
        (error("ResourceNotFoundException"), Outcome.PUBLISH_FAILED, 1),
        (error("ValidationException", message="Total size of the entries is over the limit"), Outcome.TOO_LARGE, 1),
        (error("ValidationException", message="something else"), Outcome.PUBLISH_FAILED, 1),
        (ConnectionClosedError(endpoint_url="https://events"), Outcome.PUBLISH_FAILED, 8),
    ],
)
def test_a_call_that_fails_for_good(fault: Exception, outcome: Outcome, calls: int):
    """What may pass is tried until the attempts are used up, what cannot pass is tried once; nothing is raised."""
    bus = Bus(*[fault] * 20)
    result = publish(bus)
    assert isinstance(result, NotPublished)
    assert result.refusal.outcome is outcome
    assert len(bus.calls) == calls
    assert result.missing == (envelope(),)


def test_time_runs_out():
    """No attempt begins that could not end in time: the answer is out within eight seconds."""
    clock = Clock()

    class Slow(Bus):
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            clock.sleep(3.0)
            self.calls.append(Entries)
            raise ReadTimeoutError(endpoint_url="https://events")

    bus, began_s = Slow(), clock.now_s
    result = publish(bus, clock=clock)
    assert isinstance(result, NotPublished)
    assert result.refusal.error_code == "ReadTimeoutError"
    assert clock.now_s - began_s <= ANSWER_WITHIN_S
    assert len(bus.calls) == 2


def test_no_time_at_all():
    """With no time left nothing is sent and nothing is lost silently."""
    bus, clock = Bus(), Clock()
    result = Publisher("b", bus, lambda *_, **__: None).publish([envelope()], Deadline(clock.now_s + 1, clock))
    assert isinstance(result, NotPublished)
    assert result.refusal.reason == "out_of_time"
    assert not bus.calls


def test_many_events_go_in_batches_of_ten():
    """An Event Streams request of 23 events is three calls, and the ids keep the order."""
    bus = Bus()
    result = publish(bus, *(envelope(number=number) for number in range(23)))
    assert isinstance(result, Published)
    assert [len(call) for call in bus.calls] == [10, 10, 3]
    assert len(set(result.event_ids)) == 23


def test_a_call_is_limited_in_size_as_a_whole():
    """Entries that are small enough one by one are split over calls when they are too large together."""
    bus = Bus()
    result = publish(bus, *(envelope(json.dumps({"a": "x" * 300_000}), number=number) for number in range(7)))
    assert isinstance(result, Published)
    assert [len(call) for call in bus.calls] == [3, 3, 1]


def test_partial_failure_sends_only_what_is_missing():
    """Entries that arrived are not sent twice, entries that did not are."""
    bus = Bus([None, "InternalFailure", None])
    result = publish(bus, *(envelope(json.dumps({"n": number})) for number in range(3)))
    assert isinstance(result, Published)
    assert [[json.loads(entry["Detail"])["n"] for entry in call] for call in bus.calls] == [[0, 1, 2], [1]]
    assert result.event_ids == ("event-1-0", "event-2-0", "event-1-2")


def test_partial_failure_for_good_names_what_is_missing():
    """What cannot be published is handed back, so that it can be kept."""
    bus = Bus([None, "MalformedDetail", None])
    result = publish(bus, *(envelope(number=number) for number in range(3)))
    assert isinstance(result, NotPublished)
    assert result.missing == (envelope(number=1),)


def test_the_body_on_the_wire_is_what_botocore_would_send():
    """Our own body holds the same entries as botocore's, so that the shortcut changes nothing but the time."""
    sent: list[bytes] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        sent.append(request.body)
        return AWSResponse(request.url, 200, {}, Raw(b'{"FailedEntryCount":0,"Entries":[{"EventId":"e-1"}]}'))

    entry = {
        "Time": 1_700_000_000,
        "Source": "github.com",
        "DetailType": "push",
        "Detail": '{"a":"é\\n\\"quoted\\" 🙂"}',
        "Resources": ["hookwatch:github:delivery/1"],
        "EventBusName": "default",
        "TraceHeader": "Root=1-a",
    }
    ours = EventsClient()
    theirs = clients.client("events", connect_s=1, read_s=1)
    for client in (ours._client, theirs):
        client.meta.events.register("before-send.events.PutEvents", answer)
    assert ours.put_events([entry])["Entries"] == [{"EventId": "e-1"}]
    theirs.put_events(Entries=[entry])
    assert json.loads(sent[0]) == json.loads(sent[1])


class Raw:
    """An HTTP body as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body
