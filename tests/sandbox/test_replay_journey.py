"""From the parking queue onto the bus: the template's own queue, mapping, role and function in the sandbox."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.parked import app
from hookwatch.ingest.parked import Parked, encode
from hookwatch.ingest.stored import stored
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import Cloud, eventually
from sandbox.replay_stage import DETAIL, parked

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox


class Stand:
    """The session's sandbox, with the hand on the mapping between queue and function."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        health = cloud.get("/api/health")
        self.aws = Clients(health["aws_endpoint_url"])
        self.outputs: dict[str, str] = health["outputs"]
        name = self.outputs["ReplayFunction"]
        (mapping,) = self.aws("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        self._uuid = mapping["UUID"]

    def reads(self, *, enabled: bool) -> None:
        """Let the function read the queue, or not, and wait until it is so."""
        self.aws("lambda").update_event_source_mapping(UUID=self._uuid, Enabled=enabled)
        eventually(
            lambda: any(
                source["enabled"] == enabled and source["function"].endswith("replay")
                for source in self.cloud.get("/api/sources")["queues"]
            )
        )
        if not enabled:
            time.sleep(1.5)  # a look at the queue that had begun takes a second

    def send(self, body: str | Parked) -> None:
        text = body if isinstance(body, str) else encode(body)
        self.aws("sqs").send_message(QueueUrl=self.outputs["ParkingQueueUrl"], MessageBody=text)

    def line(self, **fields: object) -> Any:
        """The replay's line with these fields, as soon as it is there."""

        def look() -> Any:
            lines = [
                json.loads(each["line"]) for each in self.cloud.get("/api/logs")["lines"] if "replay" in each["line"]
            ]
            found = (line for line in lines if line.get("message") == "replay")
            return next((line for line in found if all(line.get(k) == v for k, v in fields.items())), None)

        return eventually(look)

    def depth(self, output: str) -> tuple[int, int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.aws("sqs").get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=names)
        return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])

    def command(self, *arguments: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*arguments, "--json"], obj=lambda *_: Account(self.aws))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout)


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


def named(delivery_id: str, detail: str) -> Parked:
    event = parked(1)
    resources = (f"hookwatch:github:delivery/{delivery_id}",)
    envelope = replace(event.envelope, detail=detail, resources=resources, detail_bytes=None)
    return replace(event, delivery_id=delivery_id, envelope=envelope)
