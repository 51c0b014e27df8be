"""`hookwatch overrides plan`, `apply`: overrides of a whole account, against the fake Twilio."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.overrides import app
from hookwatch.cli.twilio_ways import Ways
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.overrides_plan import points_to
from loop_account import FakeAws, Function
from twilio_rig import FakeTwilio, run_fake_twilio

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "https://id.lambda-url.eu-west-1.on.aws/"
PUBLIC = "https://hooks.example.com/twilio"
ELSEWHERE = "https://other.example.com/sms"
NORMAL = "#ct=2000&rt=9000&tt=15000&rc=3&rp=5xx,ct,rt"
INCIDENT = "#ct=2000&rt=9000&tt=15000&rc=5&rp=4xx,5xx,ct,rt"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """An account with two numbers, a service and an application; undo files go to a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    for fake in run_fake_twilio():
        fake.store.add_number("+15005550006", sms_url=HERE, sms_fallback_url=ELSEWHERE, voice_url=f"{HERE}#rc=1")
        fake.store.add_number("+15005550007", sms_url=f"{PUBLIC}?tenant=7", status_callback=ELSEWHERE)
        fake.store.add_service("service", inbound_request_url=f"{HERE}{NORMAL}", fallback_url=PUBLIC)
        fake.store.add_application("app", message_status_callback=f"{HERE}status", voice_url=ELSEWHERE)
        yield fake


@pytest.fixture
def aws() -> FakeAws:
    """A stack whose function knows its public URL."""
    aws = FakeAws()
    aws.functions["s-twilio"] = Function({"HOOKWATCH_PUBLIC_URL": PUBLIC})
    aws.outputs["hookwatch"] = {"TwilioFunctionUrl": HERE, "TwilioFunctionName": "s-twilio"}
    return aws


def run(fake: FakeTwilio, aws: FakeAws | None, *arguments: str) -> tuple[int, str, str]:
    ways = Ways(lambda *_: Account(aws or FakeAws()), fake.account)
    done = CliRunner().invoke(app, list(arguments), obj=ways)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def run_json(fake: FakeTwilio, aws: FakeAws | None, *arguments: str) -> tuple[int, Any]:
    code, out, _ = run(fake, aws, *arguments, "--json")
    return code, json.loads(out)


def urls(fake: FakeTwilio) -> list[str]:
    """Every URL that the account holds."""
    store = fake.store
    resources = [*store.numbers.values(), *store.services.values(), *store.applications.values()]
    return [
        value for each in resources for name, value in each.items() if value and name != "url" and "http" in str(value)
    ]


def test_a_plan_shows_what_points_here_and_only_that(fake: FakeTwilio, aws: FakeAws):
    """Function URL and public URL count as here, queries stay, foreign URLs are counted; nothing is changed."""
    code, document = run_json(fake, aws, "plan")
    assert code == 1
    assert [(each["kind"], each["property"], each["state"], each["after"]) for each in document["changes"]] == [
        ("number", "sms_url", "planned", f"{HERE}{NORMAL}"),
        ("number", "voice_url", "planned", f"{HERE}{NORMAL}"),
        ("number", "sms_url", "planned", f"{PUBLIC}?tenant=7{NORMAL}"),
        ("service", "inbound_request_url", "already", f"{HERE}{NORMAL}"),
        ("service", "fallback_url", "planned", f"{PUBLIC}{NORMAL}"),
        ("application", "message_status_callback", "planned", f"{HERE}status{NORMAL}"),
    ]
    assert document["elsewhere"] == 3
    assert fake.changes() == []


def test_people_are_warned_of_what_a_voice_url_does(fake: FakeTwilio, aws: FakeAws):
    """An empty answer ends a call, and a fallback URL is asked only after a failure: both stand beside the URL."""
    _, out, _ = run(fake, aws, "plan")
    text = " ".join(out.split())
    assert "which ends it: point voice URLs at what answers calls" in text
    assert "asked only after the URL before it has failed" in text
    assert "5 to change, 1 as they should be, 3 point elsewhere" in text


def test_what_twilio_does_not_ask_at_present_is_said(fake: FakeTwilio, aws: FakeAws):
    """A number that an application answers for, and a service that leaves messages to its numbers, are told apart."""
    number = next(iter(fake.store.numbers.values()))
    number["sms_application_sid"] = "AP1"
    next(iter(fake.store.services.values()))["use_inbound_webhook_on_number"] = True
    _, document = run_json(fake, aws, "plan")
    assert "the application AP1 answers for this number instead" in document["changes"][0]["notes"]
    assert "the service leaves inbound messages" in document["changes"][3]["notes"][0]


def test_a_dry_run_changes_nothing(fake: FakeTwilio, aws: FakeAws, tmp_path: Path):
    """Without --yes neither Twilio nor the disk is touched."""
    code, out, _ = run(fake, aws, "apply", "--for", "incident")
    assert (code, fake.changes(), list(tmp_path.iterdir())) == (0, [], [])
    assert "Nothing was changed. Add --yes to do it." in out


def test_apply_is_idempotent_and_undone_exactly(fake: FakeTwilio, aws: FakeAws, tmp_path: Path):
    """Every URL gets its overrides in one call a resource, a second run makes no call, the undo file leads back."""
    before = urls(fake)
    code, document = run_json(fake, aws, "apply", "--for", "incident", "--yes", "--undo-file", "undo.json")
    assert (code, document["counts"]["done"], len(fake.changes())) == (0, 6, 4)
    assert sum(INCIDENT in url for url in urls(fake)) == 6
    assert (tmp_path / "undo.json").stat().st_mode & 0o777 == 0o600
    code, document = run_json(fake, aws, "apply", "--for", "incident", "--yes")
    assert (code, document["wanted"], len(fake.changes())) == (0, 0, 4)
    code, out, _ = run(fake, aws, "apply", "--undo", "undo.json")
    assert (code, len(fake.changes())) == (0, 4)
    assert f"-> {HERE}\n" in out
    code, _, _ = run(fake, aws, "apply", "--undo", "undo.json", "--yes")
    assert (code, urls(fake)) == (0, before)
    code, document = run_json(fake, aws, "apply", "--undo", "undo.json", "--yes")
    assert (code, document["counts"]["already"], urls(fake)) == (0, 6, before)


def test_overrides_of_ones_own_and_none_at_all(fake: FakeTwilio):
    """--overrides takes any, with or without #, and empty takes them away; --url needs no AWS."""
    run(fake, None, "apply", "--url", HERE, "--overrides", "#rc=2&rp=5xx", "--yes")
    assert sum("#rc=2&rp=5xx" in url for url in urls(fake)) == 4
    run(fake, None, "apply", "--url", HERE, "--overrides", "", "--yes", "--undo-file", "second.json")
    assert not any("#" in url for url in urls(fake))


def test_the_undo_file_is_there_before_the_first_change(fake: FakeTwilio, aws: FakeAws, tmp_path: Path):
    """When the first change arrives, the file holds every URL as it was."""
    seen: list[Any] = []

    def look(method: str, _: str) -> None:
        if method == "POST" and not seen:
            seen.append(json.loads(next(tmp_path.glob("hookwatch-overrides-undo-*.json")).read_bytes()))

    fake.store.before = look
    assert run(fake, aws, "apply", "--yes")[0] == 0
    assert [each["before"] for each in seen[0]["changes"]] == [
        HERE,
        f"{HERE}#rc=1",
        f"{PUBLIC}?tenant=7",
        PUBLIC,
        f"{HERE}status",
    ]


def test_what_somebody_else_changes_in_between_is_left_alone(fake: FakeTwilio, aws: FakeAws):
    """A URL that is no longer what the plan read is told and not overwritten; the others are changed."""
    first, second = fake.store.numbers.values()

    def meddle(method: str, path: str) -> None:
        if method == "GET" and first["sid"] in path:
            first["sms_url"] = ELSEWHERE
        if second["sid"] in path:
            fake.store.numbers.pop(second["sid"], None)

    fake.store.before = meddle
    code, document = run_json(fake, aws, "apply", "--yes")
    states = {(each["sid"], each["property"]): each["state"] for each in document["changes"]}
    assert code == 1
    assert states.pop((first["sid"], "sms_url")) == "foreign"
    assert states.pop((second["sid"], "sms_url")) == "foreign"
    assert set(states.values()) == {"done"}
    assert (first["sms_url"], first["voice_url"]) == (ELSEWHERE, f"{HERE}{NORMAL}")


def test_an_undo_leaves_alone_what_was_changed_since(fake: FakeTwilio, aws: FakeAws):
    """Undoing takes back what we did, and not what somebody did after us."""
    run(fake, aws, "apply", "--yes", "--undo-file", "undo.json")
    first = next(iter(fake.store.numbers.values()))
    first["sms_url"] = ELSEWHERE
    code, document = run_json(fake, aws, "apply", "--undo", "undo.json", "--yes")
    assert (code, document["counts"]["foreign"], document["counts"]["done"]) == (1, 1, 4)
    assert (first["sms_url"], first["voice_url"]) == (ELSEWHERE, f"{HERE}#rc=1")


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on(fake: FakeTwilio, deadly: int):
    """Ctrl-C or a kill in the middle leaves some done; the same command does the rest, both undo files lead back."""
    before = urls(fake)
    running: list[subprocess.Popen[str]] = []

    def strike(method: str, _: str) -> None:
        if method == "GET" and len(fake.changes()) == 1 and running[0].poll() is None:
            os.kill(running[0].pid, deadly)

    fake.store.before = strike
    command = [
        sys.executable,
        "-c",
        "import sys; from hookwatch.cli import main; sys.exit(main())",
        "overrides",
        "apply",
    ]
    command += ["--url", HERE, "--yes", "--json", "--undo-file", "first.json"]
    service = Path(__file__).parents[2] / "service"
    environ = {**os.environ, **fake.environment(), "PYTHONPATH": str(service)}
    running.append(subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    out, error = running[0].communicate(timeout=60)
    assert "Traceback" not in error
    if deadly == signal.SIGINT:
        assert running[0].returncode == 1
        assert json.loads(out)["counts"]["left"] >= 1
    assert urls(fake) != before
    fake.store.before = None
    code, document = run_json(fake, None, "apply", "--url", HERE, "--yes", "--undo-file", "second.json")
    assert (code, document["counts"]["done"] >= 1, document["counts"]["failed"]) == (0, True, 0)
    assert sum(NORMAL in url for url in urls(fake)) == 4
    for file in ("second.json", "first.json"):
        assert run(fake, None, "apply", "--undo", file, "--yes")[0] == 0
    assert urls(fake) == before


def test_a_rate_limit_in_the_middle_is_waited_for(fake: FakeTwilio, aws: FakeAws):
    """429 during the changes slows them down and loses none."""
    fake.store.before = lambda *_: fake.store.refusals.append(429) if len(fake.store.requests) in (5, 8) else None
    code, document = run_json(fake, aws, "apply", "--yes")
    assert (code, document["counts"]["done"], fake.slept_s) == (0, 5, [1.0, 1.0])


def test_no_permission_ends_the_run_at_once(fake: FakeTwilio, aws: FakeAws):
    """When Twilio says 403 in the middle, nothing more is asked, and the rest is said to be not reached."""
    fake.store.before = lambda method, _: fake.store.refusals.append(403) if method == "POST" else None
    code, document = run_json(fake, aws, "apply", "--yes")
    assert code == 1
    assert len(fake.changes()) == 1
    assert document["counts"]["failed"] + document["counts"]["left"] == 5
    assert "20403" in next(each["message"] for each in document["changes"] if each["state"] == "failed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "--stack", "nope"], "there is no stack nope"),
        (["plan", "--url", "x"], "not an absolute http or https URL"),
        (["plan", "--overrides", "rc=9"], "rc=9 is not a whole number from 0 to 5"),
        (["plan", "--overrides", "rc=1", "--for", "normal"], "exclude each other"),
        (["apply", "--undo", "none.json"], "cannot read none.json"),
        (["apply", "--undo", "bad.json"], "is no undo file"),
        (["apply", "--undo", "foreign.json"], "belongs to the account AC9"),
        (["apply", "--undo", "odd.json"], "which no number has"),
        (["apply", "--undo", "odd.json", "--for", "normal"], "--undo goes alone"),
        (["apply", "--yes", "--undo-file", "bad.json"], "exists"),
        (["apply", "--yes", "--undo-file", "no/where.json"], "cannot be written"),
    ],
)
def test_misuse_ends_with_2_and_changes_nothing(
    fake: FakeTwilio, aws: FakeAws, tmp_path: Path, arguments: list[str], said: str
):
    """A wrong command says what is wrong in one sentence on stderr, and nothing is changed."""
    entry = {"kind": "number", "sid": "PN1", "name": "x", "property": "friendly_name", "before": "a", "after": "b"}
    undo = {"hookwatch": "overrides-undo/1", "account": fake.store.account_sid, "made": "x", "changes": [entry]}
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "odd.json").write_text(json.dumps(undo))
    (tmp_path / "foreign.json").write_text(json.dumps(undo | {"account": "AC9"}))
    code, out, error = run(fake, aws, *arguments)
    assert (code, out, fake.changes()) == (2, "", [])
    assert said in " ".join(error.split())


def test_wrong_credentials_end_with_2(fake: FakeTwilio, aws: FakeAws):
    """20003 at the first call is misuse: one sentence, nothing changed."""
    ways = Ways(lambda *_: Account(aws), lambda: fake.account("wrong"))
    done = CliRunner().invoke(app, ["apply", "--yes"], obj=ways)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "20003" in done.stderr


def test_an_account_without_such_urls_says_so(fake: FakeTwilio):
    """Nothing points here: nothing to do, and that is said."""
    code, out, _ = run(fake, None, "plan", "--url", "https://nobody.example.com/")
    assert code == 0
    assert "no URL of this account's phone numbers, messaging services, applications points here" in out


@pytest.mark.parametrize(
    ("url", "target", "points"),
    [
        (f"{HERE}any/path?x=1#rc=3", HERE, True),
        (HERE.upper().replace("HTTPS", "https"), HERE, True),
        ("https://user:pw@id.lambda-url.eu-west-1.on.aws:443/", HERE, True),
        (HERE.rstrip("/"), HERE, True),
        ("http://id.lambda-url.eu-west-1.on.aws/", HERE, False),
        ("https://id.lambda-url.eu-west-1.on.aws.evil.example/", HERE, False),
        (f"{PUBLIC}/", PUBLIC, True),
        (f"{PUBLIC}/status", PUBLIC, True),
        (f"{PUBLIC}2", PUBLIC, False),
        ("https://hooks.example.com:8443/twilio", PUBLIC, False),
        ("https://[bad/", PUBLIC, False),
        ("https://hooks.example.com:x/twilio", PUBLIC, False),
    ],
)
def test_which_urls_point_here(url: str, target: str, points: bool):
    """Host, port and path decide; case of the host, userinfo, query and overrides do not."""
    assert points_to(url, target) is points
