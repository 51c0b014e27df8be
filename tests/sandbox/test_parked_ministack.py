"""`hookwatch parked` on SQS, S3, EventBridge and CloudFormation over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.parked import app
from hookwatch.ingest.stored import stored
from hookwatch.recover.loop_stop_aws import Account
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
    """The queues, the bus and the bucket, and a stack that names them."""
    with staged(aws, monkeypatch) as made:
        outputs = {
            "ParkingQueueUrl": made.queue,
            "ParkingDlqUrl": made.dlq,
            "ClaimBucketName": BUCKET,
            "EventBusArn": f"arn:aws:events:us-east-1:123456789012:event-bus/{BUS}",
        }
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        aws("cloudformation").create_stack(StackName="hookwatch", TemplateBody=json.dumps(template))
        yield made


def run(stage: Stage, *arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"], obj=lambda *_: Account(stage.aws))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout)


def test_a_night_with_a_broken_bus(stage: Stage) -> None:
    """Seen, looked into, replayed from here; what was given up is mended, brought back and replayed by the function."""
    for number in range(12):
        stage.park(number)
    body = (DETAIL % "d-12").encode()
    where = stored(BUCKET, "parked", provider="github", delivery_id="d-12", first_seen_ms=1, body=body)
    stage.park(12, stored=where)
    stage.aws("sqs").send_message(QueueUrl=stage.queue, MessageBody="hello")

    code, seen = run(stage, "list", "--sample", "20")
    assert (code, seen["queues"][0]["visible"], seen["queues"][0]["looked_at"]) == (1, 14, 14)
    assert run(stage, "show", "d-3", "--payload")[1]["payload"] == DETAIL % "d-3"

    code, done = run(stage, "replay", "--yes")
    assert (code, done["replayed"], done["refused"]) == (1, 12, 2)
    events = [json.loads(event) for event in stage.events(12)]
    assert {event["resources"][0] for event in events} == {f"hookwatch:github:delivery/d-{n}" for n in range(12)}
    assert all(event["detail"]["hookwatch"]["replayed_at"] for event in events)

    code, seen = run(stage, "list")
    reasons = {group["reason"] for group in seen["queues"][1]["groups"]}
    assert reasons == {"damaged_not_json", f"object_missing: NoSuchKey: s3://{BUCKET}/{where.key}"}

    stage.aws("s3").put_object(Bucket=BUCKET, Key=where.key, Body=body)
    assert run(stage, "move-back")[1]["would_move"] == 1
    assert run(stage, "move-back", "--yes")[1] == {
        "dry_run": False,
        "moved": 1,
        "left": 1,
        "in_both_queues": 0,
        "problem": None,
    }
    assert len(stage.invoke()) == 1
    (event,) = stage.events(1)
    assert json.loads(event)["detail"]["n"] == json.loads(DETAIL % "d-12")["n"]
    assert (stage.depth(stage.queue), stage.depth(stage.dlq)) == ((0, 0), (1, 0))
