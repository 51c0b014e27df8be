"""The sweeper, its schedule and its role, as template.yaml makes them."""

from __future__ import annotations

from typing import Any

import pytest

from hookwatch.cfn import TemplateError
from hookwatch.recover import sweeper_app, sweeper_claims, sweeper_settings
from hookwatch.recover.github_limits import CHANGE_EVERY_S
from hookwatch.recover.github_model import Scope
from sam_template import broken_rules, deployed, environment, of_type, statements

TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf"
ON: dict[str, Any] = {"Sweeper": "on", "SweeperRepository": "octo-org/hello-world", "SweeperTokenSecretArn": TOKEN}


def test_there_is_no_sweeper_unless_it_was_asked_for() -> None:
    """Off by default: no function, no role, no schedule, no output, and no alarm on it."""
    stack = deployed()
    assert not [name for name in stack.resources if name.startswith("Sweeper")]
    assert "SweeperFunction" not in stack.outputs
    assert stack.resources["Alarms"].properties["Parameters"]["SweeperFunctionName"] == ""


def test_a_sweeper_that_waits_for_approval_has_no_alarm_on_its_silence() -> None:
    """Nothing starts it by itself, so that an alarm on its silence would begin with the stack and never end."""
    stack = deployed(**ON | {"Sweeper": "approval"})
    assert "SweeperFunction" in stack.resources
    for nested in ("Alarms", "Dashboards"):
        assert stack.resources[nested].properties["Parameters"]["SweeperFunctionName"] == "", nested
    assert stack.resources["Runbooks"].properties["Parameters"]["SweeperFunctionName"] != ""


def test_the_role_allows_what_a_sweep_does() -> None:
    """It reads one secret, claims under one prefix, reads alarms, and writes one log."""
    stack = deployed(**ON)
    bucket = str(stack.outputs["ClaimBucketName"])
    allowed = {
        each["Sid"]: (each["Action"], str(each["Resource"]).replace(bucket, "BUCKET"))
        for each in statements(stack, "SweeperFunctionRole")
    }
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/hooks-sweeper:*"
    assert allowed == {
        "ReadItsToken": ("secretsmanager:GetSecretValue", TOKEN),
        "ClaimDeliveries": (["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::BUCKET/{sweeper_claims.PREFIX}*"),
        "ReadTheLoopAlarm": ("cloudwatch:DescribeAlarms", "*"),
        "WriteItsLog": (["logs:CreateLogStream", "logs:PutLogEvents"], group),
        "SendTraces": (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    }


def test_the_schedule_starts_it_every_quarter_of_an_hour_and_may_do_nothing_else() -> None:
    """EventBridge Scheduler invokes one function, and does not try again: the next run is the retry."""
    stack = deployed(**ON)
    (schedule,) = of_type(stack, "AWS::Scheduler::Schedule").values()
    assert schedule.properties["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule.properties["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    (statement,) = statements(stack, "SweeperScheduleRole")
    assert statement["Action"] == "lambda:InvokeFunction"
    assert schedule.properties["Target"]["Arn"] == statement["Resource"]
    assert str(statement["Resource"]).endswith(":function:hooks-sweeper")


def test_the_environment_is_what_the_sweeper_reads() -> None:
    """The template sets exactly what the function reads, and it starts with it."""
    variables = environment(deployed(**ON), "SweeperFunction")
    assert set(sweeper_settings.VARIABLES) <= set(variables)
    settings = sweeper_settings.load(variables)
    assert (settings.scope, settings.hook, settings.stack) == (
        Scope("repository", "octo-org/hello-world"),
        None,
        "hooks",
    )
    assert settings.api_url == "https://api.github.com"


def test_a_run_has_time_for_what_it_may_ask_for() -> None:
    """The largest cap, one a second, and the proof afterwards end before Lambda does."""
    stack = deployed(**ON, SweeperMaxPerRun=150)
    timeout_s = stack.resources["SweeperFunction"].properties["Timeout"]
    assert timeout_s > 150 * CHANGE_EVERY_S + sweeper_app.RESERVE_S
    with pytest.raises(TemplateError, match="SweeperMaxPerRun"):
        deployed(**ON, SweeperMaxPerRun=151)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"SweeperRepository": ""}, "needs SweeperRepository or SweeperOrganization"),
        ({"SweeperOrganization": "octo-org"}, "not both"),
        ({"SweeperTokenSecretArn": ""}, "needs SweeperTokenSecretArn"),
        ({"EnableGitHub": "false"}, "Set EnableGitHub to true"),
    ],
)
def test_a_sweeper_that_could_not_work_is_refused(parameters: dict[str, Any], said: str) -> None:
    """The deployment fails in its first second, with a sentence."""
    right = {"GitHubWebhookSecret": "s", "TwilioWebhookSecret": "t", **ON}
    (broken,) = broken_rules(**{**right, **parameters})
    assert said in broken
    assert broken_rules(**right) == []


def test_a_token_is_never_sent_where_others_can_read_it() -> None:
    """GitHub's API is asked over https, but for a rehearsal on the same machine."""
    with pytest.raises(TemplateError, match="SweeperApiUrl"):
        deployed(**ON, SweeperApiUrl="http://example.com")
    assert environment(deployed(**ON, SweeperApiUrl="http://127.0.0.1:9/fake/github"), "SweeperFunction")


def test_alarms_and_dashboards_know_the_sweeper() -> None:
    """Both nested stacks get its name."""
    stack = deployed(**ON)
    for nested in ("Alarms", "Dashboards"):
        assert stack.resources[nested].properties["Parameters"]["SweeperFunctionName"] == "hooks-sweeper"
