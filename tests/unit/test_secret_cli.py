"""`hookwatch secret`: what is shown, what is checked before anything is changed, and how it ends.

GitHub and Twilio are fakes over real HTTP; the secret and what is counted are in memory.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from typer.testing import CliRunner

from github_rig import rsa_key
from hookwatch.cli.secret import app
from hookwatch.cli.secret_asked import Tools
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.sandbox.github_api_model import Event, FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from rotation_account import OLD, Client, World
from twilio_rig import FakeTwilio, run_fake_twilio
from vectors.listener import Seen, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPO, TOKEN = "acme/shop", "ghp_throwaway"
GITHUB = ("rotate", "github", "--repo", REPO, "--hook", "7")


@dataclass
class Bench:
    """Everything that the commands see."""

    world: World
    github: FakeGitHub
    twilio: FakeTwilio
    environment: dict[str, str]
    url: str

    @property
    def hook(self) -> FakeHook:
        return self.github.hooks[7]

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        tools = Tools(lambda *_: Account(lambda _: Client(self.world)), self.world.pace())
        runner = CliRunner(env={**self.environment, **environment})
        done = runner.invoke(app, list(arguments), obj=tools)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        for secret in (OLD, self.hook.secret, self.twilio.store.auth_token, TOKEN, *self.world.values.values()):
            assert secret not in done.output, "a secret was printed"
        return done.exit_code, done.stdout, " ".join(done.stderr.split())

    def run_json(self, *arguments: str, **environment: str) -> tuple[int, Any]:
        code, out, _ = self.run(*arguments, "--json", **environment)
        return code, json.loads(out)

    def function(self, seen: Seen) -> tuple[int, str]:
        """Answer as the functions would."""
        for text in self.world.accepted():
            key = text.encode()
            if "x-hub-signature-256" in seen.headers:
                made = "sha256=" + hmac.new(key, seen.body, hashlib.sha256).hexdigest()
                fits = made == seen.headers["x-hub-signature-256"]
            else:
                signed = self.url + "".join(name + value for name, value in sorted(parse_qsl(seen.body.decode())))
                made = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha1).digest()).decode()
                fits = made == seen.headers["x-twilio-signature"]
            if fits:
                return 200, "{}"
        return 401, "{}"


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    """One fake Twilio for all tests here."""
    yield from run_fake_twilio()


@pytest.fixture
def bench(twilio: FakeTwilio) -> Iterator[Bench]:
    """A stack, its hook at GitHub, its account at Twilio."""
    world, github = World(), FakeGitHub()
    twilio.store.auth_token, twilio.store.secondary_token = OLD, ""
    with listening() as listener, serving(github) as api:
        github.add_token(TOKEN, REPO)
        github.add_hook(FakeHook(7, "repository", REPO, listener.url, OLD))
        world.outputs |= {"GitHubFunctionUrl": listener.url, "TwilioFunctionUrl": listener.url}
        environment = {
            "GITHUB_API_URL": api,
            "GITHUB_TOKEN": TOKEN,
            "TWILIO_API_URL": twilio.url,
            "TWILIO_ACCOUNT_SID": twilio.store.account_sid,
            "TWILIO_AUTH_TOKEN": OLD,
        }
        bench = Bench(world, github, twilio, environment, listener.url)
        listener.answer = bench.function
        # What was signed before a change may be under way in the world of the other tests; here nothing is sent.
        world.signing = set()
        yield bench


def test_a_github_rotation_from_status_to_the_end(bench: Bench) -> None:
    """Planned, done, shown as unfinished, finished, and shown as finished: the commands agree with one another."""
    code, out, _ = bench.run("status", "github")
    assert (code, "no rotation is under way" in out) == (0, True)
    code, out, _ = bench.run(*GITHUB)
    assert (code, bench.world.changes) == (0, [])
    assert "Nothing was changed. Add --yes to do it." in out
    assert "give it to the hook" in out

    code, document = bench.run_json(*GITHUB, "--yes")
    assert (code, document["ok"], document["place"], document["then"]) == (0, True, "promoted", "--finish")
    assert bench.hook.secret != OLD
    assert bench.world.labelled()[bench.hook.secret] == {"AWSCURRENT"}

    bench.world.metrics = {"Accepted": 120, "Duplicate": 3, "PreviousKeyUsed": 3, "BadSignature": 2}
    code, out, _ = bench.run("status", "github")
    assert code == 1
    assert "current verified 120 in the last 60 min, previous 3, 2 fitted none: rotation not finished" in out
    assert "next: hookwatch secret rotate github --finish --yes" in out

    code, _, error = bench.run("rotate", "github", "--finish", "--yes")
    assert (code, "run this again when 10 min have passed" in error) == (1, True)
    bench.world.sleep(600)
    code, _, error = bench.run("rotate", "github", "--finish", "--yes")
    assert (code, "3 deliveries of the last 10 min verified with the previous key" in error) == (1, True)
    bench.world.metrics = {"Accepted": 9}
    assert bench.run("rotate", "github", "--finish")[0] == 0
    assert "AWSPREVIOUS" in bench.world.labelled()[OLD]
    assert bench.run("rotate", "github", "--finish", "--yes")[0] == 0
    assert OLD not in bench.world.labelled()
    code, document = bench.run_json("status", "github")
    assert (code, document["unfinished"], [key["label"] for key in document["keys"]]) == (0, False, ["AWSCURRENT"])


def test_a_grace_waits_and_ends_the_previous_key(bench: Bench) -> None:
    """With --grace one command does all of it: it waits until the previous key was not used so long."""
    code, document = bench.run_json(*GITHUB, "--yes", "--grace", "30m")
    assert (code, document["complete"]) == (0, True)
    assert bench.world.labelled() == {bench.hook.secret: {"AWSCURRENT"}}
    assert document["steps"][-1]["step"] == "finish"


def test_undo_goes_back_and_says_what_it_would_do_first(bench: Bench) -> None:
    """--undo alone tells; with --yes the hook has its old secret, and the new one stays until it is ended."""
    bench.run(*GITHUB, "--yes")
    code, out, _ = bench.run(*GITHUB, "--undo")
    assert (code, "would: give the hook its old key back" in out) == (0, True)
    assert bench.hook.secret != OLD
    code, document = bench.run_json(*GITHUB, "--undo", "--yes")
    assert (code, document["place"], bench.hook.secret) == (0, "undone", OLD)
    assert bench.world.labelled()[OLD] == {"AWSCURRENT"}
    code, document = bench.run_json("status", "github")
    assert (code, document["place"]) == (1, "undone")


class Ear:
    """Hears the method of every request to GitHub, and limits none."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def judge(self, _: str, method: str) -> None:
        self.heard.append(method)

    def headers(self, _: str) -> dict[str, str]:
        return {}


@pytest.mark.parametrize(
    ("arguments", "environment", "said", "code"),
    [
        (GITHUB, {"GITHUB_TOKEN": "ghp_wrong"}, "does not take this token", 2),
        (GITHUB, {"GITHUB_TOKEN": "two words"}, "does not hold a GitHub token", 2),
        ((*GITHUB[:-1], "8"), {}, "the name or the id is wrong", 2),
        (("rotate", "github", "--repo", "acme/other", "--hook", "7"), {}, "the name or the id is wrong", 2),
        (("rotate", "github", "--org", "acme"), {}, "the name or the id is wrong", 2),
        ((*GITHUB, "--url", "https://elsewhere.example/"), {}, "and this stack's URL is https://elsewhere.exam", 2),
        ((*GITHUB, "--url", "file:///etc/passwd"), {}, "--url must be an absolute http or https URL", 2),
        ((*GITHUB, "--stack", "nope"), {}, "there is no stack nope", 2),
        ((*GITHUB, "--undo", "--finish"), {}, "one thing at a time", 2),
        ((*GITHUB, "--grace", "soon"), {}, "must be a span such as", 2),
        (("rotate", "github"), {}, "which hook?", 2),
        ((*GITHUB, "--org", "acme"), {}, "which hook?", 2),
        (("rotate", "github", "--app", "--hook", "7"), {}, "an App has one hook only", 2),
        (("rotate", "github", "--repo", "shop"), {}, "must be OWNER/NAME", 2),
        (("rotate", "github", "--app"), {}, "which App? Set GITHUB_APP_ID", 2),
        (("rotate", "twilio"), {"TWILIO_AUTH_TOKEN": "wrong"}, "does not take these credentials", 2),
        (("rotate", "twilio"), {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}, "is not the auth token of", 2),
        (("rotate", "twilio"), {"TWILIO_ACCOUNT_SID": ""}, "Set TWILIO_ACCOUNT_SID", 2),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, tuple) else None,
)
def test_bad_input_stops_before_anything_is_changed(
    bench: Bench, arguments: tuple[str, ...], environment: dict[str, str], said: str, code: int
) -> None:
    """No version is stored, no hook is changed and no token is made, however much --yes is given."""
    ear = Ear()
    bench.github.limits = ear  # type: ignore[assignment] # hears instead of limiting
    found, out, error = bench.run(*arguments, "--yes", **environment)
    assert (found, out) == (code, "")
    assert said in error
    assert "Traceback" not in error
    assert bench.world.changes == []
    assert set(ear.heard) <= {"GET"}
    assert bench.hook.secret == OLD
    assert bench.twilio.store.secondary_token == ""


def test_a_hook_that_is_switched_off_stops_it(bench: Bench) -> None:
    """Nothing could prove its new secret."""
    bench.hook.active = False
    code, _, error = bench.run(*GITHUB, "--yes")
    assert (code, bench.world.changes) == (2, [])
    assert "is switched off" in error


def test_the_hook_that_points_here_is_found(bench: Bench) -> None:
    """Without --hook it is the only one with this URL; of several one has to be named."""
    bench.github.add_hook(FakeHook(6, "repository", REPO, "https://elsewhere.example/", OLD))
    assert bench.run("rotate", "github", "--repo", REPO, "--yes")[0] == 0
    assert (bench.hook.secret == OLD, bench.github.hooks[6].secret == OLD) == (False, True)
    bench.github.add_hook(FakeHook(9, "repository", REPO, bench.url.rstrip("/"), OLD))
    code, _, error = bench.run("rotate", "github", "--repo", REPO, "--yes")
    assert (code, "several hooks" in error) == (2, True)
    code, _, error = bench.run("rotate", "github", "--repo", REPO, "--url", "https://nowhere.example/")
    assert (code, "no hook of the repository acme/shop points to" in error) == (2, True)


def test_a_token_that_may_not_change_hooks_leaves_them_alone(bench: Bench) -> None:
    """It can read everything, so it is found out only when the hook is told: then the same command goes on later."""
    bench.github.add_token(TOKEN, REPO, may_write=False)
    code, _, error = bench.run(*GITHUB, "--yes")
    assert code == 1
    assert "may not reach" in error
    assert "the same command goes on, and --undo goes back" in error
    assert bench.hook.secret == OLD
    bench.github.add_token(TOKEN, REPO)
    assert bench.run(*GITHUB, "--yes")[0] == 0
    assert bench.hook.secret != OLD


def test_another_hook_is_given_the_current_key(bench: Bench) -> None:
    """--current shows what it would do, and with --yes two hooks sign with one key."""
    bench.github.add_hook(FakeHook(8, "repository", "acme/blog", bench.url, OLD))
    bench.github.add_token(TOKEN, REPO, "acme/blog")
    bench.run(*GITHUB, "--yes")
    bench.world.sleep(600)
    other = ("rotate", "github", "--repo", "acme/blog")
    assert "made for another hook" in bench.run(*other, "--yes")[2]
    code, out, _ = bench.run(*other, "--current")
    assert (code, "give the current key to the hook" in out) == (0, True)
    assert bench.github.hooks[8].secret == OLD
    assert bench.run(*other, "--current", "--yes")[0] == 0
    assert bench.github.hooks[8].secret == bench.hook.secret


def test_an_apps_hook_is_rotated_by_its_own_key_and_proven_by_its_next_delivery(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An App signs in with its JWT; without a ping the command waits for a delivery, says so, and goes on later."""
    private, public = rsa_key()
    (tmp_path / "app.pem").write_text(private)
    bench.github.guests.apps["4711"] = [public]
    hook = bench.github.add_hook(FakeHook(5, "app", "4711", bench.url, OLD))
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY_FILE", str(tmp_path / "app.pem"))
    app_hook = ("rotate", "github", "--app", "--yes")
    code, _, error = bench.run(*app_hook, GITHUB_APP_ID="4711")
    assert (code, "no delivery of the hook of the App proves" in error) == (1, True)
    assert hook.secret != OLD
    assert "AWSCURRENT" in bench.world.labelled()[OLD]
    bench.github.emit((hook,), Event("guid", "push"))
    assert bench.run(*app_hook, GITHUB_APP_ID="4711")[0] == 0
    assert bench.world.labelled()[hook.secret] == {"AWSCURRENT"}


@pytest.mark.parametrize("content_type", ["json", "form"])
def test_an_organizations_hook_is_rotated_whatever_it_sends(bench: Bench, content_type: str) -> None:
    """The signature of the ping is found over JSON and over a form, among more deliveries than a page holds."""
    hook = bench.github.add_hook(FakeHook(3, "organization", "acme", bench.url, OLD, content_type))
    bench.github.add_token(TOKEN, "acme")
    for number in range(150):
        bench.github.record(hook, Event(f"guid-{number}", "push"), Posted())
    busy = Event("meanwhile", "push")
    bench.github.on_page = lambda: [bench.github.record(hook, busy, Posted()) for _ in range(120)]
    code, document = bench.run_json("rotate", "github", "--org", "acme", "--hook", "3", "--yes")
    assert (code, document["place"]) == (0, "promoted")
    assert bench.world.labelled()[hook.secret] == {"AWSCURRENT"}


def test_a_twilio_rotation_stops_before_what_cannot_be_undone(bench: Bench) -> None:
    """--yes goes up to the promotion, --yes-promote through it; afterwards undoing is refused."""
    twilio = ("rotate", "twilio")
    code, out, _ = bench.run(*twilio)
    assert (code, "create a secondary token" in out, bench.world.changes) == (0, True, [])
    code, out, _ = bench.run(*twilio, "--yes")
    assert (code, bench.twilio.store.auth_token) == (0, OLD)
    assert "next: hookwatch secret rotate twilio --yes-promote --yes" in out
    assert bench.run("status", "twilio")[0] == 1
    code, document = bench.run_json(*twilio, "--yes", "--yes-promote")
    assert (code, document["place"]) == (0, "promoted")
    token = bench.twilio.store.auth_token
    assert bench.world.labelled() == {OLD: {"AWSPREVIOUS"}, token: {"AWSCURRENT"}}
    code, _, error = bench.run(*twilio, "--undo", "--yes", TWILIO_AUTH_TOKEN=token)
    assert (code, "no way back" in error) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "gitlab"), "gitlab"),
        (("status", "github", "--window", "1y"), "must be a span"),
        (("status", "github", "--window", "30d"), "from 1m to 14d"),
        (("status", "github", "--stack", "nope"), "there is no stack nope"),
    ],
)
def test_a_status_that_cannot_be_read(bench: Bench, arguments: tuple[str, ...], said: str) -> None:
    """Misuse ends with 2 and one sentence."""
    code, out, error = bench.run(*arguments)
    assert (code, out) == (2, "")
    assert said in error


def test_a_status_shows_labels_ages_and_what_verified(bench: Bench) -> None:
    """As a table and as a document: each key with its age and its count, and another tool's rotation as such."""
    bench.world.sleep(3 * 86_400)
    bench.world.put("99999999-2222-3333-4444-555555555555", "somebody else's", {"AWSPENDING"})
    bench.world.metrics = {"Accepted": 7, "PendingKeyUsed": 2}
    code, document = bench.run_json("status", "github", "--window", "2d")
    assert (code, document["place"], document["window_s"]) == (1, "others", 172_800)
    assert [(key["label"], key["age_s"], key["verified"]) for key in document["keys"]] == [
        ("AWSCURRENT", 259_200, 5),
        ("AWSPENDING", 0, 2),
    ]
    code, out, _ = bench.run("status", "github", "--window", "2d")
    assert "another tool's rotation is under way" in out
    assert "3 d" in out


def test_what_is_not_allowed_is_said(bench: Bench) -> None:
    """A permission that is missing is named, for the metrics as for the secret."""
    bench.world.refuse["get_metric_data"] = "AccessDenied"
    code, _, error = bench.run("status", "github")
    assert (code, "not allowed to get metric data" in error) == (2, True)
    bench.world.refuse = {"list_secret_version_ids": "AccessDeniedException"}
    code, _, error = bench.run("status", "github")
    assert (code, "not allowed to list secret version ids" in error) == (2, True)
