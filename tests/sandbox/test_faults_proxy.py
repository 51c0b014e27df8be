from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

MARK = "hookwatch.tests"


def entry(**changes: Any) -> dict[str, Any]:
    """An entry that EventBridge takes."""
    return {"Source": MARK, "DetailType": "test", "Detail": "{}", **changes}


def put(cloud: Cloud, *entries: dict[str, Any]) -> Any:
    """Publish through the proxy, as a function does."""
    return cloud.through_proxy()("events").put_events(Entries=list(entries))


def code_of(cloud: Cloud, *entries: dict[str, Any]) -> str:
    """Return the code with which the whole call is refused."""
    with pytest.raises(ClientError) as caught:
        put(cloud, *entries)
    return str(caught.value.response["Error"]["Code"])


def seen(cloud: Cloud, detail_type: str, patience_s: float = 1.0) -> list[dict[str, Any]]:
    """Return the events of a detail-type that reached the queue within a moment."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        found = [e for e in cloud.get("/api/events?limit=1000")["events"] if e["detail-type"] == detail_type]
        if found:
            return found
        time.sleep(0.05)
    return []


def test_throttle_answers_400_throttling_exception_and_publishes_nothing(cloud: Cloud) -> None:
    """A throttled PutEvents fails as AWS's does, and the event is not on the bus."""
    cloud.fault(operation="PutEvents", fault="throttle")
    with pytest.raises(ClientError) as caught:
        put(cloud, entry(DetailType="throttled"))
    assert caught.value.response["Error"]["Code"] == "ThrottlingException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert seen(cloud, "throttled") == []


@pytest.mark.parametrize(
    ("code", "expected", "status"),
    [(None, "InternalFailure", 500), ("AccessDeniedException", "AccessDeniedException", 400)],
)
def test_error_answers_the_given_code(cloud: Cloud, code: str | None, expected: str, status: int) -> None:
    """An error without a code is a 500 InternalFailure; a given code comes with AWS's own status for it."""
    cloud.fault(operation="PutEvents", fault="error", **({"code": code} if code else {}))
    with pytest.raises(ClientError) as caught:
        put(cloud, entry())
    assert caught.value.response["Error"]["Code"] == expected
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_entry_error_is_a_200_that_lists_failed_entries(cloud: Cloud) -> None:
    """Every entry fails inside a successful answer, and none is published."""
    cloud.fault(operation="PutEvents", fault="entry-error", code="ThrottlingException")
    answer = put(cloud, entry(DetailType="entry-error"), entry(DetailType="entry-error"))
    assert answer["FailedEntryCount"] == 2
    assert [result["ErrorCode"] for result in answer["Entries"]] == ["ThrottlingException"] * 2
    assert seen(cloud, "entry-error") == []


def test_an_entry_error_with_a_rate_fails_some_entries_and_publishes_the_others(cloud: Cloud) -> None:
    """Answers stay aligned with entries: exactly those without an error code are on the bus."""
    cloud.fault(operation="PutEvents", fault="entry-error", rate=0.5)
    answer = put(cloud, *(entry(DetailType=f"half-{index}") for index in range(10)))
    failed = {index for index, result in enumerate(answer["Entries"]) if "ErrorCode" in result}
    assert 0 < answer["FailedEntryCount"] == len(failed) < 10
    cloud.clear()
    put(cloud, entry(DetailType="half-end"))
    assert seen(cloud, "half-end", 5)
    arrived = {index for index in range(10) if seen(cloud, f"half-{index}", 0.01)}
    assert arrived == set(range(10)) - failed


def test_delay_waits_and_then_publishes(cloud: Cloud) -> None:
    """A delayed call takes as long as it was told to, and its event arrives."""
    cloud.fault(operation="PutEvents", fault="delay", seconds=0.4)
    started = time.monotonic()
    assert put(cloud, entry(DetailType="delayed"))["FailedEntryCount"] == 0
    assert time.monotonic() - started >= 0.4
    assert seen(cloud, "delayed", 5)


def test_cut_hangs_up_without_an_answer_and_publishes_nothing(cloud: Cloud) -> None:
    """The caller sees a closed connection, and the event is not on the bus."""
    cloud.fault(operation="PutEvents", fault="cut")
    with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
        put(cloud, entry(DetailType="cut"))
    assert seen(cloud, "cut") == []


def test_a_star_strikes_every_operation_and_every_protocol(cloud: Cloud) -> None:
    """`*` fails JSON, query and REST services alike, each in its own error format."""
    cloud.fault(operation="*", fault="error", code="AccessDenied")
    make = cloud.through_proxy()
    calls: dict[str, Callable[[Any], object]] = {
        "secretsmanager": lambda client: client.get_secret_value(SecretId="x"),
        "sqs": lambda client: client.send_message(QueueUrl="http://127.0.0.1/1/q", MessageBody="x"),
        "sns": lambda client: client.publish(TopicArn="arn:aws:sns:us-east-1:123456789012:t", Message="x"),
        "s3": lambda client: client.put_object(Bucket="b", Key="k", Body=b"x"),
        "dynamodb": lambda client: client.put_item(TableName="t", Item={"k": {"S": "x"}}),
    }
    for service, call in calls.items():
        with pytest.raises(ClientError) as caught:
            call(make(service))
        assert caught.value.response["Error"]["Code"] == "AccessDenied", service


def test_a_fault_strikes_only_its_operation_and_counts_its_hits(cloud: Cloud) -> None:
    """A fault on GetSecretValue leaves PutEvents alone; the list says how often it struck."""
    placed = cloud.fault(operation="GetSecretValue", fault="throttle")
    assert put(cloud, entry())["FailedEntryCount"] == 0
    with pytest.raises(ClientError):
        cloud.through_proxy()("secretsmanager").get_secret_value(SecretId="x")
    (listed,) = cloud.get("/api/faults")["faults"]
    assert listed["id"] == placed["id"]
    assert (listed["operation"], listed["fault"], listed["rate"]) == ("GetSecretValue", "throttle", 1.0)
    assert listed["hits"] >= 1


def test_a_rate_strikes_its_share_of_calls(cloud: Cloud) -> None:
    """With a rate of one half about half of forty calls fail."""
    cloud.fault(operation="ListEventBuses", fault="error", rate=0.5)
    client = cloud.through_proxy()("events")
    failed = 0
    for _ in range(40):
        try:
            client.list_event_buses()
        except ClientError:
            failed += 1
    assert 8 <= failed <= 32
    assert cloud.get("/api/faults")["faults"][0]["hits"] == failed


def test_faults_are_lifted_one_by_one_or_all_at_once(cloud: Cloud) -> None:
    """DELETE by id lifts one, by query too, without an id all; an unknown id is a 404."""
    first, second, third = (cloud.fault(operation="PutEvents", fault="cut") for _ in range(3))
    assert cloud.call("DELETE", f"/api/faults/{first['id']}").json == {"cleared": 1}
    assert cloud.call("DELETE", f"/api/faults?id={second['id']}").json == {"cleared": 1}
    assert [fault["id"] for fault in cloud.get("/api/faults")["faults"]] == [third["id"]]
    assert cloud.call("DELETE", "/api/faults/f999").status == 404
    assert cloud.call("DELETE", "/api/faults").json == {"cleared": 1}


@pytest.mark.parametrize(
    "bad",
    [
        b"not json",
        b"[]",
        b"[" * 5000,
        {},
        {"operation": "PutEvents"},
        {"operation": "PutEvents", "fault": "explode"},
        {"operation": "PutEvents", "fault": ["throttle"]},
        {"operation": "", "fault": "throttle"},
        {"operation": "put events", "fault": "throttle"},
        {"operation": "PutEvents", "fault": "throttle", "rate": 1.5},
        {"operation": "PutEvents", "fault": "throttle", "rate": "1"},
        {"operation": "PutEvents", "fault": "throttle", "rate": True},
        {"operation": "PutEvents", "fault": "delay"},
        {"operation": "PutEvents", "fault": "delay", "seconds": 0},
        {"operation": "PutEvents", "fault": "delay", "seconds": 1e9},
        {"operation": "PutEvents", "fault": "error", "code": "<script>"},
        {"operation": "GetSecretValue", "fault": "entry-error"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(cloud: Cloud, bad: object) -> None:
    """Bad input gets 400 and a sentence, and places nothing."""
    reply = cloud.call("POST", "/api/faults", bad)
    assert reply.status == 400
    assert len(reply.json["error"]) > 10
    assert cloud.get("/api/faults")["faults"] == []


def test_entries_over_one_megabyte_refuse_the_whole_call(cloud: Cloud) -> None:
    """One entry too large, or ten that are too large together, is a ValidationException."""
    assert code_of(cloud, entry(Detail='{"a":"' + "x" * 1_048_576 + '"}')) == "ValidationException"
    tenth = '{"a":"' + "x" * 120_000 + '"}'
    assert code_of(cloud, *(entry(Detail=tenth) for _ in range(10))) == "ValidationException"


def test_an_entry_just_under_the_limit_arrives_whole(cloud: Cloud) -> None:
    """A detail of a million bytes goes through bus and queue unchanged."""
    text = "x" * 999_000
    assert put(cloud, entry(DetailType="large", Detail='{"a":"' + text + '"}'))["FailedEntryCount"] == 0
    assert seen(cloud, "large", 5)[0]["detail"] == {"a": text}


def test_a_bus_that_does_not_exist_refuses_the_call(cloud: Cloud) -> None:
    """By name and by ARN; the default bus is known by both."""
    arn = "arn:aws:events:us-east-1:123456789012:event-bus/"
    assert code_of(cloud, entry(EventBusName="nowhere")) == "ResourceNotFoundException"
    assert code_of(cloud, entry(EventBusName=arn + "nowhere")) == "ResourceNotFoundException"
    assert put(cloud, entry(EventBusName=arn + "default"))["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Detail": "[]"}, "MalformedDetail"),
        ({"Detail": "no json"}, "MalformedDetail"),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail"),
        ({"Detail": '{"a":' + "[" * 1000 + "]" * 1000 + "}"}, "MalformedDetail"),
        ({"DetailType": "x" * 129}, "InvalidArgument"),
        ({"DetailType": ""}, "InvalidArgument"),
        ({"Source": ""}, "InvalidArgument"),
        ({"Source": "aws.events"}, "NotAuthorizedForSourceException"),
    ],
)
def test_a_bad_entry_fails_alone(cloud: Cloud, changes: dict[str, Any], code: str) -> None:
    """The entry beside a bad one is published; the bad one carries EventBridge's code."""
    answer = put(cloud, entry(**changes), entry())
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code
    assert answer["Entries"][1]["EventId"]


def test_brackets_inside_texts_are_not_nesting(cloud: Cloud) -> None:
    """A text full of brackets and escaped quotes is no deep document."""
    detail = '{"a":"' + '\\"[{' * 2000 + '"}'
    assert put(cloud, entry(Detail=detail))["FailedEntryCount"] == 0


def test_eleven_entries_and_none_are_refused(cloud: Cloud) -> None:
    """PutEvents takes one to ten entries."""
    assert code_of(cloud, *(entry() for _ in range(11))) == "ValidationException"
    assert code_of(cloud) == "ValidationException"


def test_failed_and_throttled_calls_are_counted_as_aws_counts_them(cloud: Cloud) -> None:
    """AWS/Events counts calls, failures, throttles and failed entries."""

    def total(name: str) -> float:
        return sum(float(t["sum"]) for t in cloud.get("/api/metrics/totals")["totals"] if t["name"] == name)

    names = ("PutEventsApproximateThrottledCount", "PutEventsApproximateFailedCount", "PutEventsFailedEntriesCount")
    before = [total(name) for name in names]
    cloud.fault(operation="PutEvents", fault="throttle")
    with pytest.raises(ClientError):
        put(cloud, entry())
    cloud.clear()
    put(cloud, entry(DetailType="x" * 129), entry())
    after = [total(name) for name in names]
    throttled, failed, entries = (now - then for now, then in zip(after, before, strict=True))
    assert throttled >= 1
    assert failed == throttled
    assert entries == 1


def test_a_delivery_whose_events_are_throttled_is_parked(cloud: Cloud) -> None:
    """The function answers 200 parked, and says so in its log line; lifted, it accepts again."""
    cloud.fault(operation="PutEvents", fault="throttle")
    reply, delivery_id = cloud.github()
    assert reply.status == 200
    assert cloud.delivery(delivery_id)["outcome"] == "parked"
    cloud.clear()
    reply, _ = cloud.github()
    assert reply.status == 200


def test_objects_pass_the_proxy_whole(cloud: Cloud) -> None:
    """A large object goes in and comes out byte for byte; HEAD tells its length; a missing one is a 404."""
    s3 = cloud.through_proxy()("s3")
    content = bytes(range(256)) * 20_000
    s3.create_bucket(Bucket="through")
    s3.put_object(Bucket="through", Key="a b/ä", Body=content)
    assert s3.get_object(Bucket="through", Key="a b/ä")["Body"].read() == content
    assert s3.head_object(Bucket="through", Key="a b/ä")["ContentLength"] == len(content)
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket="through", Key="nothing")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nHost: x\r\nHo st: y\r\n\r\n", b""]
)
def test_a_connection_that_is_no_http_harms_nobody(cloud: Cloud, rubbish: bytes) -> None:
    """The proxy drops it and goes on serving others."""
    port = int(cloud.get("/api/health")["fault_proxy_url"].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(rubbish)
    assert put(cloud, entry())["FailedEntryCount"] == 0
