"""The replay function, its queue and the archive, as template.yaml makes them."""

from __future__ import annotations

import pytest

from hookwatch.cfn import TemplateError
from hookwatch.ingest.budget import BUCKET_S
from hookwatch.ingest.publish import CALL_BUDGET_S
from hookwatch.recover import replay_app, replay_batch, replay_one, replay_queue, replay_settings
from sam_template import deployed, environment, of_type, statements

QUEUE = "arn:aws:sqs:us-east-1:123456789012:hooks-parked"
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"


def test_the_role_allows_what_a_replay_does():
    """It empties one queue, gives up into another, reads and writes under two prefixes, publishes as our sources."""
    stack = deployed()
    bucket = str(stack.outputs["ClaimBucketName"])
    allowed = {
        each["Sid"]: (each["Action"], str(each["Resource"]).replace(bucket, "BUCKET"), each.get("Condition"))
        for each in statements(stack, "ReplayFunctionRole")
    }
    verbs = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/hooks-replay:*"
    sources = {"ForAllValues:StringEquals": {"events:source": ["github.com", "twilio.com"]}}
    assert allowed == {
        "EmptyTheQueue": ([f"sqs:{verb}" for verb in verbs], QUEUE, None),
        "GiveUp": ("sqs:SendMessage", f"{QUEUE}-dlq", None),
        "ReadWhatIsParked": ("s3:GetObject", "arn:aws:s3:::BUCKET/parked/*", None),
        "TellMissingFromForbidden": ("s3:ListBucket", "arn:aws:s3:::BUCKET", None),
        "CheckIn": ("s3:PutObject", "arn:aws:s3:::BUCKET/claims/*", None),
        "PublishAgain": ("events:PutEvents", BUS, sources),
        "WriteItsLog": (["logs:CreateLogStream", "logs:PutLogEvents"], group, None),
        "SendTraces": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*", None),
    }


def test_the_queue_calls_the_function_with_partial_answers_and_a_bound():
    """Ten messages a batch, failures named one by one, and no more copies at once than were asked for."""
    (mapping,) = of_type(deployed(ReplayConcurrency=7), "AWS::Lambda::EventSourceMapping").values()
    assert mapping.properties["EventSourceArn"] == QUEUE
    assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping.properties["BatchSize"] == 10
    assert mapping.properties["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert "ReservedConcurrentExecutions" not in deployed().resources["ReplayFunction"].properties


def test_fewer_copies_than_lambda_takes_are_refused():
    """Lambda's bound for a queue begins at two."""
    with pytest.raises(TemplateError, match="ReplayConcurrency"):
        deployed(ReplayConcurrency=1)


def test_the_environment_is_what_the_replay_reads():
    """The template sets what the function reads, and it starts with it."""
    variables = environment(deployed(MaxEntryBytes=262_144), "ReplayFunction")
    assert set(replay_settings.VARIABLES) <= set(variables)
    assert "HOOKWATCH_PROVIDER" not in variables
    assert replay_settings.load(variables).max_entry_bytes == 262_144


def test_a_batch_ends_before_the_timeout_and_the_timeout_before_the_queue_gives_it_to_another():
    """The last message that is begun has time to end, and no message is worked on twice at once."""
    stack = deployed()
    timeout_s = stack.resources["ReplayFunction"].properties["Timeout"]
    one_call_s = replay_app.CONNECT_TIMEOUT_S + replay_app.READ_TIMEOUT_S
    # An object, a claim check, the bus, and the dead-letter queue.
    whole_s = one_call_s + replay_one.CLAIM_WITHIN_S + replay_one.PUBLISH_WITHIN_S + one_call_s
    assert whole_s <= replay_batch.MESSAGE_BUDGET_S
    assert replay_one.CLAIM_WITHIN_S > BUCKET_S
    assert replay_one.PUBLISH_WITHIN_S > CALL_BUDGET_S
    assert timeout_s > replay_batch.MESSAGE_BUDGET_S + replay_app.RESERVE_S
    assert timeout_s * 6 <= stack.resources["ParkingQueue"].properties["VisibilityTimeout"]
    assert replay_queue.MAX_DELAY_S < 12 * 3600


def test_there_is_an_archive_only_if_it_was_asked_for():
    """Without ArchiveRetentionDays nothing is kept and nothing is paid; with it only our own sources are."""
    assert not of_type(deployed(), "AWS::Events::Archive")
    assert "ArchiveName" not in deployed().outputs
    stack = deployed(ArchiveRetentionDays=30, EventBusName="hooks")
    archive = stack.resources["EventArchive"].properties
    assert archive["SourceArn"] == BUS.replace("default", "hooks")
    assert archive["RetentionDays"] == 30
    assert archive["EventPattern"] == {"source": ["github.com", "twilio.com"]}
    assert "ArchiveName" in stack.outputs
