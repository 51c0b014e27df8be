"""One full run of samples and faults, and then: no alarm and no widget of the deployed stack is without data.

What is asked for is read from the template, as deployed. What cannot have data here is in `EXCEPTIONS`, each with its
reason, and each is tested to be needed still.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

import insights_run
from alarm_files import COST, EVERYTHING, STACK
from github_rig import REPO, TOKEN, Answers
from hookwatch.alarms.lint.published import PUBLISHED
from hookwatch.cfn import Stack, load, resolve
from hookwatch.sandbox.alarms_template import read_stack
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.github_api_model import FakeHook
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, run_sandbox
from sandbox.everything_driven import BUS, PARAMETERS, RULE, Driver
from sandbox.everything_named import Named, log_queries, made_alarms, of_alarms, of_widgets, shown_alarms

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox

SPEED = 60.0
PATIENCE_S = 30.0
EXCEPTIONS = {
    ("AWS/Billing", "EstimatedCharges"): "a bill is made by AWS's accounting, hours later, and by nothing that is here",
}
GIVEN = {"GitHubWebhookSecret": GITHUB_SECRET, "TwilioWebhookSecret": TWILIO_TOKEN, **PARAMETERS}


@pytest.fixture(scope="module")
def driven() -> Iterator[Driver]:
    """The real template with everything switched on, after the full run."""
    world = FakeGitHub(time.time, Answers())
    world.add_hook(FakeHook(5, "repository", REPO.name, "https://example.test/", GITHUB_SECRET))
    world.add_token(TOKEN, REPO.name)
    with serving(world) as github_api:
        config = SandboxConfig(
            template=TEMPLATE,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters=PARAMETERS | {"SweeperApiUrl": github_api},
            speed=SPEED,
            seed=7,
        )
        for cloud in run_sandbox(config):
            driver = Driver(cloud)
            driver.everything()
            yield driver


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The template as that sandbox deployed it."""
    read = read_stack(TEMPLATE, GIVEN, {})
    assert isinstance(read, Stack), read
    return read


def alone() -> Iterator[tuple[str, Stack]]:
    """The alarm templates by themselves, with the alarms that template.yaml leaves out, over the same functions."""
    same = {
        "GitHubFunctionName": "hookwatch-github",
        "TwilioFunctionName": "hookwatch-twilio",
        "EventBusName": BUS,
        **{f"RuleName{number}": "" for number in range(2, 11)},
        "RuleName1": RULE,
        "NamePrefix": "hookwatch",
        "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:hookwatch-alarms",
        "ParkingQueueName": "hookwatch-parked",
        "ParkingDlqName": "hookwatch-parked-dlq",
        "ReplayFunctionName": "hookwatch-replay",
        "SweeperFunctionName": "hookwatch-sweeper",
    }
    for template in (STACK, COST):
        declared = load(template).section("Parameters")
        given = EVERYTHING[template] | {name: value for name, value in same.items() if name in declared}
        yield template.name, resolve(load(template), given)


def silent(driven: Driver, named: list[Named]) -> list[str]:
    """Return what has no datapoint, by where it is named."""
    found = []
    for each in named:
        reply = driven.cloud.call("POST", "/api/metrics/query", each.document)
        assert reply.status == 200, (each.where, reply.body)
        if not any(series["points"] for series in reply.json["series"] if series["id"] == each.wanted):
            found.append(each.where)
    return found


def heard(driven: Driver, named: list[Named]) -> None:
    """Wait until everything has a datapoint; queues and alarms are measured as time passes."""
    left = [each for each in named if not each.metrics & EXCEPTIONS.keys()]
    assert left
    end = time.monotonic() + PATIENCE_S
    while missing := silent(driven, left):
        left = [each for each in left if each.where in missing]
        assert time.monotonic() < end, "without data:\n" + "\n".join(missing)
        time.sleep(0.2)


def test_every_metric_of_every_alarm_has_data(driven: Driver, stack: Stack) -> None:
    """Each metric by itself, with the alarm's statistic and period, and the series that the alarm judges."""
    heard(driven, list(of_alarms(stack)))


def test_every_line_of_every_widget_has_data(driven: Driver, stack: Stack) -> None:
    """Each row of each metric widget, hidden rows, expressions and searches included."""
    heard(driven, list(of_widgets(stack)))


def test_alarms_that_the_main_template_leaves_out_have_data_too(driven: Driver) -> None:
    """Deployed alone the templates make more: the account's own figures, and the bill."""
    heard(driven, [each for _, other in alone() for each in of_alarms(other)])


def test_each_exception_is_still_needed(driven: Driver, stack: Stack) -> None:
    """What is excepted is named by an alarm or a widget, and the sandbox has no data of it."""
    alarms = [each for _, other in alone() for each in of_alarms(other)]
    named = {metric for each in (*alarms, *of_widgets(stack)) for metric in each.metrics}
    seen = {(each["namespace"], each["name"]) for each in totals(driven)}
    for metric, reason in EXCEPTIONS.items():
        assert metric in named, reason
        assert metric not in seen, reason


def test_every_log_query_has_rows(driven: Driver, stack: Stack) -> None:
    """Log widgets and saved queries, run over the lines that the functions wrote."""
    groups = driven.cloud.sandbox.observer.log_groups
    delivery_id = driven.cloud.get("/api/deliveries?limit=1")["deliveries"][0]["delivery_id"]
    rows = []
    for entry in reversed(driven.cloud.get("/api/logs?limit=10000")["lines"]):
        if entry["line"].startswith("{"):
            line: dict[str, Any] = json.loads(entry["line"])
            rows.append(insights_run.flattened(line, groups[entry["function"]], entry["time_ms"]))
    queries = list(log_queries(stack))
    assert len(queries) > 10
    empty = [
        where
        for where, query in queries
        if not insights_run.run(query.replace("{{id}}", delivery_id), rows, time.time())
    ]
    assert empty == []


def test_every_alarm_that_a_widget_shows_is_made(stack: Stack) -> None:
    """No alarm widget points at an alarm that is not there, and every alarm is in one."""
    assert shown_alarms(stack) == made_alarms(stack)


def test_what_is_measured_as_aws_is_documented_by_aws(driven: Driver) -> None:
    """Each metric of an AWS namespace has a name and a set of dimensions that AWS publishes."""
    ours = [each for each in totals(driven) if each["namespace"] in PUBLISHED]
    assert {each["namespace"] for each in ours} == {"AWS/Events", "AWS/Lambda", "AWS/Logs", "AWS/SNS", "AWS/SQS"}
    for each in ours:
        assert frozenset(each["dimensions"]) in PUBLISHED[each["namespace"]][each["name"]], each


def totals(driven: Driver) -> list[dict[str, Any]]:
    """Return every metric that was seen."""
    found: list[dict[str, Any]] = driven.cloud.get("/api/metrics/totals")["totals"]
    return found
