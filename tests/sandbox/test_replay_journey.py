"""From the parking queue onto the bus: the template's own queue, mapping, role and function in the sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookwatch.ingest.stored import stored
from hookwatch.sender import load_example
from sandbox.cloud_rig import Cloud, eventually
from sandbox.parked_rig import Stand, named
from sandbox.replay_stage import DETAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


@pytest.fixture
def stand(cloud: Cloud) -> Iterator[Stand]:
    """Empty queues before and after."""
    made = Stand(cloud)
    yield made
    cloud.clear()
    made.reads(enabled=True)
    for output in ("ParkingQueueUrl", "ParkingDlqUrl"):
        made.aws("sqs").purge_queue(QueueUrl=made.outputs[output])


def test_what_is_parked_is_on_the_bus_without_anybodys_doing(stand: Stand) -> None:
    """The function takes it out of the queue, whole or through the bucket, and its line counts."""
    detail = DETAIL % "r-1"
    body = (DETAIL % "r-2").encode()
    bucket = stand.outputs["ClaimBucketName"]
    where = stored(bucket, "parked", provider="github", delivery_id="r-2", first_seen_ms=1, body=body)
    stand.aws("s3").put_object(Bucket=bucket, Key=where.key, Body=body)
    for event in (named("r-1", detail), replace(named("r-2", ""), stored=where)):
        stand.send(event)
        assert stand.line(delivery_id=event.delivery_id)["outcome"] == "replayed"
        seen = stand.cloud.event(event.delivery_id)["detail"]
        assert seen["hookwatch"].pop("replayed_at") > 0
        assert seen == json.loads(DETAIL % event.delivery_id)
    assert stand.depth("ParkingQueueUrl") == (0, 0)
    totals = stand.cloud.get("/api/metrics/totals")["totals"]
    mine = {"service": "hookwatch", "provider": "github"}
    assert next(t["sum"] for t in totals if t["name"] == "Replayed" and t["dimensions"] == mine) >= 2


def test_an_outage_of_the_bus_costs_nothing_but_time(stand: Stand) -> None:
    """While the bus is throttled deliveries are answered 200 and parked; afterwards each event is as it should be."""
    stand.reads(enabled=False)
    stand.cloud.fault(operation="PutEvents", fault="throttle")
    delivery_ids = []
    for event in ("push", "pull_request", "issues"):
        reply, delivery_id = stand.cloud.github(event)
        assert (reply.status, stand.cloud.delivery(delivery_id)["outcome"]) == (200, "parked")
        delivery_ids.append(delivery_id)
    assert stand.depth("ParkingQueueUrl") == (3, 0)
    stand.cloud.clear()
    stand.reads(enabled=True)
    for event, delivery_id in zip(("push", "pull_request", "issues"), delivery_ids, strict=True):
        seen = stand.cloud.event(delivery_id)
        ours = seen["detail"].pop("hookwatch")
        assert ours["replayed_at"] >= ours["received_at"]
        assert (ours["delivery_id"], seen["detail-type"], seen["source"]) == (delivery_id, event, "github.com")
        assert seen["detail"] == json.loads(load_example("github", event).content)
        _, again = stand.cloud.github(event)
        direct = stand.cloud.event(again)["detail"]["hookwatch"]
        assert ours.keys() - direct.keys() == {"replayed_at"}
        assert ours["body_sha256"] == direct["body_sha256"]


def test_what_is_damaged_ends_in_the_dead_letter_queue(stand: Stand) -> None:
    """Neither a stranger's message nor one with a lost object is retried for ever."""
    bucket = stand.outputs["ClaimBucketName"]
    lost = stored(bucket, "parked", provider="github", delivery_id="r-3", first_seen_ms=1, body=b"{}")
    stand.send("hello")
    stand.send(replace(named("r-3", ""), stored=lost))
    stand.line(outcome="refused", delivery_id="r-3")
    eventually(lambda: stand.depth("ParkingDlqUrl") == (2, 0) and stand.depth("ParkingQueueUrl") == (0, 0))
    code, seen = stand.command("list")
    assert code == 1
    assert {group["reason"] for group in seen["queues"][1]["groups"]} == {
        "damaged_not_json",
        f"object_missing: NoSuchKey: s3://{bucket}/{lost.key}",
    }


def test_while_the_bus_is_throttled_it_waits_and_costs_little(stand: Stand) -> None:
    """Two messages are tried, the others are not; all wait a minute or so, and none is lost."""
    stand.reads(enabled=False)
    for number in range(6):
        stand.send(named(f"t-{number}", DETAIL % f"t-{number}"))
    stand.cloud.fault(operation="PutEvents", fault="throttle")
    stand.reads(enabled=True)
    assert 48 <= stand.line(outcome="failed", reason="throttled")["retry_in_s"] <= 60
    eventually(lambda: stand.depth("ParkingQueueUrl") == (0, 6))
    assert stand.depth("ParkingDlqUrl") == (0, 0)


def test_a_person_replays_what_the_function_does_not(stand: Stand) -> None:
    """With the mapping off, `hookwatch parked replay` empties the queue."""
    stand.reads(enabled=False)
    for number in range(3):
        stand.send(named(f"p-{number}", DETAIL % f"p-{number}"))
    assert stand.command("replay")[1]["would_replay"] == 3
    code, done = stand.command("replay", "--yes")
    assert (code, done["replayed"]) == (0, 3)
    assert stand.cloud.event("p-2")["detail"]["hookwatch"]["replayed_at"] > 0
