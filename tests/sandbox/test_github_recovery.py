"""The outage story with GitHub: functions down, deliveries failed, and each of them comes onto the bus once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from typer.testing import CliRunner

from hookwatch.cli.redeliver import app
from hookwatch.sandbox.github_fake import REPOSITORY, TOKEN
from sandbox.cloud_rig import GITHUB_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hookwatch.sandbox.github_api_world import FakeGitHub
    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

FAST = ("--pace", "0", "--points", "100000", "--settle", "30")


class GitHub:
    """The sandbox's GitHub, as the docs use it."""

    def __init__(self, cloud: Cloud, state: Path) -> None:
        self.cloud = cloud
        self.url = f"{cloud.sandbox.api_url}fake/github"
        self.environ = {
            "GITHUB_API_URL": self.url,
            "GITHUB_TOKEN": TOKEN,
            "XDG_STATE_HOME": str(state),
            "AWS_ENDPOINT_URL": cloud.get("/api/health")["fault_proxy_url"],
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @property
    def world(self) -> FakeGitHub:
        return self.cloud.sandbox.github.world

    def send(self, event: str, count: int) -> dict[str, int]:
        answer = urllib3.request("POST", f"{self.url}/send", body=f"event={event}&count={count}")
        assert answer.status == 200, answer.data
        statuses: dict[str, int] = answer.json()["deliveries"]
        return statuses

    def guids(self, count: int) -> list[str]:
        return [each.event.guid for each in self.world.kept(self.world.hooks[1])][-count:]

    def redeliver(self, *arguments: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["github", "--repo", REPOSITORY, "--json", *arguments], env=self.environ)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.stdout, done.stderr
        assert GITHUB_SECRET not in done.stdout + done.stderr
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def github(cloud: Cloud, tmp_path: Path) -> Iterator[GitHub]:
    """A GitHub whose record begins with this test."""
    made = GitHub(cloud, tmp_path)
    made.world._records[1].clear()
    made.world.attempts.clear()
    yield made
    cloud.clear()


def events(cloud: Cloud, guid: str) -> list[Any]:
    """Every event of one delivery that reached the rules."""
    return [
        each
        for each in cloud.get("/api/events?limit=1000")["events"]
        if each["resources"] == [f"hookwatch:github:delivery/{guid}"]
    ]


def test_an_outage_is_brought_back_delivery_by_delivery(cloud: Cloud, github: GitHub) -> None:
    """As docs/sandbox.md says it: a fault, deliveries that fail, and one command that brings them back."""
    cloud.fault(operation="Invoke", fault="throttle", function="github")
    assert github.send("push", 12) == {"Invalid HTTP Response: 429": 12}
    guids = github.guids(12)
    code, document = github.redeliver()
    assert (code, document["planned"], document["plan"][0]["cause"]) == (1, 12, "throttled")
    cloud.clear()
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["recovered"], document["missing"]) == (0, 12, 0)
    for guid in guids:
        event = cloud.event(guid)
        assert (event["source"], event["detail-type"]) == ("github.com", "push")
        assert len(events(cloud, guid)) == 1
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["planned"], len(github.world.attempts)) == (0, 0, 12)


def test_a_drifted_secret_is_fixed_first_and_redelivered_then(cloud: Cloud, github: GitHub) -> None:
    """401s wait until any delivery verifies again; that success is the proof, and then they come back by themselves."""
    hook = github.world.hooks[1]
    hook.secret = "drifted"
    assert github.send("push", 2) == {"Invalid HTTP Response: 401": 2}
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["planned"], document["plan"][0]["verdict"]) == (1, 0, "fix first")
    hook.secret = GITHUB_SECRET
    assert github.send("ping", 1) == {"OK": 1}
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["recovered"]) == (0, 2), json.dumps(document)


def test_what_no_redelivery_can_bring_is_published_from_here(cloud: Cloud, github: GitHub) -> None:
    """The endpoint stays down; the payloads are proven, published with the same ids, and marked."""
    cloud.fault(operation="Invoke", fault="throttle", function="github")
    github.send("issues", 2)
    guids = github.guids(2)
    code, document = github.redeliver("--reinject", "--yes", *FAST)
    assert (code, document["recovered"], github.world.attempts) == (0, 2, [])
    for guid in guids:
        ours = cloud.event(guid)["detail"]["hookwatch"]
        assert (ours["reinjected"], ours["delivery_id"], ours["hook_id"]) == (True, guid, "1")
        assert len(events(cloud, guid)) == 1


def test_redeliveries_that_fail_again_are_told(cloud: Cloud, github: GitHub) -> None:
    """Nothing is called recovered that is not."""
    cloud.fault(operation="Invoke", fault="throttle", function="github")
    github.send("push", 1)
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["recovered"], document["verified"]["failed"][0]["cause"]) == (1, 0, "throttled")
    cloud.clear()
    code, document = github.redeliver("--yes", *FAST)
    assert (code, document["recovered"]) == (0, 1), json.dumps(document)
