"""`hookwatch redeliver github` from its options to its exit code, against a fake GitHub over real HTTP."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import NoCredentialsError, NoRegionError
from typer.testing import CliRunner

from github_rig import APP, ORG, REPO, SECRET, TOKEN, Answers, caller_of, rsa_key
from hookwatch.cli.redeliver import app
from hookwatch.recover.github_journal import journal_path, open_journal
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from loop_account import FakeAws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILED = Posted("Invalid HTTP Response: 503", 503)
HOUR_S = 3600
FAST = ("--pace", "0", "--points", "100000", "--settle", "5")


class Rig:
    def __init__(self, world: FakeGitHub, answers: Answers, aws: FakeAws) -> None:
        self.world, self.answers, self.aws = world, answers, aws
        self.hook = world.hooks[5]

    def fail(self, guid: str, posted: Posted = FAILED, age_s: float = HOUR_S, event: str = "push", **more: Any) -> int:
        return self.world.record(self.hook, Event(guid, event, **more), posted, age_s=age_s).id

    def run(self, *arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(
            app, ["github", *arguments], obj=lambda *_: Account(self.aws, self.aws.slept_s.append)
        )
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert TOKEN not in done.stdout + done.stderr
        return done.exit_code, done.stdout, " ".join(done.stderr.split())

    def run_json(self, *arguments: str) -> tuple[int, Any]:
        code, out, error = self.run("--repo", REPO.name, *arguments, "--json")
        assert out, error
        return code, json.loads(out)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """One repository hook, its URL answering 200 from now on, and an account without a loop."""
    answers, aws = Answers(), FakeAws()
    aws.alarms["hookwatch-loop-or-spend"] = "OK"
    aws.outputs["hookwatch"] = {}
    world = FakeGitHub(time.time, answers)
    world.limits.points_a_minute = 1_000_000
    world.add_hook(FakeHook(5, "repository", REPO.name, "https://ours.example/", SECRET, target_id=123))
    world.add_token(TOKEN, REPO.name, ORG.name)
    with serving(world) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        yield Rig(world, answers, aws)


def test_the_plan_is_shown_and_nothing_is_changed(rig: Rig) -> None:
    """How many, of what, why, and hours left; without --yes not one POST is made."""
    rig.fail("a", age_s=70 * HOUR_S, event="issues", action="opened")
    rig.fail("b", Posted("Invalid HTTP Response: 401", 401))
    code, out, _ = rig.run("--repo", REPO.name)
    assert (code, rig.world.attempts) == (1, [])
    for part in (
        "the repository octo-org/hello-world, hook 5: 2 attempts read, 0 deliveries arrived",
        "server_error (503)",
        "issues.opened x 1",
        "2.0",
        "fix first",
        "runbooks/secret-out-of-sync.md",
        "GitHub forgets 1 of what is missing in less than 12 hours",
        "Nothing was changed. Add --yes to bring back 1.",
    ):
        assert part in out


def test_what_failed_is_redelivered_and_verified(rig: Rig) -> None:
    """GitHub is asked once for each, its record is read again, and a second run has nothing to do."""
    ids = [rig.fail(guid) for guid in "abc"]
    rig.world.record(rig.hook, Event("fine", "push"), Posted())
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["ok"], document["recovered"]) == (0, True, 3)
    assert [delivery for _, delivery in rig.world.attempts] == ids
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["planned"], len(rig.world.attempts)) == (0, 0, 3)
    assert document["done"] == 4


def test_what_fails_again_is_reported_and_capped(rig: Rig) -> None:
    """A URL that is still down costs three redeliveries of a delivery and no more."""
    rig.fail("a")
    rig.answers.posted = FAILED
    for _ in range(3):
        code, document = rig.run_json("--yes", *FAST)
        assert (code, document["verified"]["failed"]) == (1, [{"guid": "a", "cause": "server_error"}])
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["plan"][0]["verdict"], len(rig.world.attempts)) == (1, "tried enough", 3)


def test_what_does_not_show_up_is_pending_and_not_asked_for_twice(rig: Rig) -> None:
    """GitHub may take minutes: until it shows, nothing is asked for again, by this run or the next."""
    rig.fail("a")
    rig.world.sending.clear()
    code, document = rig.run_json("--yes", "--pace", "0", "--settle", "0")
    assert (code, document["verified"]["pending"]) == (1, ["a"])
    code, document = rig.run_json("--yes", "--pace", "0")
    assert (code, document["plan"][0]["verdict"], len(rig.world.attempts)) == (1, "under way", 1)


def test_only_what_is_asked_for_is_redelivered(rig: Rig) -> None:
    """Filters, a maximum and the oldest first."""
    rig.fail("old", age_s=9 * HOUR_S, event="issues", action="opened")
    first = rig.fail("first", age_s=3 * HOUR_S, event="issues", action="opened")
    rig.fail("second", age_s=2 * HOUR_S, event="issues", action="opened")
    rig.fail("other")
    rig.fail("closed", event="issues", action="closed")
    code, document = rig.run_json(
        "--yes", *FAST, "--since", "6h", "--event", "issues", "--action", "opened", "--max", "1"
    )
    assert (code, document["filtered"], document["missing"]) == (1, 2, 1)
    assert rig.world.attempts == [(5, first)]


def test_a_firing_loop_alarm_stops_everything(rig: Rig) -> None:
    """No redelivery feeds a loop; an ignored alarm needs a reason, which is told."""
    rig.fail("a")
    rig.aws.alarms["hookwatch-loop-or-spend"] = "ALARM"
    code, out, error = rig.run("--repo", REPO.name, "--yes", *FAST)
    assert (code, out, rig.world.attempts) == (1, "", [])
    assert "the alarm hookwatch-loop-or-spend is firing" in error
    code, document = rig.run_json("--yes", *FAST, "--ignore-loop-alarm", "it is the redelivery of yesterday")
    assert (code, document["notes"]) == (0, ["the loop alarm was ignored: it is the redelivery of yesterday"])


def test_an_alarm_that_cannot_be_read_is_no_permission(rig: Rig) -> None:
    """Not knowing whether a loop runs is a reason to stop, and the sentence says how to go on."""
    rig.fail("a")
    rig.aws.refuse["describe_alarms"] = "AccessDenied"
    code, _, error = rig.run("--repo", REPO.name, "--yes", *FAST)
    assert (code, rig.world.attempts) == (2, [])
    assert "--ignore-loop-alarm REASON goes on without" in error


def test_an_alarm_that_is_not_there_is_no_permission_either(rig: Rig) -> None:
    """A wrong name or Region has no alarm that could fire, and no sweeper's claims: nothing is sent."""
    rig.fail("a")
    code, _, error = rig.run("--repo", REPO.name, "--yes", *FAST, "--stack", "hokwatch")
    assert (code, rig.world.attempts) == (2, [])
    assert "this account and Region have no alarm hokwatch-loop-or-spend. Name the stack with --stack" in error
    rig.aws.alarms["hokwatch-rules-loop"] = "OK"
    code, _, error = rig.run("--repo", REPO.name, "--yes", *FAST, "--stack", "hokwatch")
    assert (code, rig.world.attempts) == (2, [])
    assert "whether a sweeper brings back the same deliveries cannot be told (there is no stack hokwatch" in error
    assert "--region" in error
    code, document = rig.run_json("--yes", *FAST, "--stack", "hokwatch", "--ignore-loop-alarm", "I have no stack")
    assert (code, document["recovered"]) == (0, 1)
    assert "there is no stack hokwatch in this account and Region" in document["notes"][1]


def test_a_stack_that_cannot_be_read_may_have_a_sweeper(rig: Rig) -> None:
    """Whose claims nobody can look at, that one is not run beside; who says why goes on, and it is told."""
    rig.fail("a")
    rig.aws.refuse["describe_stacks"] = "AccessDenied"
    code, _, error = rig.run("--repo", REPO.name, "--yes", *FAST)
    assert (code, rig.world.attempts) == (2, [])
    assert "cannot be told (not allowed to describe stacks: no). Name the stack with --stack" in error
    code, document = rig.run_json("--yes", *FAST, "--ignore-loop-alarm", "AWS itself is down")
    assert (code, len(rig.world.attempts)) == (0, 1)
    assert document["notes"][1].startswith("no sweeper's claims are heeded: whether a sweeper brings back the same")


@pytest.mark.parametrize("nobody", [NoRegionError, NoCredentialsError])
def test_without_any_aws_account_github_is_asked_all_the_same(
    rig: Rig, nobody: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody said which account there is no alarm to read: it goes on, and says that nothing is watched."""

    def nowhere(_aws: FakeAws, _service: str) -> None:
        raise nobody

    monkeypatch.setattr(FakeAws, "__call__", nowhere)
    rig.fail("a")
    code, document = rig.run_json("--hook", "5", "--yes", *FAST)
    assert (code, document["recovered"]) == (0, 1)
    assert document["notes"] == ["no loop alarm is watched: this shell is signed in to no AWS account"]


def test_a_loop_that_begins_in_the_middle_stops_the_run(rig: Rig) -> None:
    """The alarm is looked at again every 25 deliveries, and the rest waits for the next run."""
    for number in range(60):
        rig.fail(f"g{number}")
    begin = rig.aws.alarms

    class Firing(dict[str, str]):
        def items(self) -> Any:
            state = "ALARM" if len(rig.world.attempts) >= 20 else "OK"
            return {"hookwatch-loop-or-spend": state}.items()

    rig.aws.alarms = Firing()
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["asked"]) == (1, 25)
    assert "is firing" in document["run"]["stopped"]
    rig.aws.alarms = begin
    code, document = rig.run_json("--yes", *FAST)
    assert (code, len(rig.world.attempts), len(set(rig.world.attempts))) == (0, 60, 60)


def test_a_hook_is_chosen_by_the_stacks_url(rig: Rig) -> None:
    """Of several hooks the stack's own is meant; if none is, the command lists them and asks."""
    rig.world.add_hook(FakeHook(7, "repository", REPO.name, "https://other.example/", SECRET))
    rig.aws.outputs["hookwatch"] = {"GitHubFunctionUrl": "https://ours.example"}
    code, document = rig.run_json()
    assert (code, document["hooks"]) == (0, [5])
    rig.aws.outputs.clear()
    code, out, error = rig.run("--repo", REPO.name)
    assert (code, out) == (2, "")
    assert "Give --hook: there are 5 (https://ours.example/), 7 (https://other.example/)" in error
    assert rig.run_json("--hook", "7")[1]["hooks"] == [7]
    code, _, error = rig.run("--repo", REPO.name, "--hook", "8")
    assert code == 2
    assert "has no hook 8" in error


def test_another_systems_hook_is_not_ours_even_if_it_is_the_only_one(rig: Rig) -> None:
    """Who knows the stack's URL takes no hook that points elsewhere, unless it is named."""
    rig.fail("a")
    rig.aws.outputs["hookwatch"] = {"GitHubFunctionUrl": "https://theirs.example/"}
    code, out, error = rig.run("--repo", REPO.name, "--yes", *FAST)
    assert (code, out, rig.world.attempts) == (2, "", [])
    assert "points to https://theirs.example/: where another address stands in front of it, name the hook" in error
    assert "there are 5 (https://ours.example/)" in error
    assert rig.run_json("--hook", "5")[1]["hooks"] == [5]


def test_an_apps_deliveries_are_narrowed_to_a_repository_by_its_name(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An App's key opens no repository, so names are read from payloads; a number needs no reading."""
    private, public = rsa_key()
    rig.world.guests.apps["42"] = [public]
    rig.hook = rig.world.add_hook(FakeHook(9, "app", "42", "https://ours.example/", SECRET))
    for number, name in ((1, "o/one"), (2, "o/two")):
        payload = json.dumps({"repository": {"id": number, "full_name": name}}).encode()
        rig.fail(f"g{number}", payload=payload, repository_id=number)
    monkeypatch.setenv("GITHUB_APP_ID", "42")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", private)
    for repository in ("o/two", "2"):
        code, out, error = rig.run("--app", "--repository", repository, "--json")
        assert (code, error) == (1, "")
        assert [each["guid"] for each in json.loads(out)["deliveries"]] == ["g2"], APP
    code, _, error = rig.run("--app", "--repository", "o/three")
    assert (code, "no failed delivery is of the repository o/three" in error) == (1, True)


def test_a_secondary_limit_in_the_middle_is_survived(rig: Rig) -> None:
    """The run waits as long as GitHub asks for and loses nothing."""
    ids = [rig.fail(f"g{number}") for number in range(10)]
    rig.world.limits.inject(after=4, times=1, retry_after_s=1)
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["recovered"]) == (0, 10)
    assert [delivery for _, delivery in rig.world.attempts] == ids


def test_an_hour_of_limit_stops_the_run_resumably(rig: Rig) -> None:
    """The command ends with when to come back; the same command then does the rest and nothing twice."""
    for number in range(10):
        rig.fail(f"g{number}")
    rig.world.limits.inject(after=4, times=1, retry_after_s=3600)
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["asked"]) == (1, 4)
    assert "for another 60 minutes" in document["run"]["stopped"]
    code, document = rig.run_json("--yes", *FAST)
    assert (code, len(rig.world.attempts), len(set(rig.world.attempts))) == (0, 10, 10)


def test_a_used_up_hour_ends_the_reading_as_something_found(rig: Rig) -> None:
    """Rate limited for an hour is no misuse: exit 1, and a sentence."""
    rig.world.limits.exhaust(caller_of(rig.world), for_s=3600)
    code, out, error = rig.run("--repo", REPO.name)
    assert (code, out) == (1, "")
    assert "run the same command then" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give one of --repo OWNER/NAME, --org NAME or --app"),
        (["--repo", "a/b", "--org", "c"], "Give one of"),
        (["--repo", "nonsense"], "is not a repository"),
        (["--org", "a/b"], "is not the name of an organization"),
        (["--repo", "a/b", "--since", "yesterday"], "neither a span such as 90m, 6h or 2d"),
        (["--repo", "a/b", "--since", "1h", "--until", "2h"], "--since is not before --until"),
        (["--repo", "a/b", "--status", "600"], "is not 503, 5xx or one of"),
        (["--repo", "a/b", "--event", "Push!"], "is not the name of an event"),
        (["--repo", "a/b", "--action", ""], "is not an action"),
        (["--repo", "a/b", "--repository", "x"], "is not OWNER/NAME"),
        (["--repo", "a/b", "--unproven"], "goes with --reinject only"),
        (["--repo", "a/b"], "GitHub knows nothing of the hooks of the repository a/b"),
        (["--app"], "Set GITHUB_APP_ID"),
    ],
)
def test_misuse_ends_with_2_and_changes_nothing(rig: Rig, arguments: list[str], said: str) -> None:
    """A wrong command says what is wrong on stderr, nothing on stdout, and asks for nothing."""
    code, out, error = rig.run(*arguments, "--yes")
    assert (code, out, rig.world.attempts) == (2, "", [])
    assert said in error


def test_a_wrong_token_ends_with_2(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not shown."""
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong")
    code, out, error = rig.run("--repo", REPO.name)
    assert (code, out) == (2, "")
    assert "does not take this token" in error
    assert "ghp_wrong" not in error


def test_two_runs_at_once_are_one(rig: Rig) -> None:
    """A second run of the same scope waits for nobody and does nothing; a plan may be looked at."""
    rig.fail("a")
    path = journal_path(os.environ, os.environ["GITHUB_API_URL"], str(REPO))
    with open_journal(path, datetime.now(UTC)):
        code, _, error = rig.run("--repo", REPO.name, "--yes", *FAST)
        assert (code, rig.world.attempts) == (1, [])
        assert "another run is bringing back deliveries" in error
        assert rig.run_json()[1]["planned"] == 1


def test_a_lost_or_torn_state_file_is_safe(rig: Rig, tmp_path: Path) -> None:
    """GitHub's own record comes first: without any memory a second run still does nothing."""
    rig.fail("a")
    assert rig.run_json("--yes", *FAST)[0] == 0
    (file,) = tmp_path.rglob("*.jsonl")
    assert file.stat().st_mode & 0o077 == 0
    for text in ("", '{"hook": 5, "guid": "a", "id"', "[]\nnull\n{}\n"):
        file.write_text(text)
        assert rig.run_json("--yes", *FAST)[0] == 0
    assert len(rig.world.attempts) == 1


def test_a_delivery_that_github_refuses_is_told_and_the_others_go_on(rig: Rig) -> None:
    """One that expired between plan and POST costs nothing but its own line."""
    ids = [rig.fail(f"g{number}") for number in range(3)]
    find = rig.world.find
    rig.world.find = lambda hook, number: None if number == ids[1] else find(hook, number)  # type: ignore[method-assign] # a delivery that is gone
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["asked"], document["recovered"]) == (1, 2, 2)
    assert document["run"]["refused"][0]["guid"] == "g1"


def test_what_github_refuses_in_a_row_stands_behind_the_others_from_then_on(rig: Rig) -> None:
    """The five oldest are gone, which ends the first run; the second one brings back all that came after them."""
    gone = {rig.fail(f"gone{number}", age_s=9 * HOUR_S) for number in range(5)}
    fine = [rig.fail(f"fine{number}") for number in range(3)]
    find = rig.world.find
    rig.world.find = lambda hook, number: None if number in gone else find(hook, number)  # type: ignore[method-assign] # deliveries that are gone
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["asked"], len(document["run"]["refused"])) == (1, 0, 5)
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["asked"], len(document["run"]["refused"])) == (1, 3, 5)
    assert [number for _, number in rig.world.attempts] == fine


def test_the_plan_of_nothing_is_well(rig: Rig) -> None:
    """No delivery at all is an answer."""
    code, out, _ = rig.run("--repo", REPO.name)
    assert code == 0
    assert "nothing is missing" in out


def test_reinjecting_publishes_once_and_asks_github_for_nothing(rig: Rig) -> None:
    """What no redelivery can bring is published from here; a second run remembers it."""
    rig.aws.outputs["hookwatch"] = {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/b"}
    rig.aws.outputs["hookwatch"]["GitHubSecretArn"] = "arn:secret"
    rig.aws.secret = {"AWSCURRENT": SECRET}
    rig.fail("large", Posted("Invalid HTTP Response: 413", 413), event="issues")
    assert rig.run_json("--yes", *FAST)[1]["planned"] == 0
    code, document = rig.run_json("--reinject")
    assert (code, document["plan"][0]["verdict"], rig.aws.entries) == (1, "re-inject", [])
    code, document = rig.run_json("--reinject", "--yes", *FAST)
    assert (code, document["recovered"], len(rig.aws.entries), rig.world.attempts) == (0, 1, 1, [])
    for more in (["--reinject"], []):
        code, document = rig.run_json("--yes", *FAST, *more)
        assert (code, document["plan"][0]["verdict"], len(rig.aws.entries)) == (0, "re-injected", 1)


def test_what_was_reinjected_is_claimed_for_good_where_the_sweeper_looks(rig: Rig, tmp_path: Path) -> None:
    """The sweeper and a second machine, which know nothing of our state file, learn it from the shared claim."""
    rig.aws.outputs["hookwatch"] = {
        "EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/b",
        "GitHubSecretArn": "arn:secret",
        "SweeperFunction": "hookwatch-sweeper",
        "ClaimBucketName": "payloads",
    }
    rig.aws.secret = {"AWSCURRENT": SECRET}
    rig.fail("large", Posted("Invalid HTTP Response: 413", 413), event="issues")
    assert rig.run_json("--reinject", "--yes", *FAST)[0] == 0
    assert json.loads(rig.aws.objects["payloads", "sweeper/5/large.json"])["what"] == "reinjected"
    (file,) = tmp_path.rglob("*.jsonl")
    file.unlink()
    code, document = rig.run_json("--reinject", "--yes", *FAST)
    assert (code, document["run"]["taken"], len(rig.aws.entries)) == (1, 1, 1)


def test_attempts_from_before_the_window_count_too(rig: Rig) -> None:
    """A delivery whose redeliveries began before --since is read to its beginning before it is called worth another."""
    for age_h in (9, 8, 7, 1):
        rig.world.record(rig.hook, Event("a", "push"), FAILED, age_s=age_h * HOUR_S, redelivery=age_h < 9)
    code, document = rig.run_json("--since", "2h")
    assert (code, document["plan"][0]["verdict"], document["deliveries"][0]["redeliveries"]) == (1, "tried enough", 3)


def test_the_plan_tells_what_our_own_function_had_answered(rig: Rig) -> None:
    """One answer of each cause is read: its outcome and its runbook stand beside the status; others are left out."""
    body = '{"outcome":"secret_unavailable","request_id":"r"}'
    rig.fail("a", Posted("Invalid HTTP Response: 503", 503, {}, body))
    rig.fail("b", Posted("Invalid HTTP Response: 401", 401, {}, '{"outcome":"no outcome of ours"}'))
    rig.fail("c", Posted("Invalid HTTP Response: 429", 429, {}, "Too Many Requests"))
    rig.fail("d", Posted("timed out", 0))
    code, document = rig.run_json()
    told = {line["cause"]: line["our_outcome"] for line in document["plan"]}
    assert (code, told.pop("server_error")) == (1, "secret_unavailable")
    assert told == {"unauthorized": None, "throttled": None, "timed_out": None}
    _, out, _ = rig.run("--repo", REPO.name)
    assert "Our answer was secret_unavailable: The webhook secret could not be read" in out
    assert "(runbooks/secret-fetch.md)" in out


def test_two_apps_keep_what_they_did_apart(rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One event has one GUID at both Apps' hooks: what was asked for one is no reason not to ask for the other."""
    private, public = rsa_key()
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", private)
    rig.world.sending.clear()
    for number, app_id in ((9, "42"), (10, "43")):
        rig.world.guests.apps[app_id] = [public]
        rig.hook = rig.world.add_hook(FakeHook(number, "app", app_id, "https://ours.example/", SECRET))
        rig.fail("shared")
        monkeypatch.setenv("GITHUB_APP_ID", app_id)
        code, out, error = rig.run("--app", "--yes", "--pace", "0", "--settle", "0", "--json")
        assert (code, json.loads(out)["run"]["asked"]) == (1, 1), error
    assert len(list(tmp_path.rglob("*.jsonl"))) == 2


def test_the_sweeper_and_the_command_never_ask_for_the_same_delivery(rig: Rig) -> None:
    """Where the stack has a sweeper the command claims where that looks, and leaves to it what it has claimed."""
    rig.aws.outputs["hookwatch"] = {"SweeperFunction": "hookwatch-sweeper", "ClaimBucketName": "payloads"}
    theirs, ours = rig.fail("theirs"), rig.fail("ours")
    at = datetime.fromtimestamp(rig.world.clock(), UTC).isoformat()
    claim = json.dumps({"id": theirs, "what": "asked", "at": at}).encode()
    rig.aws.objects["payloads", "sweeper/5/theirs.json"] = claim
    code, document = rig.run_json("--yes", *FAST)
    assert (code, document["run"]["taken"], rig.world.attempts) == (1, 1, [(5, ours)])
    assert json.loads(rig.aws.objects["payloads", "sweeper/5/ours.json"])["id"] == ours
    assert rig.aws.objects["payloads", "sweeper/5/theirs.json"] == claim
    rig.aws.refuse["put_object"] = "AccessDenied"
    rig.fail("third")
    code, document = rig.run_json("--yes", *FAST)
    assert (code, len(rig.world.attempts)) == (1, 1)
    assert "deliveries cannot be claimed in payloads/sweeper/: AccessDenied" in document["run"]["stopped"]
