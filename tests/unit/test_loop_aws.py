"""The loop commands over botocore clients with stubbed answers: parameters fit AWS's models, errors are told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber

from hookwatch.recover.loop_stop import Plan, Problem
from hookwatch.recover.loop_stop_aws import Account, account
from hookwatch.recover.loop_stop_function import FunctionBrake
from hookwatch.recover.loop_stop_rule import RuleBrake
from loop_account import REGION

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
RULE = {"Name": "R", "Arn": REGION.format("events", "rule/hooks/R"), "EventBusName": "hooks", "State": "ENABLED"}
TAG = {"Key": "hookwatch:loop-stop", "Value": "before=ENABLED at=2026-11-26T10:00:00Z"}
NAMED = {"Name": "R", "EventBusName": "hooks"}


def stubbed(service: str) -> tuple[Account, Stubber]:
    """An account whose one client answers what its stub says, in order."""
    make: Any = boto3.client  # its overloads name every service; we are given one as text
    client = make(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    stub = Stubber(client)
    stub.activate()
    return Account(lambda _: client, lambda _: None), stub


def test_a_rule_is_tagged_and_then_disabled_on_its_bus() -> None:
    """The calls are those of AWS's model, with the rule's ARN, its bus and a tag value that tags may hold."""
    here, stub = stubbed("events")
    stub.add_response("describe_rule", RULE, NAMED)
    stub.add_response(
        "list_targets_by_rule", {"Targets": [{"Id": "t", "Arn": "arn:t"}]}, {"Rule": "R", "EventBusName": "hooks"}
    )
    archives = {"EventSourceArn": REGION.format("events", "event-bus/hooks")}
    stub.add_response("list_archives", {"Archives": []}, archives)
    stub.add_response("tag_resource", {}, {"ResourceARN": RULE["Arn"], "Tags": [TAG]})
    stub.add_response("disable_rule", {}, NAMED)
    plan = RuleBrake(here, "R", "hooks").stop(NOW)
    assert isinstance(plan, Plan)
    assert here.carry_out(plan) is None
    stub.assert_no_pending_responses()


def test_a_function_gets_back_what_its_tag_says() -> None:
    """Resuming puts the recorded number and removes the tag from the function's own ARN."""
    here, stub = stubbed("lambda")
    arn, named = REGION.format("lambda", "function:f"), {"FunctionName": "f"}
    stub.add_response("get_function_configuration", {"FunctionArn": arn}, named)
    stub.add_response("get_function_concurrency", {"ReservedConcurrentExecutions": 0}, named)
    stub.add_response("list_tags", {"Tags": {TAG["Key"]: "before=7 at=2026-11-26T10:00:00Z"}}, {"Resource": arn})
    stub.add_response("put_function_concurrency", {}, {**named, "ReservedConcurrentExecutions": 7})
    stub.add_response("untag_resource", {}, {"Resource": arn, "TagKeys": [TAG["Key"]]})
    plan = FunctionBrake(here, "f").resume()
    assert isinstance(plan, Plan)
    assert here.carry_out(plan) is None
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "found", "said"),
    [
        ("AccessDeniedException", False, "not allowed to describe rule: it is not"),
        ("ExpiredTokenException", False, "sign in again"),
        ("UnrecognizedClientException", False, "sign in again"),
        ("ConcurrentModificationException", True, "run this again"),
        ("InternalException", False, "refuses to describe rule (InternalException)"),
    ],
)
def test_an_error_of_aws_says_what_to_do(code: str, found: bool, said: str) -> None:
    """Each kind of refusal is told apart: rights, credentials, a race, and AWS itself."""
    here, stub = stubbed("events")
    stub.add_client_error("describe_rule", code, "it is not")
    refused = RuleBrake(here, "R", "hooks").stop(NOW)
    assert isinstance(refused, Problem)
    assert refused.found is found
    assert said in refused.message


def test_missing_credentials_are_no_traceback() -> None:
    """Who is not signed in is told so."""

    class Nobody:
        def describe_rule(self, **_: Any) -> Any:
            raise NoCredentialsError

    refused = Account(lambda _: Nobody()).ask("events", "describe_rule")
    assert isinstance(refused, Problem)
    assert "credentials" in refused.message


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [("http://127.0.0.1:9", "does not answer at http://127.0.0.1:9"), ("nonsense", "Invalid endpoint")],
)
def test_a_dead_or_wrong_endpoint_is_named(monkeypatch: pytest.MonkeyPatch, endpoint: str, said: str) -> None:
    """A sandbox that has ended, or a misspelt URL, is found out at once."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    refused = account("us-east-1", endpoint).ask("events", "list_event_buses")
    assert isinstance(refused, Problem)
    assert said in refused.message


def test_the_region_comes_from_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What works for AWS's own tool works here: AWS_REGION, though boto3 does not read it; an option goes before it."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert account(None, None).client("sqs").meta.region_name == "eu-north-1"
    assert account("eu-west-1", None).client("sqs").meta.region_name == "eu-west-1"
