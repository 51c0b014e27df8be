"""The drill: a bot that answers every comment makes a real loop, and each brake ends it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from hookwatch.cli.loop import app
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sandbox.echo import RULE, Echo, EchoBot
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

BOT = "acme-bot[bot]"
SUBJECT = f"Codertocat/Hello-World#1 {BOT}"
CAP = 2
LIMIT = 5
MINUTE_S = 2.0
"""How long a minute of the sandbox takes."""
ALARM = "hookwatch-github-loop-suspected"
ALARM_MINUTES = 5
"""The alarm asks for two of three minutes, and a minute is judged when it is over; docs/loops.md promises this."""
QUIET_S = 2.5
"""Longer than the bot waits for its queue and the sandbox for changed settings."""


@pytest.fixture(scope="module")
def looping_cloud() -> Iterator[Cloud]:
    """A sandbox whose functions may run twice at once and suspect a subject from the sixth delivery a minute on."""
    parameters = {"ReservedConcurrency": str(CAP), "LoopLimit": str(LIMIT), "OwnActors": "octo-helper"}
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters=parameters,
        seed=7,
        speed=60 / MINUTE_S,
    )
    yield from run_sandbox(config)


class Drill:
    """The sandbox with the bot in it, and the commands of the engineer on call."""

    def __init__(self, cloud: Cloud, bot: EchoBot) -> None:
        self.cloud, self.bot = cloud, bot
        self.endpoint = cloud.get("/api/health")["aws_endpoint_url"]

    def run(self, *arguments: str) -> tuple[int, Any]:
        """Run `hookwatch loop`; returns exit code and JSON document."""
        options = ["--endpoint-url", self.endpoint, "--region", "us-east-1", "--json"]
        done = CliRunner(env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).invoke(
            app, [*arguments, *options]
        )
        return done.exit_code, json.loads(done.stdout or "null")

    def start(self) -> None:
        """A person comments, and the loop runs by itself until it is suspected."""
        seen = self.suspected()
        self.bot.comment("octocat")
        eventually(lambda: self.suspected() > seen)
        turns = self.bot.heard.deliveries
        eventually(lambda: self.bot.heard.deliveries > turns + 10)

    def suspected(self) -> float:
        """Return how often LoopSuspected was counted."""
        totals = self.cloud.get("/api/metrics/totals")["totals"]
        return sum(float(total["sum"]) for total in totals if total["name"] == "LoopSuspected")

    def most(self, name: str) -> float:
        """Return the largest value of one of Lambda's metrics."""
        points = self.cloud.get(f"/api/metrics?namespace=AWS/Lambda&name={name}&limit=10000")["metrics"]
        return max(float(point["value"]) for point in points)

    def alarm(self) -> str:
        """Return the state of the alarm on LoopSuspected."""
        alarms = {alarm["name"]: alarm["state"] for alarm in self.cloud.get("/api/alarms")["alarms"]}
        return str(alarms[ALARM])

    def lines(self) -> list[Any]:
        """Return the log lines of deliveries, newest first."""
        found: list[Any] = self.cloud.get("/api/deliveries?limit=5000")["deliveries"]
        return found

    def goes_quiet(self) -> bool:
        """Wait until the bot has said nothing for a while; false if it only fell silent because of its bounds."""
        eventually(lambda: time.monotonic() - self.bot.heard.last_s > QUIET_S, patience_s=30)
        return not self.bot.exhausted

    def variables(self) -> dict[str, str]:
        """Return the environment that the GitHub function is deployed with."""
        client = Clients(self.endpoint)("lambda")
        found: dict[str, str] = client.get_function_configuration(FunctionName="hookwatch-github")["Environment"][
            "Variables"
        ]
        return found


@pytest.fixture
def drill(looping_cloud: Cloud) -> Iterator[Drill]:
    """The sandbox with a bot of its own."""
    clients = Clients(looping_cloud.get("/api/health")["aws_endpoint_url"])
    with EchoBot(clients, looping_cloud.sandbox.github_url or "", GITHUB_SECRET, Echo(pause_s=0.2)) as bot:
        yield Drill(looping_cloud, bot)


def test_a_loop_is_noticed_named_bounded_and_ended_by_dropping_its_actor(drill: Drill) -> None:
    """LoopSuspected counts, the log names the subject, the cap refuses the surplus, and the drop ends it."""
    before = drill.variables()
    drill.start()
    suspects = [line for line in drill.lines() if line.get("loop") == "subject_rate"]
    assert {line["subject"] for line in suspects} == {SUBJECT}
    eventually(lambda: drill.alarm() == "ALARM", patience_s=ALARM_MINUTES * MINUTE_S)
    assert drill.bot.heard.statuses[429]
    assert drill.most("Throttles") == 1
    assert drill.most("ConcurrentExecutions") == CAP

    code, document = drill.run("stop", "--actor", BOT, "--function", "github", "--stack", "hookwatch", "--yes")
    assert (code, document["changes"][0]["state"]) == (0, "done")
    assert drill.goes_quiet()
    dropped = [line for line in drill.lines() if line["outcome"] == "dropped"]
    assert {(line["subject"], line["loop"], line["reason"]) for line in dropped} == {
        (SUBJECT, "own_actor", "own_actor")
    }
    others, _ = drill.cloud.github("push")
    assert others.json["outcome"] == "accepted"

    code, status = drill.run("status")
    assert code == 1
    assert [stop["target"] for stop in status["stops"]] == [f"{BOT} at hookwatch-github"]
    assert drill.run("resume", "--actor", BOT, "--function", "hookwatch-github", "--yes")[0] == 0
    assert drill.variables() == before
    assert drill.run("status")[0] == 0
    eventually(lambda: drill.alarm() == "OK", patience_s=ALARM_MINUTES * MINUTE_S)


def test_disabling_the_rule_ends_the_loop_and_every_delivery_goes_on(drill: Drill) -> None:
    """Without its rule the bot hears nothing more, while webhooks are accepted as before."""
    drill.start()
    assert drill.run("stop", "--rule", RULE, "--yes")[0] == 0
    assert drill.goes_quiet()
    assert drill.cloud.github("issue_comment")[0].json["outcome"] == "accepted"
    assert drill.run("resume", "--rule", RULE, "--yes")[0] == 0
    assert drill.run("status", "--rule", RULE) == (0, {"stops": [], "functions": [], "buses": ["default"]})


def test_a_function_without_concurrency_ends_every_loop_through_it(drill: Drill) -> None:
    """All deliveries get 429 from then on, so nothing answers itself; resuming restores the cap that was there."""
    drill.start()
    assert drill.run("stop", "--function", "hookwatch-github", "--yes")[0] == 0
    assert drill.goes_quiet()
    assert drill.cloud.github("push")[0].status == 429
    code, document = drill.run("resume", "--function", "hookwatch-github", "--yes")
    assert (code, document["changes"][0]["after"]) == (0, {"reserved_concurrency": str(CAP)})
    eventually(lambda: drill.cloud.github("push")[0].status == 200)


def test_without_yes_nothing_is_changed(drill: Drill) -> None:
    """A dry run says what it would do and what it costs, and leaves environment, rule and concurrency as they are."""
    before = drill.variables()
    for selector in (["--actor", BOT], ["--function", "github"], ["--rule", RULE]):
        code, document = drill.run("stop", *selector)
        assert (code, document["dry_run"]) == (0, True)
        for change in document["changes"]:
            assert change["state"] == "planned"
            assert change["commands"]
            assert change["costs"]
    assert drill.variables() == before
    assert drill.run("status")[0] == 0
