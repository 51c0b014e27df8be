"""`hookwatch replay archive`: times, what is checked before, what is started, and how it is followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hookwatch.cli.replay import app
from hookwatch.recover.archive_model import Asked, Progress
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.moments import moment, shown
from hookwatch.recover.problem import Problem
from parked_account import BUS_ARN, FakeAws

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
ARCHIVE_ARN = "arn:aws:events:us-east-1:123456789012:archive/archive"
RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/hooks/{}"


@pytest.fixture
def aws() -> FakeAws:
    """An account whose archive is ten days old, and two rules on its bus."""
    aws = FakeAws()
    aws.archives["archive"] = {
        "ArchiveArn": ARCHIVE_ARN,
        "EventSourceArn": BUS_ARN,
        "State": "ENABLED",
        "CreationTime": datetime.now(UTC) - timedelta(days=10),
        "RetentionDays": 0,
        "EventCount": 4711,
        "SizeBytes": 1,
    }
    for name in ("OnPush", "OnIssue"):
        aws.rules["hooks", name] = {"Arn": RULE_ARN.format(name), "State": "ENABLED"}
    return aws


def run(aws: FakeAws, *arguments: str, slept: list[float] | None = None) -> tuple[int, str, str]:
    pause = [].append if slept is None else slept.append
    done = CliRunner().invoke(app, ["archive", *arguments], obj=lambda *_: Account(aws, pause))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def run_json(aws: FakeAws, *arguments: str) -> tuple[int, Any]:
    code, out, _ = run(aws, *arguments, "--json")
    return code, json.loads(out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-27T22:00:00Z"),
        ("6h", "2026-11-27T16:00:00Z"),
        ("30 min ago", "2026-11-27T21:30:00Z"),
        ("2 d ago", "2026-11-25T22:00:00Z"),
        ("1w", "2026-11-20T22:00:00Z"),
        ("90s", "2026-11-27T21:58:30Z"),
        ("2026-11-27T20:00Z", "2026-11-27T20:00:00Z"),
        ("2026-11-27T21:00+01:00", "2026-11-27T20:00:00Z"),
        ("2026-11-27 20:00:30", "2026-11-27T20:00:30Z"),
        (" 2026-11-27 ", "2026-11-27T00:00:00Z"),
    ],
)
def test_times_are_understood(text: str, expected: str) -> None:
    """ISO 8601 with or without an offset, and spans; without an offset it is UTC."""
    found = moment(text, NOW, "--from")
    assert isinstance(found, datetime)
    assert shown(found) == expected


@given(st.text(max_size=20) | st.from_regex(r"\d{1,8} ?[smhdw]"))
def test_no_text_breaks_the_clock(text: str) -> None:
    """Every other text is no time, or one; never an exception."""
    found = moment(text, NOW, "--from")
    assert isinstance(found, Problem) or found.tzinfo is UTC


def test_a_dry_run_shows_everything_and_starts_nothing(aws: FakeAws) -> None:
    """Archive, span, rules, what it does to consumers, and how to go on."""
    code, out, _ = run(aws, "--from", "6h", "--to", "5h", "--rule", "OnPush")
    assert (code, aws.changes) == (0, [])
    for part in ("about 4711 events", "OnPush", "duplicates", "loop", "Nothing was started. Add --yes"):
        assert part in out
    assert "ALL rules" not in out
    document = run_json(aws, "--from", "6h", "--to", "now")[1]
    assert (document["dry_run"], document["rules"], document["state"]) == (True, {}, None)
    assert any("ALL rules" in warning for warning in document["warnings"])
    assert any("ten minutes late" in warning for warning in document["warnings"])


def test_a_replay_goes_to_the_named_rules_only(aws: FakeAws) -> None:
    """StartReplay gets the archive, the span, the bus and the ARNs of the rules."""
    arguments = ["--from", "2025-11-25T18:00Z", "--to", "2025-11-25T19:00Z", "--rule", "OnPush", "--rule", "OnIssue"]
    aws.archives["archive"]["CreationTime"] = datetime(2025, 1, 1, tzinfo=UTC)
    code, out, _ = run(aws, *arguments, "--yes")
    (started,) = aws.replays
    assert code == 0
    assert started["EventSourceArn"] == ARCHIVE_ARN
    assert started["Destination"] == {
        "Arn": BUS_ARN,
        "FilterArns": [RULE_ARN.format("OnPush"), RULE_ARN.format("OnIssue")],
    }
    assert started["EventStartTime"] == datetime(2025, 11, 25, 18, tzinfo=UTC)
    assert started["EventEndTime"] == datetime(2025, 11, 25, 19, tzinfo=UTC)
    assert len(started["ReplayName"]) <= 64
    assert f"aws events cancel-replay --replay-name {started['ReplayName']}" in out


def test_without_rules_everybody_hears_it(aws: FakeAws) -> None:
    """No --rule means no filter."""
    run(aws, "--from", "6h", "--to", "5h", "--yes")
    assert aws.replays[0]["Destination"] == {"Arn": BUS_ARN}


@pytest.mark.parametrize(("end", "code"), [("COMPLETED", 0), ("FAILED", 1), ("CANCELLED", 1)])
def test_a_replay_is_followed_to_its_end(aws: FakeAws, end: str, code: int) -> None:
    """--wait stays until it is over; the exit code says how it ended."""
    half = datetime.now(UTC) - timedelta(hours=5.5)
    aws.states = [
        {"State": "STARTING"},
        {"State": "RUNNING", "EventLastReplayedTime": half},
        {"State": end, "StateReason": "so"},
    ]
    slept: list[float] = []
    found, out, _ = run(aws, "--from", "6h", "--to", "5h", "--yes", "--wait", slept=slept)
    assert found == code
    assert f"{end.lower()}  hookwatch-" in out
    assert slept == [2.0, 2.0]
    aws.replays.clear()
    aws.states = [{"State": end}]
    assert run_json(aws, "--from", "6h", "--to", "5h", "--yes", "--wait")[1]["state"] == end


def test_the_share_is_that_of_the_span() -> None:
    """The bar stands where the last event lies between the two times."""
    asked = Asked(NOW, NOW + timedelta(hours=4))
    assert Progress("RUNNING", "", None).share(asked) == 0.0
    assert Progress("RUNNING", "", NOW + timedelta(hours=1)).share(asked) == 0.25
    assert Progress("RUNNING", "", NOW - timedelta(hours=1)).share(asked) == 0.0
    assert Progress("RUNNING", "", NOW + timedelta(hours=9)).share(asked) == 1.0
    assert Progress("COMPLETED", "", None).share(asked) == 1.0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--from", "5h", "--to", "6h"], 2, "is not before --to"),
        (["--from", "6h", "--to", "6h"], 2, "is not before --to"),
        (["--from", "2999-01-01", "--to", "2999-01-02"], 2, "is in the future"),
        (["--from", "yesterday", "--to", "now"], 2, "--from 'yesterday' is neither a span such as 90m, 6h"),
        (["--from", "6h", "--to", "soon"], 2, "--to 'soon' is neither a span"),
        (["--from", "11d", "--to", "now"], 1, "does not cover"),
        (["--from", "6h", "--to", "5h", "--rule", "Nope"], 2, "there is no rule Nope on the bus hooks"),
        (["--from", "6h", "--to", "5h", "--rule", "Off"], 1, "the rule Off is disabled"),
        (["--from", "6h", "--to", "5h", "--stack", "nope"], 2, "there is no stack nope"),
        (["--from", "6h", "--to", "5h", "--archive", "nope"], 2, "there is no archive nope"),
    ],
)
def test_what_cannot_be_replayed_is_one_sentence(aws: FakeAws, arguments: list[str], code: int, said: str) -> None:
    """A wrong span, a rule or an archive that is not there: nothing is started, and the sentence says what to do."""
    aws.rules["hooks", "Off"] = {"Arn": "arn", "State": "DISABLED"}
    found, out, error = run(aws, *arguments, "--yes")
    assert (found, out, aws.changes) == (code, "", [])
    assert said in " ".join(error.split())


@pytest.mark.parametrize(
    ("days", "since", "code"), [(3, "2d", 0), (3, "4d", 1), (30, "9d", 0), (30, "11d", 1), (0, "9d", 0)]
)
def test_the_span_must_be_kept(aws: FakeAws, days: int, since: str, code: int) -> None:
    """What is older than the retention, or than the archive, is not there any more or never was."""
    aws.archives["archive"]["RetentionDays"] = days
    found, _, error = run(aws, "--from", since, "--to", "now")
    assert found == code
    assert bool(code) == ("Give --from 20" in error)


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "CANCELLING"])
def test_one_replay_at_a_time(aws: FakeAws, state: str) -> None:
    """While one of this archive runs no other is started, and the sentence names it."""
    aws.replays.append({"ReplayName": "other", "State": state})
    code, _, error = run(aws, "--from", "6h", "--to", "5h", "--yes")
    assert (code, aws.changes) == (1, [])
    assert f"the replay other of this archive is {state}" in error


@pytest.mark.parametrize(
    ("operation", "error", "code", "said"),
    [
        ("describe_archive", "AccessDeniedException", 2, "not allowed to describe archive"),
        ("describe_rule", "AccessDeniedException", 2, "not allowed to describe rule"),
        ("list_replays", "AccessDeniedException", 2, "not allowed to list replays"),
        ("start_replay", "LimitExceededException", 1, "ten replays run in this account already"),
        ("start_replay", "AccessDeniedException", 2, "not allowed to start replay"),
        ("describe_replay", "AccessDeniedException", 2, "not allowed to describe replay"),
    ],
)
def test_what_aws_refuses_is_one_sentence(aws: FakeAws, operation: str, error: str, code: int, said: str) -> None:
    """Every call may be refused, and each time one sentence says which."""
    aws.refuse[operation] = error
    found, _, text = run(aws, "--from", "6h", "--to", "5h", "--rule", "OnPush", "--yes", "--wait")
    assert found == code
    assert said in text
    assert "Traceback" not in text


@pytest.mark.parametrize("state", ["CREATING", "UPDATE_FAILED", "DISABLED"])
def test_an_archive_that_is_not_ready_is_said_to_be_so(aws: FakeAws, state: str) -> None:
    """Only an enabled archive is replayed."""
    aws.archives["archive"]["State"] = state
    code, _, error = run(aws, "--from", "6h", "--to", "5h")
    assert code == 1
    assert f"the archive archive is {state}" in error


def test_a_stack_without_an_archive_says_how_to_get_one(aws: FakeAws) -> None:
    """ArchiveRetentionDays is named."""
    del aws.outputs["hookwatch"]["ArchiveName"]
    code, _, error = run(aws, "--from", "6h", "--to", "5h")
    assert code == 2
    assert "deploy it with ArchiveRetentionDays" in error


def test_leaving_the_wait_says_that_it_goes_on(aws: FakeAws) -> None:
    """After Ctrl-C the replay runs on, and the sentence has the command that ends it."""
    aws.states = [{"State": "RUNNING"}]
    aws.interrupt = "describe_replay"
    code, _, error = run(aws, "--from", "6h", "--to", "5h", "--yes", "--wait")
    assert code == 1
    assert "goes on without us; `aws events cancel-replay --replay-name hookwatch-" in error
