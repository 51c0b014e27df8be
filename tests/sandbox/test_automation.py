"""The documents of runbooks/stack.yaml, run step by step against the sandbox, with their own scripts."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from automation import Execution, StepFailed
from automation_documents import content
from sandbox.cloud_rig import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

APPROVERS = {"Approvers": ["arn:aws:iam::123456789012:role/on-call"]}


@pytest.fixture
def aws(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Clients of the sandbox; the documents' own boto3 is led there by the environment, as SSM leads it to AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.get("/api/health")["fault_proxy_url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return cloud.through_proxy()


def execution(document: str, approve: Callable[[str], bool], **parameters: Any) -> Execution:
    """A document as an operator starts it."""
    return Execution(content(document), APPROVERS | parameters, approve)


def test_what_was_given_up_goes_back_once_somebody_approved(aws: Callable[[str], Any]):
    """Three dead letters: the question names three, the approval moves them, and the end counts none."""
    sqs = aws("sqs")
    dlq = sqs.get_queue_url(QueueName="hookwatch-parked-dlq")["QueueUrl"]
    parked = sqs.get_queue_url(QueueName="hookwatch-parked")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=parked, Attributes={"DelaySeconds": "0"})
    for number in range(3):
        sqs.send_message(QueueUrl=dlq, MessageBody=json.dumps({"not": "ours", "number": number}))
    asked: list[str] = []
    run = execution("DrainDlq", lambda message: not asked.append(message))
    assert run.run()["plan.Depth"] == 3
    assert asked == ["Move 3 events from the dead-letter queue back to be published again?"]
    assert run.values["move.Moved"] == 3


def test_a_refused_approval_moves_nothing(aws: Callable[[str], Any]):
    """Whoever says no leaves everything where it is."""
    sqs = aws("sqs")
    dlq = sqs.get_queue_url(QueueName="hookwatch-parked-dlq")["QueueUrl"]
    sqs.purge_queue(QueueUrl=dlq)
    sqs.send_message(QueueUrl=dlq, MessageBody="{}")
    run = execution("DrainDlq", lambda _: False)
    with pytest.raises(StepFailed, match="refused"):
        run.run()
    assert run.steps == ["plan", "anything", "approve"]
    assert run.values["plan.Depth"] == 1
    sqs.purge_queue(QueueUrl=dlq)


def test_an_empty_queue_asks_nobody(aws: Callable[[str], Any]):
    """Where there is nothing to move, nobody is woken for an approval."""
    sqs = aws("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="hookwatch-parked-dlq")["QueueUrl"])
    run = execution("DrainDlq", lambda _: pytest.fail("nobody is to be asked"))
    assert run.run() == {"plan.Depth": 0, "verify.Depth": 0}
    assert run.steps == ["plan", "anything", "verify"]


@pytest.fixture
def archive(aws: Callable[[str], Any]) -> str:
    """An archive of the bus, as the template makes one where ArchiveRetentionDays is not 0."""
    events = aws("events")
    name = f"test-{time.time_ns()}"
    bus = events.describe_event_bus(Name="default")["Arn"]
    events.create_archive(ArchiveName=name, EventSourceArn=bus, RetentionDays=1)
    return name


def test_an_archive_is_replayed_to_one_rule(cloud: Cloud, aws: Callable[[str], Any], archive: str):
    """A consumer was broken: its rule gets the span again, after an approval that names it."""
    events, sqs = aws("events"), aws("sqs")
    queue = sqs.create_queue(QueueName=f"consumer-{time.time_ns()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="consumer", EventPattern=json.dumps({"source": ["github.com"]}))
    events.put_targets(Rule="consumer", Targets=[{"Id": "q", "Arn": arn}])
    begin = datetime.now(UTC) + timedelta(seconds=1)
    time.sleep(1.1)  # a replay's span is in whole seconds, and the archive holds nothing before its creation
    _, delivery_id = cloud.github()
    eventually(lambda: received(sqs, queue, delivery_id))
    asked: list[str] = []
    span = {"From": f"{begin:%Y-%m-%dT%H:%M:%SZ}", "To": f"{begin + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"}
    run = Execution(
        content("ReplayArchive", ArchiveName=archive),
        APPROVERS | span | {"Rule": "consumer"},
        lambda message: not asked.append(message),
    )
    assert run.run()["wait.State"] == "COMPLETED"
    assert "Replay to the rule consumer?" in asked[0]
    again = eventually(lambda: received(sqs, queue, delivery_id))
    assert again["replay-name"].startswith("hookwatch-")
    events.remove_targets(Rule="consumer", Ids=["q"])
    events.delete_rule(Name="consumer")


def test_a_span_that_the_archive_does_not_cover_is_refused(aws: Callable[[str], Any], archive: str):
    """Before anybody is asked: the wrong way round, and older than the archive."""
    document = content("ReplayArchive", ArchiveName=archive)
    for span in (("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"), ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z")):
        given = APPROVERS | {"From": span[0], "To": span[1], "Rule": "consumer"}
        run = Execution(document, given, lambda _: pytest.fail("nobody is to be asked"))
        with pytest.raises(StepFailed, match="ValueError"):
            run.run()
        assert run.steps == ["plan"]


def received(sqs: Any, queue: str, delivery_id: str) -> Any:
    """The event of one delivery, taken out of a consumer's queue."""
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        event = json.loads(message["Body"])
        if any(delivery_id in each for each in event.get("resources", ())):
            return event
    return None
