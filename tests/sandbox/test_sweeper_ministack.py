"""The sweeper, composed as on Lambda, on S3, Secrets Manager and CloudWatch over HTTP."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from github_rig import REPO, SECRET, TOKEN, Answers
from hookwatch.ingest import clients as ours
from hookwatch.recover.github_claims import RELEASED
from hookwatch.recover.sweeper_app import compose
from hookwatch.recover.sweeper_claims import BucketClaims
from hookwatch.recover.sweeper_settings import load
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from sandbox.ministack_rig import ministack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.recover.sweeper_app import Sweeper
    from hookwatch.sandbox.deploy_clients import Clients

pytestmark = pytest.mark.sandbox

BUCKET = "payloads"


@pytest.fixture(scope="module")
def aws() -> Iterator[Clients]:
    """One ministack for the file, with the bucket, the token's secret and a loop alarm."""
    with ministack() as clients:
        clients("s3").create_bucket(Bucket=BUCKET)
        clients("secretsmanager").create_secret(Name="token", SecretString=TOKEN)
        clients("cloudwatch").put_metric_alarm(
            AlarmName="hooks-github-loop-suspected",
            Namespace="Hookwatch",
            MetricName="LoopSuspected",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        yield clients


@pytest.fixture
def world() -> FakeGitHub:
    """A GitHub with one hook whose URL answers again."""
    made = FakeGitHub(time.time, Answers())
    made.add_hook(FakeHook(5, "repository", REPO.name, "https://ours.example/", SECRET, target_id=123))
    made.add_token(TOKEN, REPO.name)
    return made


@pytest.fixture
def sweeper(aws: Clients, world: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sweeper]:
    """The sweeper as the template starts it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with serving(world) as url:
        yield compose(
            load(
                {
                    "HOOKWATCH_SWEEPER_REPOSITORY": REPO.name,
                    "HOOKWATCH_SWEEPER_HOOK_ID": "0",
                    "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": "token",
                    "HOOKWATCH_SWEEPER_MAX_PER_RUN": "10",
                    "HOOKWATCH_SWEEPER_RETENTION_HOURS": "72",
                    "HOOKWATCH_CLAIM_BUCKET": BUCKET,
                    "HOOKWATCH_STACK": "hooks",
                    "GITHUB_API_URL": url,
                }
            )
        )


def test_one_run_brings_back_what_failed(
    sweeper: Sweeper, world: FakeGitHub, aws: Clients, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real clients, real conditional writes: claimed, redelivered, proven, counted, and then there is nothing to do."""
    hook = world.hooks[5]
    for guid in ("a", "b"):
        world.record(hook, Event(guid, "push"), Posted("Invalid HTTP Response: 503", 503), age_s=600)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000, aws_request_id="r-1")
    report = sweeper({}, context)
    assert (report["redelivered"], report["missing"]) == (2, 0)
    line = json.loads(capsys.readouterr().out)
    assert (line["Redelivered"], line["StillMissing"], line["ExpiringSoon"]) == (2, 0, 0)
    keys = [each["Key"] for each in aws("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == ["sweeper/5/a.json", "sweeper/5/b.json"]
    report = sweeper({}, context)
    assert (report["redelivered"], report["missing"]) == (0, 0)
    assert len(world.attempts) == 2


def test_s3_lets_one_of_two_runs_have_a_delivery(
    sweeper: Sweeper, world: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim is refused while it holds, and taken over when it was given back or is over."""
    client = ours.client("s3", connect_s=2, read_s=5)
    first, second = BucketClaims(client, BUCKET), BucketClaims(client, BUCKET)
    record = world.record(world.hooks[5], Event("c", "push"), Posted("x", 503))
    item: Any = SimpleNamespace(hook_id=5, delivery=SimpleNamespace(guid="c", id=record.id))
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert first.claim(item, now) is True
    assert second.claim(item, now.replace(minute=29)) is False
    assert second.claim(item, now.replace(minute=31)) is True
    assert first.claim(item, now.replace(minute=32)) is False
    second.settle(item, RELEASED, now.replace(minute=33))
    assert first.claim(item, now.replace(minute=34)) is True
    item.delivery.id += 1  # its redelivery failed and is the newest attempt now
    assert second.claim(item, now.replace(minute=35)) is True
