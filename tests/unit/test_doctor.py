"""`hookwatch doctor`: a healthy stack is found healthy, and what is wrong is found and told with its fix."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from doctor_stack import (
    BOTH_PERMISSIONS,
    SECRET,
    Answers,
    Door,
    composite_alarm,
    door,
    healthy,
    metric_alarm,
    refusal,
)
from hookwatch.cli import app
from hookwatch.recover.loop_stop_aws import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGING = (
    "put_",
    "update_",
    "delete_",
    "create_",
    "send_",
    "set_",
    "start_",
    "enable_",
    "disable_",
    "add_",
    "remove_",
)


@pytest.fixture
def patient() -> Iterator[Patient]:
    """A healthy stack with a door."""
    with door() as server:
        yield Patient(server)


class Patient:
    """A stack that a test makes ill."""

    def __init__(self, server: Door) -> None:
        self.door = server
        self.aws = Answers(healthy(server.url))

    def ill(self, operation: str, answer: Any) -> Patient:
        """Give another answer to one operation."""
        self.aws.answers[operation] = answer
        return self

    def examined(self, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
        """Exit code, and findings by check."""
        code, out, _ = self.run("--json", *arguments)
        return code, {finding["check"]: finding for finding in json.loads(out)["findings"]}

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command."""
        done = CliRunner().invoke(app, ["doctor", *arguments], obj=lambda *_: Account(self.aws, lambda _: None))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr


def test_a_healthy_stack_has_nothing_to_mend(patient: Patient):
    """Every check says ok, nothing was changed, and the exit code is 0."""
    code, findings = patient.examined()
    assert code == 0
    # Whose hook it is was not said; tests of GitHub's side stand in test_doctor_github.py.
    assert findings.pop("github side")["verdict"] == "skip"
    assert {each["verdict"] for each in findings.values()} == {"ok"}, findings
    assert not any(each["fix"] for each in findings.values())
    assert not [operation for operation, _ in patient.aws.asked if operation.startswith(CHANGING)]


@pytest.mark.parametrize(
    ("operation", "answer", "check", "verdict", "words"),
    [
        ("get_function_configuration", refusal("ResourceNotFoundException"), "function github", "fail", "make deploy"),
        (
            "get_function_configuration",
            {"State": "Failed", "LastUpdateStatus": "Failed", "StateReason": "EFSMountFailure"},
            "function github",
            "fail",
            "EFSMountFailure",
        ),
        (
            "get_function_configuration",
            {"State": "Active", "LastUpdateStatus": "InProgress"},
            "function github",
            "warn",
            "in a minute",
        ),
        (
            "get_function_concurrency",
            {"ReservedConcurrentExecutions": 0},
            "function github concurrency",
            "fail",
            "hookwatch loop resume",
        ),
        ("get_function_concurrency", {}, "function github concurrency", "warn", "ReservedConcurrency=10"),
        (
            "get_account_settings",
            {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}},
            "concurrency quota",
            "warn",
            "L-B99A9384",
        ),
        (
            "get_account_settings",
            {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 100}},
            "concurrency quota",
            "warn",
            "reserved",
        ),
        ("get_function_url_config", {"AuthType": "AWS_IAM"}, "permissions github", "fail", "AWS_IAM"),
        (
            "get_policy",
            {"Policy": json.dumps({"Statement": BOTH_PERMISSIONS[:1]})},
            "permissions github",
            "fail",
            "lambda:InvokeFunction (",
        ),
        ("get_policy", refusal("ResourceNotFoundException"), "permissions github", "fail", "403"),
        ("get_policy", refusal("AccessDeniedException"), "permissions github", "skip", "not allowed"),
        ("describe_secret", refusal("ResourceNotFoundException"), "secret github", "fail", "secret-fetch"),
        (
            "describe_secret",
            {"Name": "n", "DeletedDate": "x", "VersionIdsToStages": {"v": ["AWSCURRENT"]}},
            "secret github",
            "fail",
            "restore-secret --secret-id n",
        ),
        ("describe_secret", {"VersionIdsToStages": {"v": ["AWSPREVIOUS"]}}, "secret github", "fail", "AWSCURRENT"),
        (
            "describe_secret",
            {"VersionIdsToStages": {"v": ["AWSCURRENT"], "w": ["AWSPENDING"]}},
            "secret github",
            "warn",
            "hookwatch secret status github",
        ),
        ("get_secret_value", {"SecretString": f"{SECRET}\n"}, "secret github value", "fail", "white space"),
        ("get_secret_value", {"SecretBinary": b"x"}, "secret github value", "fail", "binary"),
        ("get_secret_value", {"SecretString": f'{{"s":"{SECRET}"}}'}, "secret github value", "warn", "JSON"),
        ("list_event_source_mappings", {"EventSourceMappings": []}, "replay", "fail", "nothing feeds it"),
        (
            "list_event_source_mappings",
            {"EventSourceMappings": [{"UUID": "u-1", "State": "Disabled"}]},
            "replay",
            "fail",
            "--uuid u-1 --enabled",
        ),
        ("list_subscriptions_by_topic", {"Subscriptions": []}, "alarm topic", "fail", "NotificationEmail"),
        (
            "list_subscriptions_by_topic",
            {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]},
            "alarm topic",
            "fail",
            "Subscription Confirmation",
        ),
        (
            "list_subscriptions_by_topic",
            {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}, {"SubscriptionArn": "arn:1"}]},
            "alarm topic",
            "warn",
            "1 of 2",
        ),
        ("describe_alarms", {}, "alarms", "fail", "make deploy"),
        (
            "describe_alarms",
            {"MetricAlarms": [metric_alarm("hookwatch-a", "ALARM")]},
            "alarms firing",
            "fail",
            "hookwatch-a",
        ),
        (
            "describe_alarms",
            {"MetricAlarms": [metric_alarm("hookwatch-a", "INSUFFICIENT_DATA")]},
            "alarms blind",
            "warn",
            "metrics-blind",
        ),
        (
            "describe_alarms",
            {"MetricAlarms": [metric_alarm("hookwatch-a", "INSUFFICIENT_DATA", TreatMissingData="missing")]},
            "alarms blind",
            "ok",
            "none",
        ),
        (
            "describe_alarms",
            {"CompositeAlarms": [composite_alarm("hookwatch-c", "OK", ActionsEnabled=False)]},
            "alarms mute",
            "warn",
            "enable-alarm-actions --alarm-names hookwatch-c",
        ),
        ("describe_budgets", {"Budgets": []}, "budget", "warn", "MonthlyBudget"),
        ("describe_budgets", refusal("AccessDeniedException"), "budget", "skip", "not allowed"),
    ],
)
def test_what_is_wrong_is_found(patient: Patient, *, operation: str, answer: Any, check: str, verdict: str, words: str):
    """One thing is wrong: its line says so and names the way out; only a failure ends with 1."""
    code, findings = patient.ill(operation, answer).examined()
    found = findings[check]
    assert found["verdict"] == verdict, found
    assert words in f"{found['sentence']} {found['fix']}"
    assert code == int(any(each["verdict"] == "fail" for each in findings.values()))
    assert SECRET not in json.dumps(findings)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("UPDATE_ROLLBACK_COMPLETE", "warn"), ("UPDATE_IN_PROGRESS", "warn"), ("CREATE_FAILED", "fail")],
)
def test_the_stacks_last_change_is_told(patient: Patient, status: str, verdict: str):
    """A change that failed or is under way is seen."""
    patient.aws.answers["describe_stacks"]["Stacks"][0]["StackStatus"] = status
    _, findings = patient.examined()
    assert findings["stack hookwatch"]["verdict"] == verdict


@pytest.mark.parametrize(("waiting", "given_up"), [(3, 0), (0, 2), (3, 2)])
def test_what_is_parked_warns_and_what_was_given_up_fails(patient: Patient, waiting: int, given_up: int):
    """Events in the queue come late, events behind it do not come."""
    depths = [{"Attributes": {"ApproximateNumberOfMessages": str(each)}} for each in (waiting, given_up)]
    code, findings = patient.ill("get_queue_attributes", depths).examined()
    assert findings["parking queue"]["verdict"] == ("warn" if waiting else "ok")
    assert findings["dead-letter queue"]["verdict"] == ("fail" if given_up else "ok")
    assert code == int(given_up > 0)


@pytest.mark.parametrize(
    ("status", "verdict"), [(401, "ok"), (403, "fail"), (429, "fail"), (502, "fail"), (200, "fail")]
)
def test_the_door_is_knocked_at(patient: Patient, status: int, verdict: str):
    """An unsigned request must be answered 401: a 200 is as wrong as a 403."""
    patient.door.unsigned = status
    _, findings = patient.examined()
    assert findings["url github"]["verdict"] == verdict


@pytest.mark.parametrize(
    ("status", "body", "verdict", "words"),
    [
        (200, b'{"outcome":"accepted"}', "ok", "on the bus"),
        (200, b'{"outcome":"parked"}', "warn", "parked"),
        (401, b'{"outcome":"bad_signature"}', "fail", "secret-out-of-sync"),
        (503, b'{"outcome":"secret_unavailable"}', "fail", "secret_unavailable"),
        (502, b"Internal Server Error", "fail", "status 502"),
    ],
)
def test_the_ping_must_verify(patient: Patient, status: int, body: bytes, verdict: str, words: str):
    """A signed heartbeat tells whether verification and the bus work, and its outcome says what does not."""
    patient.door.ping = (status, body)
    _, findings = patient.examined()
    found = findings["signed ping github"]
    assert found["verdict"] == verdict
    assert words in f"{found['sentence']} {found['fix']}"


def test_no_ping_sends_none(patient: Patient):
    """Whoever may not put even a heartbeat onto the bus leaves it out, and the report says so."""
    patient.door.ping = (500, b"")
    code, findings = patient.examined("--no-ping")
    assert findings["signed ping github"]["verdict"] == "skip"
    assert code == 0


def test_a_dead_url_is_a_finding(patient: Patient):
    """Where nothing listens, the line says so and the other checks go on."""
    outputs = patient.aws.answers["describe_stacks"]["Stacks"][0]["Outputs"]
    next(each for each in outputs if each["OutputKey"] == "GitHubFunctionUrl")["OutputValue"] = "http://127.0.0.1:1/"
    code, findings = patient.examined()
    assert code == 1
    assert findings["url github"]["verdict"] == "fail"
    assert findings["clock"]["verdict"] == "skip"
    assert findings["budget"]["verdict"] == "ok"


@pytest.mark.parametrize(("off_s", "verdict"), [(0, "ok"), (60, "warn"), (-60, "warn"), (3600, "fail")])
def test_the_clock_is_compared(patient: Patient, off_s: float, verdict: str):
    """A clock that is minutes off breaks signatures of AWS and tokens of GitHub's Apps."""
    patient.door.clock_off_s = off_s
    _, findings = patient.examined()
    assert findings["clock"]["verdict"] == verdict


def test_strict_counts_warnings(patient: Patient):
    """--strict is for pipelines: a warning ends with 1, too."""
    patient.ill("describe_budgets", {"Budgets": []})
    assert patient.examined()[0] == 0
    assert patient.examined("--strict")[0] == 1


def test_people_see_lines_and_fixes(patient: Patient):
    """Each finding is a line, with the fix below it, and no colour in a pipe."""
    code, out, _ = patient.ill("describe_budgets", {"Budgets": []}).run()
    assert code == 0
    assert "ok   stack hookwatch" in out
    assert "warn budget" in out
    assert "fix: deploy with MonthlyBudget" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal("ValidationError"), "there is no stack hookwatch"),
        (refusal("ExpiredToken"), "sign in again"),
        ({"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}, "is it hookwatch's?"),
    ],
)
def test_no_stack_is_misuse(patient: Patient, answer: Any, words: str):
    """Without a stack of ours there is nothing to examine: 2, and a sentence that says what to do."""
    code, _, err = patient.ill("describe_stacks", answer).run()
    assert code == 2
    assert words in err


def test_a_sandbox_that_does_not_run_is_misuse(patient: Patient):
    """A wrong address of a sandbox is said before anything is asked."""
    code, _, err = patient.run("--sandbox", "http://127.0.0.1:1")
    assert code == 2
    assert "hookwatch up" in err
    assert not patient.aws.asked
