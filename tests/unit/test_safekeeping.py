"""What the bus does not take is durable elsewhere, or the provider is told no."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from hookwatch.ingest.parked import Parked, decode
from support import NOW_MS, Bus, Objects, Queue, Stand, github_event, lines, stand, twilio, twilio_json_event

if TYPE_CHECKING:
    from collections.abc import Mapping

PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "commits": [], "repository": {"id": 1}}
LARGE = PUSH | {"commits": [{"id": "x" * 1_000}] * 1_000}
HUGE = PUSH | {"commits": [{"id": "x" * 1_000}] * 2_000}


def error(code: str, status: int = 400, message: str = "") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the parts that are read
        "AnyCall",
    )


TOO_LARGE = error("ValidationException", message="Total size of the entries in the request is over the limit.")
CUT = ConnectionClosedError(endpoint_url="https://aws")
DOWN = [CUT] * 999


def ended(stood: Stand, event: Mapping[str, Any], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """The status that the provider sees, and the delivery's line."""
    capsys.readouterr()
    status = stood(event)["statusCode"]
    return status, lines(capsys)[-1]


def parked(queue: Queue) -> list[Parked]:
    """What waits in the queue."""
    found = [decode(body) for body in queue.bodies]
    assert all(isinstance(each, Parked) for each in found)
    return [each for each in found if isinstance(each, Parked)]


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        (["ThrottlingException"], "throttled", "ThrottlingException"),
        (["InternalFailure"], "bus_failing", "InternalFailure"),
        (["NotAuthorizedForSourceException"], "entry_refused", "NotAuthorizedForSourceException"),
        (error("ThrottlingException"), "throttled", "ThrottlingException"),
        (error("AccessDeniedException"), "call_refused", "AccessDeniedException"),
        (error("ResourceNotFoundException"), "call_refused", "ResourceNotFoundException"),
        (error("InternalException", 500), "bus_failing", "InternalException"),
        (CUT, "unreachable", "ConnectionClosedError"),
        (ReadTimeoutError(endpoint_url="https://aws"), "unreachable", "ReadTimeoutError"),
    ],
)
def test_what_the_bus_does_not_take_is_parked(
    answer: Any, reason: str, code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Whatever time or the operator can mend: the event waits as it was, and the provider hears success."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-a;Sampled=0")
    queue, bus = Queue(), Bus(*[answer] * 100)
    status, line = ended(stand(bus=bus, queue=queue), github_event(PUSH), capsys)
    assert (status, line["outcome"], line["level"]) == (200, "parked", "WARNING")
    assert (line["reason"], line["error_code"]) == (reason, code)
    assert line["Parked"] == 1
    assert "event_id" not in line
    (waiting,) = parked(queue)
    (sent, *_) = bus.published
    envelope = waiting.envelope
    assert envelope.detail == sent["Detail"]
    assert (envelope.source, envelope.detail_type, list(envelope.resources)) == (
        sent["Source"],
        sent["DetailType"],
        sent["Resources"],
    )
    assert envelope.time_ms // 1000 == sent["Time"]
    assert (waiting.provider, waiting.delivery_id) == ("github", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert (waiting.reason, waiting.error_code, waiting.trace) == (reason, code, "Root=1-a;Sampled=0")
    assert (waiting.first_seen_ms, waiting.parked_ms) == (envelope.time_ms, NOW_MS)


@pytest.mark.parametrize("code", ["MalformedDetail", "InvalidArgument", "ValidationException"])
def test_what_the_bus_never_takes_is_not_parked(code: str, capsys: pytest.CaptureFixture[str]):
    """What no replay could publish either stays a refusal, and the provider keeps its copy."""
    queue, objects = Queue(), Objects()
    status, line = ended(stand(bus=Bus([code]), queue=queue, objects=objects), github_event(PUSH), capsys)
    assert (status, line["outcome"], line["error_code"]) == (503, "publish_failed", code)
    assert not queue.calls
    assert not objects.calls


def test_what_the_bus_takes_touches_neither_queue_nor_bucket(capsys: pytest.CaptureFixture[str]):
    """A healthy delivery costs one call."""
    queue, objects = Queue(), Objects()
    status, line = ended(stand(queue=queue, objects=objects), github_event(PUSH), capsys)
    assert (status, line["outcome"]) == (200, "accepted")
    assert (queue.calls, objects.calls) == ([], 0)
    assert "keep_ms" not in line


@pytest.mark.parametrize(
    "refused", [error("AccessDenied", 403), error("AWS.SimpleQueueService.NonExistentQueue"), CUT, error("X", 500)]
)
def test_parking_that_fails_too_is_told_to_the_provider(refused: Exception, capsys: pytest.CaptureFixture[str]):
    """Neither bus nor queue: the provider hears no, whatever the first cause was, and the failure is counted."""
    queue = Queue(*[refused] * 9)
    status, line = ended(stand(bus=Bus(*[["ThrottlingException"]] * 99), queue=queue), github_event(PUSH), capsys)
    assert (status, line["outcome"], line["reason"]) == (503, "publish_failed", "parking_failed")
    assert line["error_code"] == "ThrottlingException"
    assert line["parking_error"] in ("AccessDenied", "AWS.SimpleQueueService.NonExistentQueue", type(CUT).__name__, "X")
    assert (line["ParkingFailure"], line["PublishFailed"]) == (1, 1)
    assert not queue.bodies


@pytest.mark.parametrize("passing", [CUT, error("RequestThrottled"), error("InternalError", 500)])
def test_parking_is_tried_again(passing: Exception, capsys: pytest.CaptureFixture[str]):
    """The last resort does not give up at the first cut connection."""
    queue = Queue(passing, passing)
    status, line = ended(stand(bus=Bus(*DOWN), queue=queue), github_event(PUSH), capsys)
    assert (status, line["outcome"]) == (200, "parked")
    assert "ParkingFailure" not in line
    assert len(queue.calls) == 3


def test_without_a_queue_the_provider_hears_what_the_bus_said(capsys: pytest.CaptureFixture[str]):
    """Where nothing keeps it, a throttle is a throttle."""
    status, line = ended(stand(bus=Bus(*[["ThrottlingException"]] * 99)), github_event(PUSH), capsys)
    assert (status, line["outcome"]) == (503, "publish_throttled")


def test_what_is_too_large_is_checked_in(capsys: pytest.CaptureFixture[str]):
    """The whole payload lies in the bucket, and a slim event on the bus says where and how to check it."""
    queue, objects = Queue(), Objects()
    stood = stand(queue=queue, objects=objects)
    status, line = ended(stood, github_event(LARGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (200, "claim_checked", "entry_over_limit")
    (entry,) = stood.bus.published
    detail = json.loads(entry["Detail"])
    claim = detail["hookwatch"]["claim_check"]
    ((place, body),) = objects.stored.items()
    assert place == f"{claim['bucket']}/{claim['key']}"
    assert claim["key"].startswith("claims/2023-11-14/github/72d3162e-cc78-11e3-81ab-4c9367dc0958-")
    assert (claim["bytes"], claim["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    whole = json.loads(body)
    assert {name: value for name, value in whole.items() if name != "hookwatch"} == LARGE
    assert detail["hookwatch"] == {**whole["hookwatch"], "claim_check": claim, "omitted": ["commits"]}
    assert (entry["Source"], entry["DetailType"]) == ("github.com", "push")
    assert (detail["ref"], detail["repository"]) == ("refs/heads/main", {"id": 1})
    assert line["event_id"] == "event-1-0"
    assert line["entry_bytes"] < 2_000 < line["payload_bytes"]
    assert (line["ClaimChecked"], line["BilledEvents"]) == (1, 1)
    assert not queue.calls


def test_the_quick_start_format_gets_no_more_of_us_than_the_claim(capsys: pytest.CaptureFixture[str]):
    """Without our key in events a claim check still has to say where the payload is, and adds nothing else."""
    stood = stand(objects=Objects(), event_format="quickstart")
    status, line = ended(stood, github_event(LARGE | {"hookwatch": "theirs"}), capsys)
    assert (status, line["outcome"]) == (200, "claim_checked")
    (entry,) = stood.bus.published
    assert set(json.loads(entry["Detail"])["hookwatch"]) == {"claim_check", "omitted"}


def test_a_size_that_only_the_bus_knows_is_checked_in_too(capsys: pytest.CaptureFixture[str]):
    """If EventBridge itself says that an entry is too large, it goes the same way."""
    stood = stand(bus=Bus(TOO_LARGE), queue=Queue(), objects=Objects())
    status, line = ended(stood, github_event(PUSH), capsys)
    assert (status, line["outcome"], line["reason"]) == (200, "claim_checked", "refused_by_bus")
    assert "claim_check" in json.loads(stood.bus.published[-1]["Detail"])["hookwatch"]


def test_without_a_bucket_too_large_is_refused(capsys: pytest.CaptureFixture[str]):
    """A queue alone does not help: no replay could publish it."""
    queue = Queue()
    status, line = ended(stand(queue=queue), github_event(LARGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (413, "too_large", "entry_over_limit")
    assert not queue.calls


@pytest.mark.parametrize(
    "refused", [error("AccessDenied", 403), error("NoSuchBucket", 404), CUT, error("SlowDown", 503)]
)
def test_a_failing_bucket_leaves_the_whole_event_to_the_queue(refused: Exception, capsys: pytest.CaptureFixture[str]):
    """What SQS can hold is parked whole; the replay checks it in when the bucket is back."""
    queue, objects = Queue(), Objects(*[refused] * 9)
    stood = stand(queue=queue, objects=objects)
    status, line = ended(stood, github_event(LARGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (200, "parked", "claim_check_failed")
    assert line["ClaimCheckFailure"] == 1
    assert line["claim_error"] == line["error_code"]
    (waiting,) = parked(queue)
    assert json.loads(waiting.envelope.detail)["commits"] == LARGE["commits"]
    assert not stood.bus.calls


def test_a_failing_bucket_and_a_payload_too_large_for_sqs_is_told_to_the_provider(capsys: pytest.CaptureFixture[str]):
    """It may pass, so the answer is a 503 and not a 413."""
    queue, objects = Queue(), Objects(*[error("AccessDenied", 403)] * 9)
    status, line = ended(stand(queue=queue, objects=objects), github_event(HUGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (503, "publish_failed", "parking_failed")
    assert (line["ClaimCheckFailure"], line["ParkingFailure"]) == (1, 1)
    assert not queue.bodies


def test_a_slim_event_that_the_bus_refuses_is_parked(capsys: pytest.CaptureFixture[str]):
    """With the payload in the bucket and the bus down, the slim event waits."""
    queue, objects = Queue(), Objects()
    status, line = ended(stand(bus=Bus(*DOWN), queue=queue, objects=objects), github_event(HUGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (200, "parked", "unreachable")
    (waiting,) = parked(queue)
    assert waiting.stored is None
    claim = json.loads(waiting.envelope.detail)["hookwatch"]["claim_check"]
    assert list(objects.stored) == [f"{claim['bucket']}/{claim['key']}"]


def test_a_bucket_without_a_queue_still_checks_in(capsys: pytest.CaptureFixture[str]):
    """Each of the two works alone; what the bus then refuses is told to the provider."""
    objects = Objects()
    assert ended(stand(objects=objects), github_event(LARGE), capsys)[0] == 200
    status, line = ended(stand(bus=Bus(*DOWN), objects=Objects()), github_event(LARGE), capsys)
    assert (status, line["outcome"], line["reason"]) == (503, "publish_failed", "unreachable")


@pytest.mark.parametrize("text", ["\uffff", "\ufffe"])
def test_what_sqs_cannot_hold_is_parked_by_reference(text: str, capsys: pytest.CaptureFixture[str]):
    """Two characters of JSON make SQS refuse a message: the event then lies in the bucket, byte for byte."""
    queue, objects = Queue(), Objects()
    body = json.dumps(PUSH | {"text": text}, ensure_ascii=False).encode()
    status, line = ended(stand(bus=Bus(*DOWN), queue=queue, objects=objects), github_event(body), capsys)
    assert (status, line["outcome"]) == (200, "parked")
    (waiting,) = parked(queue)
    assert waiting.stored is not None
    assert waiting.stored.key.startswith("parked/2023-11-14/github/")
    assert waiting.stored.holds(objects.stored[f"{waiting.stored.bucket}/{waiting.stored.key}"])
    assert json.loads(objects.stored[f"{waiting.stored.bucket}/{waiting.stored.key}"])["text"] == text


def test_what_sqs_cannot_hold_needs_the_bucket(capsys: pytest.CaptureFixture[str]):
    """Without a bucket there is no place for it, and the provider keeps its copy."""
    body = json.dumps(PUSH | {"text": "\uffff"}, ensure_ascii=False).encode()
    status, line = ended(stand(bus=Bus(*DOWN), queue=Queue()), github_event(body), capsys)
    assert (status, line["reason"], line["parking_error"]) == (503, "parking_failed", "message_too_large")


def stream(*sizes: int) -> dict[str, Any]:
    """An Event Streams request with one event of each size."""
    return twilio_json_event(
        [{"specversion": "1.0", "id": f"EZ{at}", "data": {"x": ["y" * size]}} for at, size in enumerate(sizes)]
    )


def test_of_many_events_only_what_is_missing_is_kept(capsys: pytest.CaptureFixture[str]):
    """Some are published, one is checked in, some are parked: nothing is lost and nothing is sent twice by us."""
    queue, objects = Queue(), Objects()
    bus = Bus([None, "AccessDeniedException", None])
    stood = stand(twilio(), bus=bus, queue=queue, objects=objects)
    status, line = ended(stood, stream(10, 20, 1_100_000, 30), capsys)
    assert (status, line["outcome"], line["events"]) == (200, "parked", 4)
    on_the_bus = [[json.loads(entry["Detail"])["id"] for entry in call] for call in bus.calls]
    assert on_the_bus == [["EZ0", "EZ1", "EZ3"], ["EZ2"]]
    assert [each.delivery_id for each in parked(queue)] == ["EZ1"]
    ((place, body),) = objects.stored.items()
    assert place.startswith("claims/claims/2023-11-14/twilio/EZ2-")
    assert json.loads(body)["data"]["x"] == ["y" * 1_100_000]


def test_many_events_are_parked_in_batches(capsys: pytest.CaptureFixture[str]):
    """Ten messages a call, so that a long request is still answered in time."""
    queue = Queue()
    status, _ = ended(stand(twilio(), bus=Bus(*DOWN), queue=queue), stream(*[10] * 23), capsys)
    assert status == 200
    assert queue.calls == ["SendMessageBatch"] * 3
    assert [each.delivery_id for each in parked(queue)] == [f"EZ{at}" for at in range(23)]


def test_a_batch_is_limited_in_size_as_a_whole(capsys: pytest.CaptureFixture[str]):
    """Messages that together are more than SQS takes in one call go in several."""
    queue = Queue()
    status, _ = ended(stand(twilio(), bus=Bus(*DOWN), queue=queue), stream(*[400_000] * 5), capsys)
    assert status == 200
    assert queue.calls == ["SendMessageBatch", "SendMessageBatch", "SendMessage"]


def test_a_batch_that_takes_some_is_finished_one_by_one(capsys: pytest.CaptureFixture[str]):
    """A message that a batch did not take is sent again alone."""

    class Choosy(Queue):
        def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            super().send_message_batch(QueueUrl, Entries[:1])
            failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in Entries[1:]]
            return {"Successful": [{"Id": Entries[0]["Id"]}], "Failed": failed}

    queue = Choosy()
    status, _ = ended(stand(twilio(), bus=Bus(*DOWN), queue=queue), stream(1, 2, 3), capsys)
    assert status == 200
    assert sorted(each.delivery_id for each in parked(queue)) == ["EZ0", "EZ1", "EZ2"]


def test_if_one_can_never_be_published_nothing_is_kept(capsys: pytest.CaptureFixture[str]):
    """The provider will send all of them again, so keeping the others would only make duplicates."""
    queue = Queue()
    bus = Bus(["AccessDeniedException", "MalformedDetail"])
    status, line = ended(stand(twilio(), bus=bus, queue=queue), stream(1, 2), capsys)
    assert (status, line["outcome"], line["error_code"]) == (503, "publish_failed", "MalformedDetail")
    assert not queue.calls


def test_one_bad_entry_does_not_take_the_others_with_it(capsys: pytest.CaptureFixture[str]):
    """A call that is refused as a whole is taken apart: only the entry that is at fault is at fault."""
    bus = Bus(error("ValidationException"), [None], [None])
    status, line = ended(stand(twilio(), bus=bus), stream(1, 2), capsys)
    assert (status, line["outcome"]) == (200, "accepted")
    assert [len(call) for call in bus.calls] == [2, 1, 1]


def test_a_client_that_cannot_be_made_is_no_exception(capsys: pytest.CaptureFixture[str]):
    """Even without a Region in the environment, the delivery ends in a row of the table."""

    class Unmade(Queue):
        def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803 - AWS's spelling
            raise EndpointConnectionError(endpoint_url="https://sqs")

    status, line = ended(stand(bus=Bus(*DOWN), queue=Unmade()), github_event(PUSH), capsys)
    assert (status, line["parking_error"]) == (503, "EndpointConnectionError")
