"""`hookwatch replay archive` on EventBridge's own archive over HTTP."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.replay import app
from hookwatch.recover.loop_stop_aws import Account
from sandbox.cloud_rig import eventually
from sandbox.ministack_rig import ministack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.deploy_clients import Clients

pytestmark = pytest.mark.sandbox
BUS_ARN = "arn:aws:events:us-east-1:123456789012:event-bus/hooks"


@pytest.fixture(scope="module")
def aws() -> Iterator[Clients]:
    """A bus with an archive."""
    with ministack() as clients:
        events = clients("events")
        events.create_event_bus(Name="hooks")
        events.create_archive(
            ArchiveName="kept", EventSourceArn=BUS_ARN, EventPattern='{"source":["github.com"]}', RetentionDays=3
        )
        yield clients


def replay(aws: Clients, *arguments: str) -> tuple[int, Any]:
    words = ["archive", "--archive", "kept", *arguments, "--json"]
    done = CliRunner().invoke(app, words, obj=lambda *_: Account(aws))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout)


def test_a_broken_consumer_gets_what_it_missed(aws: Clients) -> None:
    """A rule that was made too late is sent the events of the span, marked with the replay's name.

    ministack sends a replay to all rules, whatever it is told; that only the named ones are asked for is asserted in
    the unit tests.
    """
    sqs, events = aws("sqs"), aws("events")
    # ministack dates events by whole seconds, and by those the first ones would be older than their archive.
    time.sleep(1.1)
    for source in ("github.com", "github.com", "somebody.else"):
        entry = {"Source": source, "DetailType": "push", "Detail": '{"n":1}', "EventBusName": "hooks"}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    url = sqs.create_queue(QueueName="mended")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="mended", EventBusName="hooks", EventPattern='{"detail-type":["push"]}')
    events.put_targets(Rule="mended", EventBusName="hooks", Targets=[{"Id": "t", "Arn": arn}])
    created = events.describe_archive(ArchiveName="kept")["CreationTime"].isoformat()

    code, planned = replay(aws, "--from", created, "--to", "now", "--rule", "mended")
    assert (code, planned["dry_run"], planned["archived_events"]) == (0, True, 2)
    code, done = replay(aws, "--from", created, "--to", "now", "--rule", "mended", "--yes", "--wait")
    assert (code, done["state"]) == (0, "COMPLETED")

    def received() -> list[Any]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    got: list[Any] = eventually(received)
    assert {event["source"] for event in got} == {"github.com"}
    assert {event["replay-name"] for event in got} == {done["replay"]}
