"""The replay function's role, held to by the emulator: with it everything works, without a statement it does not."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.ingest.stored import stored
from hookwatch.sandbox.cloud_model import SandboxConfig
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, eventually, run_sandbox
from sandbox.parked_rig import Stand, named
from sandbox.replay_stage import DETAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.ingest.parked import Parked

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """A sandbox that holds every function to its role."""
    config = SandboxConfig(
        template=TEMPLATE, github_secret=GITHUB_SECRET, twilio_token=TWILIO_TOKEN, enforce_iam=True, seed=7
    )
    for cloud in run_sandbox(config):
        yield Stand(cloud)


@contextmanager
def without(stand: Stand, sid: str) -> Iterator[None]:
    """Take one statement out of the role, and put it back."""
    iam, cloudformation = stand.aws("iam"), stand.aws("cloudformation")
    stack = next(each["StackName"] for each in cloudformation.describe_stacks()["Stacks"] if each.get("Outputs"))
    resource = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="ReplayFunctionRole")
    role = resource["StackResourceDetail"]["PhysicalResourceId"]
    whole: Any = iam.get_role_policy(RoleName=role, PolicyName="hookwatch")["PolicyDocument"]
    whole = json.loads(whole) if isinstance(whole, str) else whole
    less = {**whole, "Statement": [each for each in whole["Statement"] if each["Sid"] != sid]}
    assert len(less["Statement"]) == len(whole["Statement"]) - 1
    iam.put_role_policy(RoleName=role, PolicyName="hookwatch", PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="hookwatch", PolicyDocument=json.dumps(whole))


def in_bucket(stand: Stand, delivery_id: str) -> Parked:
    """A parked event whose detail lies in the stack's bucket."""
    body = (DETAIL % delivery_id).encode()
    bucket = stand.outputs["ClaimBucketName"]
    where = stored(bucket, "parked", provider="github", delivery_id=delivery_id, first_seen_ms=1, body=body)
    stand.aws("s3").put_object(Bucket=bucket, Key=where.key, Body=body)
    return replace(named(delivery_id, ""), stored=where)


def test_the_role_allows_what_the_function_does(stand: Stand) -> None:
    """Published from the queue and from the bucket, and given up: nothing is refused."""
    stand.send(named("w-1", DETAIL % "w-1"))
    stand.send(in_bucket(stand, "w-2"))
    stand.send("hello")
    for delivery_id in ("w-1", "w-2"):
        assert stand.line(delivery_id=delivery_id)["outcome"] == "replayed"
        assert stand.cloud.event(delivery_id)
    assert eventually(lambda: stand.depth("ParkingDlqUrl") == (1, 0))
    assert eventually(lambda: stand.depth("ParkingQueueUrl") == (0, 0))


def too_large(delivery_id: str) -> Parked:
    """A parked event that fits into SQS and not onto the bus."""
    return named(delivery_id, f'{{"hookwatch":{{"delivery_id":"{delivery_id}"}},"fill":"{"x" * 1_010_000}"}}')


def test_with_check_in_what_is_too_large_is_on_the_bus_all_the_same(stand: Stand) -> None:
    """The payload is in the bucket, and the slim event says where and when it was replayed."""
    stand.send(too_large("w-6"))
    assert stand.line(delivery_id="w-6")["outcome"] == "replayed"
    ours = stand.cloud.event("w-6")["detail"]["hookwatch"]
    where = ours["claim_check"]
    body = stand.aws("s3").get_object(Bucket=where["bucket"], Key=where["key"])["Body"].read()
    assert hashlib.sha256(body).hexdigest() == where["sha256"]
    assert body.decode() == too_large("w-6").envelope.detail
    assert ours["replayed_at"] > 0


def test_without_check_in_what_is_too_large_waits(stand: Stand) -> None:
    """The bucket takes nothing, so the message stays until somebody mends the role."""
    with without(stand, "CheckIn"):
        stand.send(too_large("w-7"))
        line = stand.line(delivery_id="w-7")
    assert (line["outcome"], line["reason"], line["error_code"]) == ("failed", "claim_check_failed", "AccessDenied")


def test_without_publish_again_nothing_reaches_the_bus(stand: Stand) -> None:
    """The message stays, and the line carries AWS's code."""
    with without(stand, "PublishAgain"):
        stand.send(named("w-3", DETAIL % "w-3"))
        line = stand.line(delivery_id="w-3")
    assert (line["outcome"], line["error_code"]) == ("failed", "AccessDeniedException")
    # It may also let the message wait: without that there would be no number here.
    assert 48 <= line["retry_in_s"] <= 60


def test_without_read_what_is_parked_the_bucket_is_closed(stand: Stand) -> None:
    """A detail in the bucket cannot be read, and the message waits for somebody to mend it."""
    with without(stand, "ReadWhatIsParked"):
        stand.send(in_bucket(stand, "w-4"))
        line = stand.line(delivery_id="w-4")
    assert (line["outcome"], line["reason"], line["error_code"]) == ("failed", "object_refused", "AccessDenied")


def test_without_give_up_what_is_damaged_stays(stand: Stand) -> None:
    """The dead-letter queue does not take it, so the message is kept."""
    with without(stand, "GiveUp"):
        stand.send("hello again")
        line = stand.line(reason="dead_letter_failed")
    assert (line["outcome"], line["place"]) == ("failed", "damaged_not_json")


def test_without_empty_the_queue_nothing_is_received(stand: Stand) -> None:
    """Lambda itself reads the queue with this role."""
    with without(stand, "EmptyTheQueue"):
        # A look at the queue that had begun is still allowed; the next one is not.
        assert eventually(lambda: any(source["problem"] for source in stand.cloud.get("/api/sources")["queues"]))
        stand.send(named("w-5", DETAIL % "w-5"))
        assert eventually(lambda: stand.depth("ParkingQueueUrl")[0] == 1)
        assert stand.cloud.event_now("w-5") is None
    assert stand.line(delivery_id="w-5")["outcome"] == "replayed"
