"""The story that nobody had a tool for: 7,000 missed deliveries, 270 of them wanted (facts: buildomat, issue 109)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from github_rig import ORG, SECRET, TOKEN, Answers
from hookwatch.sandbox.github_api_model import FakeHook
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from redelivery_outage import FILTERS, TOTAL, WANTED, Outage, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNED_IN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION")
PROGRAM = "import sys; from hookwatch.cli import main; sys.exit(main())"


class Clock:
    """The time of day, and as much later as a test wants."""

    def __init__(self) -> None:
        self.later_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.later_s


class Story:
    def __init__(self, world: FakeGitHub, outage: Outage, clock: Clock, environ: dict[str, str]) -> None:
        self.world, self.outage, self.clock, self.environ = world, outage, clock, environ

    def command(self, *arguments: str) -> list[str]:
        base = [sys.executable, "-c", PROGRAM, "redeliver", "github", "--org", ORG.name, *FILTERS, "--json"]
        return [*base, "--pace", "0.01", "--points", "100000", "--ignore-loop-alarm", "a rehearsal", *arguments]

    def run(self, *arguments: str) -> tuple[int, Any]:
        done = subprocess.run(
            self.command(*arguments), env=self.environ, capture_output=True, text=True, timeout=150, check=False
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    @property
    def asked(self) -> list[int]:
        return [delivery for _, delivery in self.world.attempts]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """GitHub's record of the outage, and our URL that answers again."""
    clock = Clock()
    world = FakeGitHub(clock, Answers())
    world.limits.points_a_minute = 1_000_000
    hook = world.add_hook(FakeHook(6, "organization", ORG.name, "https://ours.example/", SECRET))
    outage = fill(world, hook)
    world.add_token(TOKEN, ORG.name)
    with serving(world) as url:
        more = {"GITHUB_API_URL": url, "GITHUB_TOKEN": TOKEN, "XDG_STATE_HOME": str(tmp_path)}
        # Signed in to no AWS account: there is neither a loop alarm nor a sweeper to ask for.
        nowhere = {name: text for name, text in os.environ.items() if name not in SIGNED_IN}
        yield Story(world, outage, clock, {**nowhere, **more, "PYTHONPATH": os.pathsep.join(sys.path)})


def test_seven_thousand_missed_and_270_wanted(story: Story) -> None:
    """The plan is right to the delivery; a limit and a kill are survived; exactly those are redelivered, and once."""
    code, document = story.run()
    assert (code, document["read"], document["planned"], story.asked) == (1, TOTAL, WANTED, [])
    planned = {each["guid"]: each["id"] for each in document["deliveries"] if each["verdict"] == "retry"}
    assert planned == story.outage.wanted
    others = {line["cause"]: line["count"] for line in document["plan"] if line["verdict"] != "retry"}
    assert others == {"malformed": 20, "too_large": 20, "server_error": 20}

    story.world.limits.inject(after=40, times=1, retry_after_s=1)
    killed = subprocess.Popen(
        story.command("--yes"), env=story.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline_s = time.monotonic() + 120
    while len(story.asked) < 100 and time.monotonic() < deadline_s:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    before = len(story.asked)
    assert 100 <= before < WANTED
    assert story.world.limits.refused == 1

    code, document = story.run("--yes")
    assert len(story.asked) == len(set(story.asked))
    # The one request that was on its way when the kill came may have arrived or not, and is left alone for a while.
    assert WANTED - 1 <= len(story.asked) <= WANTED
    story.clock.later_s += 31 * 60
    code, document = story.run("--yes")
    assert sorted(story.asked) == sorted(story.outage.wanted.values())
    assert document["verified"] is None or document["verified"]["failed"] == []

    requests = len(story.asked)
    code, document = story.run("--yes")
    assert (document["planned"], len(story.asked)) == (0, requests)
    assert {each["verdict"] for each in document["deliveries"]} == {"never", "tried enough"}
    assert code == 1  # what was tried enough or has to be re-injected is missing still


def test_ctrl_c_leaves_a_state_from_which_the_same_command_goes_on(story: Story) -> None:
    """SIGINT ends the run with what it did, and the next run does the rest and nothing twice."""
    stopped = subprocess.Popen(
        story.command("--yes"), env=story.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline_s = time.monotonic() + 120
    while len(story.asked) < 30 and time.monotonic() < deadline_s:
        time.sleep(0.005)
    stopped.send_signal(signal.SIGINT)
    out, error = stopped.communicate(timeout=60)
    assert (stopped.returncode, "Traceback" in error) == (1, False)
    document = json.loads(out)
    assert "the same command goes on with them" in document["run"]["stopped"]
    assert document["run"]["asked"] <= len(story.asked) < WANTED
    story.run("--yes")
    story.clock.later_s += 31 * 60
    story.run("--yes")
    assert sorted(story.asked) == sorted(story.outage.wanted.values())
