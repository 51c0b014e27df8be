"""The replay function, composed as on Lambda, on SQS, S3 and EventBridge over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hookwatch.ingest.stored import stored
from hookwatch.recover.replay_app import compose
from hookwatch.recover.replay_settings import load
from sandbox.ministack_rig import ministack
from sandbox.replay_stage import BUCKET, BUS, DETAIL, Stage, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.deploy_clients import Clients

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def aws() -> Iterator[Clients]:
    """One ministack for the file."""
    with ministack() as clients:
        yield clients


@pytest.fixture
def stage(aws: Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Everything made anew for each test."""
    with staged(aws, monkeypatch) as made:
        yield made


def test_what_is_parked_reaches_the_rules_and_the_queue_is_empty(stage: Stage) -> None:
    """Thirty messages, one of them through the bucket: each event arrives as it was, but for replayed_at."""
    for number in range(29):
        stage.park(number)
    body = (DETAIL % "d-29").encode()
    where = stored(BUCKET, "parked", provider="github", delivery_id="d-29", first_seen_ms=1, body=body)
    stage.aws("s3").put_object(Bucket=BUCKET, Key=where.key, Body=body)
    stage.park(29, stored=where)
    while stage.invoke():
        pass
    got = {json.loads(each)["resources"][0].rpartition("-")[2]: json.loads(each) for each in stage.events(30)}
    assert sorted(got, key=int) == [str(number) for number in range(30)]
    for number, event in got.items():
        assert event["detail"]["hookwatch"].pop("replayed_at") > 0
        assert event["detail"] == json.loads(DETAIL % f"d-{number}")
        # ministack stamps events with its own clock; that the entry has its first time is asserted in the unit tests.
        assert (event["source"], event["detail-type"]) == ("github.com", "push")
    assert (stage.depth(stage.queue), stage.depth(stage.dlq)) == ((0, 0), (0, 0))


def test_what_never_can_be_replayed_is_in_the_dead_letter_queue_after_one_receive(stage: Stage) -> None:
    """Damaged, foreign, and with a lost object: three reasons, three messages, none left in the queue."""
    lost = stored(BUCKET, "parked", provider="github", delivery_id="d-1", first_seen_ms=1, body=b"{}")
    stage.aws("sqs").send_message(QueueUrl=stage.queue, MessageBody="hello")
    stage.aws("sqs").send_message(QueueUrl=stage.queue, MessageBody='{"hookwatch":"parked/1"}')
    stage.park(1, stored=lost)
    assert len(stage.invoke()) == 3
    assert stage.depth(stage.queue) == (0, 0)
    reasons = sorted(message["MessageAttributes"]["reason"]["StringValue"] for message in stage.take(stage.dlq))
    assert reasons == ["damaged_not_json", "damaged_shape", f"object_missing: NoSuchKey: s3://{BUCKET}/{lost.key}"]


def test_while_the_bus_is_down_messages_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost and nothing is received again at once; a minute is what the first failure waits."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:9")
    settings = load(
        {
            "HOOKWATCH_EVENT_BUS": BUS,
            "HOOKWATCH_PARKING_QUEUE_URL": stage.queue,
            "HOOKWATCH_PARKING_DLQ_URL": stage.dlq,
        }
    )
    stage.app = compose(settings)
    for number in range(5):
        stage.park(number)
    assert len(stage.invoke()) == 5
    assert stage.invoke() == []
    assert (stage.depth(stage.queue), stage.depth(stage.dlq)) == ((0, 5), (0, 0))
