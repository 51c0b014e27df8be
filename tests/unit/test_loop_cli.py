"""`hookwatch loop`: what selects what, what is printed, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.loop import app
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.loop_stop_selector import Asked, brakes
from loop_account import REGION, FakeAws, Function

OURS = {"HOOKWATCH_PROVIDER": "github", "HOOKWATCH_OWN_ACTORS": "", "HOOKWATCH_OWN_ACTOR_ACTION": "tag"}


@pytest.fixture
def aws() -> FakeAws:
    """The account that the commands see."""
    aws = FakeAws()
    aws.add_rule("OnComment", bus="hooks")
    aws.add_rule("OnComment")
    aws.functions = {name: Function(dict(OURS)) for name in ("s-github", "s-twilio", "consumer")}
    aws.outputs["hookwatch"] = {
        "GitHubFunctionName": "s-github",
        "TwilioFunctionName": "s-twilio",
        "EventBusArn": REGION.format("events", "event-bus/hooks"),
        "GitHubFunctionUrl": "https://x",
    }
    return aws


def run(aws: FakeAws, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), obj=lambda *_: Account(aws, aws.slept_s.append))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def run_json(aws: FakeAws, *arguments: str) -> tuple[int, Any]:
    code, out, _ = run(aws, *arguments, "--json")
    return code, json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (["--rule", "OnComment"], ["default/OnComment"]),
        (["--rule", "OnComment", "--bus", "hooks"], ["hooks/OnComment"]),
        (["--rule", "OnComment", "--bus", REGION.format("events", "event-bus/hooks")], ["hooks/OnComment"]),
        (["--rule", "OnComment", "--stack", "hookwatch"], ["hooks/OnComment"]),
        (["--actor", "bot"], ["bot at s-github", "bot at s-twilio"]),
        (["--actor", "+15005550006", "--function", "twilio"], ["+15005550006 at s-twilio"]),
        (["--actor", "bot", "--function", "s-github"], ["bot at s-github"]),
        (["--function", "github"], ["s-github"]),
        (["--function", "consumer"], ["consumer"]),
        (["--function", REGION.format("lambda", "function:consumer")], [REGION.format("lambda", "function:consumer")]),
    ],
)
def test_each_selector_means_what_it_says(aws: FakeAws, arguments: list[str], targets: list[str]) -> None:
    """Names come from the command, or from the outputs of the stack."""
    code, document = run_json(aws, "stop", *arguments)
    assert code == 0
    assert [change["target"] for change in document["changes"]] == targets
    assert aws.changes == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give --rule, --actor or --function"),
        (["--rule", "R", "--actor", "a"], "one brake at a time"),
        (["--rule", "R", "--function", "f"], "one brake at a time"),
        (["--actor", "a", "--bus", "b"], "--bus goes with --rule only"),
        (["--rule", "a rule"], "is not the name of a rule"),
        (["--rule", ""], "is not the name of a rule"),
        (["--rule", "R", "--bus", "b b"], "is not the name or ARN of an event bus"),
        (["--function", "f:live"], "without version or alias"),
        (["--function", "f f"], "without version or alias"),
        (["--actor", "a,b"], "without commas"),
        (["--actor", " a"], "without commas"),
        (["--actor", "a\nb"], "without commas"),
        (["--actor", "a", "--stack", "nope"], "there is no stack nope"),
        (["--rule", "Nope"], "there is no rule Nope on the bus default"),
        (["--function", "nope"], "there is no function nope"),
    ],
)
def test_misuse_ends_with_2_and_changes_nothing(aws: FakeAws, arguments: list[str], said: str) -> None:
    """A wrong command says what is wrong on stderr, nothing on stdout, and touches nothing."""
    code, out, error = run(aws, "stop", *arguments, "--yes")
    assert (code, out, aws.changes) == (2, "", [])
    assert said in " ".join(error.split())
    assert "Traceback" not in error


def test_a_dry_run_shows_calls_and_costs_and_how_to_go_on(aws: FakeAws) -> None:
    """People see the very calls, before and after, what it costs, and that nothing was changed."""
    code, out, _ = run(aws, "stop", "--rule", "OnComment")
    assert (code, aws.changes) == (0, [])
    for part in (
        "planned: stop rule default/OnComment",
        "state: ENABLED -> DISABLED",
        "$ aws events disable-rule --name OnComment --event-bus-name default",
        "while it lasts:",
        "Nothing was changed. Add --yes to do it.",
    ):
        assert part in out


def test_a_stop_is_done_shown_and_undone(aws: FakeAws) -> None:
    """stop, status and resume agree about one stop."""
    before = aws.state()
    code, document = run_json(aws, "status")
    assert (code, document["stops"], document["buses"]) == (0, [], ["hooks"])
    code, out, _ = run(aws, "stop", "--actor", "acme-bot[bot]", "--function", "github", "--yes")
    assert code == 0
    assert "done: stop actor acme-bot[bot] at s-github" in out
    code, document = run_json(aws, "status")
    assert code == 1
    assert [stop["target"] for stop in document["stops"]] == ["acme-bot[bot] at s-github"]
    assert document["stops"][0]["resume"] == "hookwatch loop resume --actor 'acme-bot[bot]' --function s-github --yes"
    assert document["functions"][0]["own_actors"] == "acme-bot[bot]"
    code, out, _ = run(aws, "status")
    assert code == 1
    assert "hookwatch loop resume --actor 'acme-bot[bot]' --function s-github --yes" in out
    assert run(aws, "resume", "--actor", "acme-bot[bot]", "--function", "github", "--yes")[0] == 0
    assert aws.state() == before
    assert run(aws, "status")[0] == 0


def test_status_finds_a_disabled_rule_behind_the_first_page(aws: FakeAws) -> None:
    """All rules of the stack's bus are looked at, however many there are."""
    for number in range(150):
        aws.add_rule(f"R{number:03}", bus="hooks")
    run(aws, "stop", "--rule", "R149", "--bus", "hooks", "--yes")
    assert [stop["target"] for stop in run_json(aws, "status")[1]["stops"]] == ["hooks/R149"]
    assert run_json(aws, "status", "--rule", "R149", "--bus", "hooks")[0] == 1
    assert run_json(aws, "status", "--rule", "R149", "--bus", "hooks")[1]["functions"] == []
    assert run_json(aws, "status", "--function", "consumer")[1]["buses"] == []


def test_a_race_ends_with_1_and_says_so(aws: FakeAws) -> None:
    """Who loses a race is told to look again, and the other change stays."""
    aws.refuse["update_function_configuration"] = "PreconditionFailedException"
    code, out, error = run(aws, "stop", "--actor", "bot", "--function", "github", "--yes")
    assert code == 1
    assert "failed: stop actor" in out
    assert "bot at s-github: it was changed by somebody else" in error


def test_one_wrong_function_keeps_the_right_one_untouched(aws: FakeAws) -> None:
    """All plans are made before the first is carried out."""
    aws.functions["s-twilio"].variables = {}
    assert run(aws, "stop", "--actor", "bot", "--yes")[0] == 2
    assert aws.changes == []


def test_resuming_what_somebody_else_stopped_ends_with_1(aws: FakeAws) -> None:
    """A stop without a record is somebody's decision, which a script must not undo."""
    aws.functions["consumer"].reserved = 0
    code, out, error = run(aws, "resume", "--function", "consumer", "--yes")
    assert (code, out) == (1, "")
    assert "delete-function-concurrency --function-name consumer" in error


def test_a_stack_without_functions_is_no_stack_of_ours(aws: FakeAws) -> None:
    """The selector refuses a stack that it cannot read names from, and a provider that the stack does not have."""
    aws.outputs |= {"empty": {}, "half": {"GitHubFunctionName": "s-github"}}
    here = Account(aws)
    for asked, said in (
        (Asked(actor="a", stack="empty"), "no output that names a function"),
        (Asked(function="twilio", stack="half"), "the stack half has no function for twilio"),
    ):
        refused = brakes(here, asked)
        assert isinstance(refused, Problem)
        assert said in refused.message
