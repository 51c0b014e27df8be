"""The sweeper: one run after the other, or two at once, against a fake GitHub over real HTTP."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from github_rig import ORG, REPO, SECRET, TOKEN, Rig, caller_of, rig
from hookwatch.config import ConfigError
from hookwatch.recover.github_claims import REINJECTED
from hookwatch.recover.sweeper_app import Clocks, Sweeper, SweepError
from hookwatch.recover.sweeper_claims import BucketClaims
from hookwatch.recover.sweeper_settings import load
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.telemetry import RECOVERY_MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = Posted("Invalid HTTP Response: 503", 503)
HOUR_S = 3600


class Bucket:
    """S3 with conditional writes, as two runs at once see it."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.refuse = ""
        self.silent = False
        self.absent = "NoSuchKey"
        self.versions = 0
        self.lock = threading.Lock()

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str = "", IfMatch: str = "") -> Any:  # noqa: N803 - AWS's own names
        if self.silent:
            raise ReadTimeoutError(endpoint_url="https://s3")
        with self.lock:
            if self.refuse:
                raise ClientError({"Error": {"Code": self.refuse}}, "PutObject")
            held = self.objects.get(Key)
            if (IfNoneMatch == "*" and held) or (IfMatch and (not held or held[1] != IfMatch)):
                raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
            self.versions += 1
            self.objects[Key] = (Body, f'"{self.versions}"')
            return {}

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - AWS's own names
        if self.silent:
            raise ReadTimeoutError(endpoint_url="https://s3")
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": self.absent}}, "GetObject")
        body, etag = self.objects[Key]
        return {"Body": SimpleNamespace(read=lambda: body), "ETag": etag}


class Aws:
    """What the sweeper asks: the token's secret and the loop alarm."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.alarm = "OK"

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        if service == "secretsmanager":
            return {"SecretString": self.token}
        assert operation == "describe_alarms"
        assert "hooks-loop-or-spend" in parameters["AlarmNames"]
        named = [{"AlarmName": "hooks-loop-or-spend", "StateValue": self.alarm}]
        return {"CompositeAlarms": named if self.alarm else []}


class Bench:
    def __init__(self, github: Rig, capsys: pytest.CaptureFixture[str]) -> None:
        self.github, self.world, self.capsys = github, github.world, capsys
        self.hook = github.world.hooks[5]
        self.bucket, self.aws = Bucket(), Aws()
        self.left_ms = 300_000

    def fail(self, guid: str, posted: Posted = FAILED, age_s: float = HOUR_S) -> int:
        return self.world.record(self.hook, Event(guid, "push"), posted, age_s=age_s).id

    def sweeper(self, **more: str) -> Sweeper:
        environ = {
            "HOOKWATCH_SWEEPER_REPOSITORY": REPO.name,
            "HOOKWATCH_SWEEPER_HOOK_ID": "0",
            "HOOKWATCH_SWEEPER_TOKEN_SECRET_ARN": "arn:token",
            "HOOKWATCH_SWEEPER_MAX_PER_RUN": "100",
            "HOOKWATCH_SWEEPER_RETENTION_HOURS": "72",
            "HOOKWATCH_FUNCTION_URL": "https://example.test/",
            "HOOKWATCH_CLAIM_BUCKET": "bucket",
            "HOOKWATCH_STACK": "hooks",
            "GITHUB_API_URL": self.github.url,
            **more,
        }
        time = self.github.time
        claims = BucketClaims(self.bucket, "bucket")
        aws: Any = self.aws
        return Sweeper(load(environ), aws, claims, Clocks(time, time.sleep, time))

    def sweep(self, **more: str) -> dict[str, Any]:
        """Run once; the line that it wrote."""
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: self.left_ms, aws_request_id="r-1")
        try:
            self.sweeper(**more)({}, context)
        finally:
            out = self.capsys.readouterr().out
            assert TOKEN not in out
            self.line: dict[str, Any] = json.loads(out)
        return self.line


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    """A hook whose URL answers 200 from now on."""
    with rig() as github:
        yield Bench(github, capsys)


def counts(line: dict[str, Any]) -> tuple[int, int, int]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Hookwatch"
    assert [sorted(each) for each in directive["Dimensions"]] == [["provider", "service"]]
    names = {metric["Name"] for metric in directive["Metrics"]}
    assert names == {"Redelivered", "StillMissing", "ExpiringSoon"} <= set(RECOVERY_MEASURES)
    assert (line["service"], line["provider"]) == ("hookwatch", "github")
    return line["Redelivered"], line["StillMissing"], line["ExpiringSoon"]


def test_what_failed_is_brought_back_and_counted(bench: Bench) -> None:
    """One run redelivers and proves it; the next one finds nothing and says so with zeros."""
    ids = [bench.fail(guid) for guid in "abc"]
    line = bench.sweep()
    assert (line["outcome"], line["recovered"], counts(line)) == ("swept", 3, (3, 0, 0))
    assert [delivery for _, delivery in bench.world.attempts] == ids
    assert counts(bench.sweep()) == (0, 0, 0)
    assert len(bench.world.attempts) == 3


def test_what_is_soon_forgotten_is_counted(bench: Bench) -> None:
    """Less than twelve hours left, and it does not come back: somebody has to act."""
    bench.fail("old", age_s=61 * HOUR_S)
    bench.fail("secret", Posted("Invalid HTTP Response: 401", 401), age_s=59 * HOUR_S)
    bench.fail("new")
    bench.github.answers.posted = FAILED
    line = bench.sweep()
    assert counts(line) == (2, 3, 1)
    assert line["level"] == "WARNING"
    assert line["verdicts"] == {"retry": 2, "fix first": 1}


def test_what_goes_on_failing_is_tried_three_times_and_no_more(bench: Bench) -> None:
    """A dead endpoint costs three redeliveries of a delivery in three days, not one every 15 minutes."""
    bench.fail("a")
    bench.github.answers.posted = FAILED
    for _ in range(6):
        bench.sweep()
        bench.github.time.now_s += 900
    assert len(bench.world.attempts) == 3
    assert bench.line["verdicts"] == {"tried enough": 1}


def test_no_more_than_the_cap_in_one_run(bench: Bench) -> None:
    """The oldest go first, the others wait a quarter of an hour."""
    ids = [bench.fail(f"g{number}", age_s=9 * HOUR_S - number) for number in range(5)]
    assert counts(bench.sweep(HOOKWATCH_SWEEPER_MAX_PER_RUN="2")) == (2, 3, 0)
    assert [delivery for _, delivery in bench.world.attempts] == ids[:2]


def test_a_firing_loop_alarm_stops_it(bench: Bench) -> None:
    """Nothing is sent; what is missing is counted all the same."""
    bench.fail("a")
    bench.aws.alarm = "ALARM"
    line = bench.sweep()
    assert (line["outcome"], line["reason"], counts(line)) == ("stopped", "loop", (0, 1, 0))
    assert bench.world.attempts == []


def test_two_runs_at_once_ask_for_each_delivery_once(bench: Bench) -> None:
    """Both have read the same record and planned the same; S3 decides which one asks."""
    ids = [bench.fail(f"g{number}") for number in range(20)]
    bench.world.sending.clear()
    both_have_planned = threading.Barrier(2)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000, aws_request_id="r")
    sweepers = [bench.sweeper(), bench.sweeper()]
    for sweeper in sweepers:
        original = sweeper._claims.claim
        seen: list[int] = []

        def first_waits(item: Any, at: Any, original: Any = original, seen: list[int] = seen) -> Any:
            if not seen:
                seen.append(1)
                both_have_planned.wait(20)
            return original(item, at)

        sweeper._claims.claim = first_waits  # type: ignore[method-assign] # both plan before either asks
    results: list[dict[str, int]] = []
    threads = [threading.Thread(target=lambda each=each: results.append(each({}, context))) for each in sweepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    bench.world.sending.set()
    assert sorted(delivery for _, delivery in bench.world.attempts) == ids
    assert sum(result["redelivered"] for result in results) == 20


def test_a_run_after_a_killed_one_waits_for_what_may_be_under_way(bench: Bench) -> None:
    """A claim without an answer holds for half an hour; after that the delivery is asked for."""
    bench.fail("a")
    bench.world.sending.clear()
    bench.sweep()
    bench.github.time.now_s += 600
    line = bench.sweep()
    assert (line["in_other_hands"], len(bench.world.attempts)) == (1, 1)
    bench.github.time.now_s += 1800
    bench.sweep()
    assert len(bench.world.attempts) == 2


def test_a_claim_is_given_back_where_nothing_was_sent(bench: Bench) -> None:
    """A limit that lasts ends the run, and the next run need not wait for a claim to lapse."""
    for guid in "abc":
        bench.fail(guid)
    bench.world.limits.inject(after=1, times=1, retry_after_s=600)
    line = bench.sweep()
    assert (line["outcome"], line["reason"], line["Redelivered"]) == ("stopped", "rate_limited", 1)
    bench.github.time.now_s += 900
    assert bench.sweep()["Redelivered"] == 2
    assert len(set(bench.world.attempts)) == len(bench.world.attempts) == 3


@pytest.mark.parametrize("how", ["AccessDenied", "silent"])
def test_without_claims_nothing_is_sent(bench: Bench, how: str) -> None:
    """A bucket that refuses or does not answer stops the run before the first redelivery."""
    bench.fail("a")
    bench.bucket.refuse, bench.bucket.silent = ("", True) if how == "silent" else (how, False)
    line = bench.sweep()
    assert (line["outcome"], bench.world.attempts) == ("stopped", [])
    assert "deliveries cannot be claimed in bucket/sweeper/" in line["problem"]


def test_without_a_loop_alarm_nothing_is_sent(bench: Bench) -> None:
    """Whoever took the alarms away took the brake away: nobody could tell that a loop runs."""
    bench.fail("a")
    bench.aws.alarm = ""
    line = bench.sweep()
    assert (line["outcome"], line["reason"], counts(line)) == ("stopped", "no_alarm", (0, 1, 0))
    assert bench.world.attempts == []


@pytest.mark.parametrize("absent", ["NoSuchKey", "AccessDenied"])
def test_what_was_reinjected_is_back_whatever_github_says(bench: Bench, absent: str) -> None:
    """The record calls it failed for three days: it is neither redelivered nor counted as missing or expiring."""
    bench.bucket.absent = absent  # AccessDenied is S3's word for it where nobody may list
    at = "2026-11-20T00:00:00+00:00"  # any claim that was only asked for has lapsed
    for guid, posted in (("large", Posted("Invalid HTTP Response: 413", 413)), ("gone", FAILED)):
        number = bench.fail(guid, posted, age_s=61 * HOUR_S)
        body = json.dumps({"id": number - 1, "what": "reinjected", "at": at}).encode()
        bench.bucket.objects[f"sweeper/5/{guid}.json"] = (body, '"0"')
    other = bench.fail("other")
    line = bench.sweep()
    assert (counts(line), line["level"]) == ((1, 0, 0), "INFO")
    assert bench.world.attempts == [(5, other)]
    assert line["verdicts"] == {"re-injected": 2, "retry": 1}


def test_a_claim_of_what_was_reinjected_never_lapses(bench: Bench) -> None:
    """Neither time nor a newer attempt makes it free again, and nobody writes over it."""
    claims = BucketClaims(bench.bucket, "bucket")
    now = datetime.fromtimestamp(bench.github.time(), UTC)
    item: Any = SimpleNamespace(hook_id=5, delivery=SimpleNamespace(guid="a", id=1))
    assert claims.claim(item, now) is True
    claims.settle(item, REINJECTED, now)
    item.delivery.id = 2
    assert claims.claim(item, now + timedelta(days=3)) is False


def test_what_was_refused_stands_behind_what_is_newer(bench: Bench) -> None:
    """The oldest are gone from GitHub, which ends the first run; the next one brings back what came after them."""
    gone = {bench.fail(f"gone{number}", age_s=9 * HOUR_S) for number in range(5)}
    fine = bench.fail("fine")
    find = bench.world.find
    bench.world.find = lambda hook, number: None if number in gone else find(hook, number)  # type: ignore[method-assign] # deliveries that are gone
    assert (bench.sweep()["reason"], bench.world.attempts) == ("not_found", [])
    assert bench.sweep()["Redelivered"] == 1
    assert bench.world.attempts == [(5, fine)]


def test_a_torn_claim_is_no_claim(bench: Bench) -> None:
    """An object that nobody can read holds nothing back."""
    bench.fail("a")
    bench.bucket.objects["sweeper/5/a.json"] = (b"[]", '"0"')
    assert bench.sweep()["Redelivered"] == 1


def test_a_guid_that_is_no_name_is_claimed_all_the_same(bench: Bench) -> None:
    """Whatever GitHub calls a delivery, its claim stays under our prefix."""
    bench.fail("../../claims/x")
    bench.sweep()
    (key,) = bench.bucket.objects
    assert key.startswith("sweeper/5/")
    assert ".." not in key


@pytest.mark.parametrize("trouble", ["token", "limited", "hook"])
def test_a_run_that_cannot_be_finished_fails(bench: Bench, trouble: str) -> None:
    """Lambda counts it as an error, the line says why, and no metric claims to know."""
    bench.fail("a")
    more = {}
    match trouble:
        case "token":
            bench.aws.token = "ghp_revoked"
        case "limited":
            bench.world.limits.exhaust(caller_of(bench.world), for_s=3600)
        case _:
            more = {"HOOKWATCH_SWEEPER_HOOK_ID": "77"}
    with pytest.raises(SweepError):
        bench.sweep(**more)
    assert (bench.line["level"], bench.line["outcome"]) == ("ERROR", "failed")
    assert bench.line["problem"]
    assert "_aws" not in bench.line
    assert "ghp_revoked" not in json.dumps(bench.line)


def test_a_run_ends_before_its_function_does(bench: Bench) -> None:
    """With little time left nothing more is asked for, and the rest is for the next run."""
    for guid in "abcdef":
        bench.fail(guid)
    bench.left_ms = 93_000
    line = bench.sweep()
    assert (line["outcome"], line["reason"]) == ("stopped", "out_of_time")
    assert 1 <= line["Redelivered"] < 6
    bench.left_ms = 300_000
    bench.sweep()
    assert len(set(bench.world.attempts)) == len(bench.world.attempts) == 6


def test_an_organizations_hook_is_swept_too(bench: Bench) -> None:
    """By its URL among several."""
    bench.world.add_hook(FakeHook(8, "organization", ORG.name, "https://other.test/", SECRET))
    bench.hook = bench.world.hooks[6]
    bench.fail("a")
    line = bench.sweep(HOOKWATCH_SWEEPER_REPOSITORY="", HOOKWATCH_SWEEPER_ORGANIZATION=ORG.name)
    assert counts(line) == (1, 0, 0)


def test_another_systems_hook_is_never_swept(bench: Bench) -> None:
    """Our hook was deleted, and the only one left points elsewhere: the run fails and says what to set."""
    bench.fail("a")
    with pytest.raises(SweepError):
        bench.sweep(HOOKWATCH_FUNCTION_URL="https://ours.example/")
    assert bench.world.attempts == []
    assert "no hook of the repository octo-org/hello-world points to https://ours.example/" in bench.line["problem"]
    assert "SweeperHookId" in bench.line["problem"]


def test_a_wrong_environment_lists_every_problem_and_no_value() -> None:
    """The function refuses to start."""
    with pytest.raises(ConfigError) as error:
        load(
            {
                "HOOKWATCH_SWEEPER_REPOSITORY": "s3cr et",
                "HOOKWATCH_SWEEPER_ORGANIZATION": "s3cr/et",
                "GITHUB_API_URL": "http://s3cret.example",
            }
        )
    said = str(error.value)
    for part in ("one of the two", "OWNER/NAME", "HOOK_ID must be", "MAX_PER_RUN must be", "HOOKWATCH_STACK", "https"):
        assert part in said
    assert "s3cr" not in said
