"""The drill: both providers change their secret under traffic, killed at every step, and no delivery is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hookwatch.cli.secret import app
from hookwatch.cli.secret_asked import Tools
from hookwatch.recover.rotation import Step
from hookwatch.recover.rotation_accept import Pace
from hookwatch.sandbox.cloud_model import REGION, SandboxConfig
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, run_sandbox
from sandbox.rotation_rig import HOOK, REPO, Rig, Traffic, rotation_rig
from support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]

DELIVERIES = 2000
GITHUB = ("rotate", "github", "--repo", REPO, "--hook", str(HOOK), "--yes")
TWILIO = ("rotate", "twilio", "--yes", "--yes-promote")


GITHUB_STEPS = (Step.CHECK, Step.STORE, Step.ACCEPT, Step.TELL, Step.PROVE, Step.PROMOTE)
TWILIO_STEPS = (Step.CHECK, Step.ACCEPT, Step.TELL, Step.PROMOTE)
ENOUGH = 20
"""Of each key, so that the drill has seen both."""


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A sandbox of its own; the same example is sent again and again, which is no loop here."""
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters={"LoopLimit": "0", "ReservedConcurrency": "20"},
        seed=7,
    )
    for cloud in run_sandbox(config):
        with rotation_rig(cloud) as rig:
            yield rig


def table(rows: list[tuple[str, Traffic, str]]) -> str:
    """What was sent, as a table: name, traffic, and the key that was in force before."""
    lines = [f"{'':28}{'sent':>8}{'2xx':>8}{'refused':>9}{'old key':>9}{'new key':>9}"]
    for name, each, old in rows:
        answered = f"{each.sent:>8}{each.sent - each.refused:>8}{each.refused:>9}"
        lines.append(f"{name:28}{answered}{each.signed[old]:>9}{each.sent - each.signed[old]:>9}")
    return "\n".join(["", *lines])


def rotate(rig: Rig, command: tuple[str, ...], steps: tuple[Step, ...]) -> list[bool]:
    """Kill the command at each step and begin it again, then let it come to its end; whether each kill struck."""
    killed = [rig.kill_at(step, *command) for step in steps]
    done = rig.run(*command)
    assert done.returncode == 0, done.stderr
    return killed


def finish(provider: str, rig: Rig, *, minutes_later: int) -> tuple[int, str]:
    """End the previous key, some minutes later by the command's clock."""
    pace = Pace(now=lambda: datetime.now(UTC) + timedelta(minutes=minutes_later))
    arguments = ["rotate", provider, "--finish", "--yes", "--endpoint-url", rig.aws.endpoint, "--region", REGION]
    done = CliRunner(env=dict(rig.environment)).invoke(app, arguments, obj=Tools(pace=pace))
    return done.exit_code, done.output


def test_two_thousand_deliveries_through_a_rotation_that_is_killed_at_every_step(rig: Rig) -> None:
    """Signed with the old and the new key by concurrent senders, none is refused, and the rotation comes to its end."""
    with (
        rig.github_traffic(DELIVERIES, every_s=0.1) as github,
        rig.twilio_traffic(every_s=0.2) as twilio,
        ThreadPoolExecutor(2) as both,
    ):
        rotations = [both.submit(rotate, rig, GITHUB, GITHUB_STEPS), both.submit(rotate, rig, TWILIO, TWILIO_STEPS)]
        killed = [each for rotation in rotations for each in rotation.result()]
        wait_until(lambda: twilio.signed[rig.twilio.store.auth_token] >= ENOUGH)
    assert all(killed)
    secret, token = rig.hook.secret, rig.twilio.store.auth_token
    print(table([("github, 4 senders", github, GITHUB_SECRET), ("twilio, 1 sender", twilio, TWILIO_TOKEN)]))
    assert github.sent >= DELIVERIES
    assert (github.refused, twilio.refused) == (0, 0)
    for traffic, old, new in ((github, GITHUB_SECRET, secret), (twilio, TWILIO_TOKEN, token)):
        assert old != new
        assert min(traffic.signed[old], traffic.signed[new]) >= ENOUGH
    assert rig.labels("github") == {GITHUB_SECRET: {"AWSPREVIOUS"}, secret: {"AWSCURRENT"}}
    assert rig.labels("twilio") == {TWILIO_TOKEN: {"AWSPREVIOUS"}, token: {"AWSCURRENT"}}


def test_the_status_counts_and_the_previous_key_ends_when_it_is_quiet(rig: Rig) -> None:
    """After the drill above: unfinished, with what each key verified; ended only after the grace, and then finished."""
    done = rig.run("status", "github", "--json")
    status = json.loads(done.stdout)
    assert (done.returncode, status["place"], status["unfinished"]) == (1, "promoted", True)
    assert sum(status["verified"].values()) >= DELIVERIES
    # Functions really take a pending key. How often the previous one verified depends on which copies have read the
    # labels since: to the others it is still the current one.
    assert min(status["verified"]["current"], status["verified"]["pending"]) > 0
    assert json.loads(rig.run("status", "twilio", "--json").stdout)["verified"]["pending"] > 0
    for provider in ("github", "twilio"):
        code, output = finish(provider, rig, minutes_later=0)
        assert (code, "run this again when 10 min have passed" in output) == (1, True)
        code, output = finish(provider, rig, minutes_later=15)
        assert code == 0, output
        assert [set(labels) for labels in rig.labels(provider).values()] == [{"AWSCURRENT"}]
    assert rig.run("status", "github").returncode == 0


def undo_github(rig: Rig, secret: str) -> None:
    """Kill a rotation where the key is stored, accepted, told and promoted, and go back each time."""
    for step in (Step.STORE, Step.ACCEPT, Step.PROVE, None):
        if step is None:
            assert rig.run(*GITHUB).returncode == 0
            assert rig.hook.secret != secret
        else:
            assert rig.kill_at(step, *GITHUB), step
        done = rig.run(*GITHUB, "--undo")
        assert done.returncode == 0, (step, done.stderr)
        assert rig.hook.secret == secret
        assert "AWSCURRENT" in rig.labels("github")[secret]
        assert not any("AWSPENDING" in labels for labels in rig.labels("github").values())
        # What the undone key signed is minutes old by then; the next rotation asks for that.
        finish("github", rig, minutes_later=15)


def undo_twilio(rig: Rig, token: str) -> None:
    """Kill a rotation where the token is stored and accepted, and go back; after the promotion there is no way back."""
    for command in (TWILIO, TWILIO[:-1]):
        if command is TWILIO:
            assert rig.kill_at(Step.ACCEPT, *command)
        else:
            assert rig.run(*command).returncode == 0
        assert rig.run(*command, "--undo").returncode == 0
        assert (rig.twilio.store.auth_token, rig.twilio.store.secondary_token) == (token, "")
        assert rig.labels("twilio") == {token: {"AWSCURRENT"}}
    assert rig.run(*TWILIO).returncode == 0
    done = rig.run(*TWILIO, "--undo")
    assert (done.returncode, "no way back" in done.stderr) == (1, True)


def test_undone_from_every_step_the_old_key_is_in_force_and_nothing_was_refused(rig: Rig) -> None:
    """Killed before and after the provider was told, --undo leads back, under traffic, and no delivery is refused."""
    secret, token = rig.hook.secret, rig.twilio.store.auth_token
    with (
        rig.github_traffic(0, every_s=0.5) as github,
        rig.twilio_traffic(every_s=0.5) as twilio,
        ThreadPoolExecutor(2) as both,
    ):
        for undoing in (both.submit(undo_github, rig, secret), both.submit(undo_twilio, rig, token)):
            undoing.result()
    rows = [("github, undone 4 times", github, secret), ("twilio, undone twice", twilio, token)]
    print(table(rows))
    assert (github.refused, twilio.refused) == (0, 0)
    assert len(github.signed) == 3
