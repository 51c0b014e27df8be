"""dashboards/stack.yaml: what CloudWatch would refuse, and what an operator would miss."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dashboard_bodies import ALARM_ARN, ALARMS, BOTH, FILE, FREE_METRICS, QUEUES, SHARED, VARIANTS, bodies, stack
from dashboard_checker import faults
from hookwatch.cfn import TemplateError, contains_unresolved, load, resolve
from sam_template import REPOSITORY, deployed_whole, written

MORE_ALARMS = {"RuleName1": "r1", "EventBusName": "saas", "SilenceHours": 3, "Heartbeat": "on"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_cloudwatch_would_take_every_body(variant: str) -> None:
    """Each dashboard keeps to the documented structure, with titles, units, labels and no overlap."""
    for name, body in bodies(variant).items():
        assert faults(body) == [], name
        assert not contains_unresolved(body)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda widget: widget.update(x=20), "24 columns"),
        (lambda widget: widget.update(y=6, x=5), "overlap"),
        (lambda widget: widget.update(type="graph"), "type graph"),
        (lambda widget: widget["properties"].update(view="bogus"), "view bogus"),
        (lambda widget: widget["properties"].update(title=""), "no title"),
        (lambda widget: widget["properties"].update(yAxis={}), "no unit"),
        (lambda widget: widget["properties"]["metrics"].append(["AWS/Lambda", "Errors", "FunctionName"]), "half"),
        (
            lambda widget: widget["properties"].update(annotations={"horizontal": [{"value": "5", "label": "x"}]}),
            "number",
        ),
        (lambda widget: widget["properties"].update(period="60"), "period"),
    ],
)
def test_the_checker_finds_planted_faults(change: Any, said: str) -> None:
    """What stands between us and a refused deployment does see faults."""
    body = deepcopy(bodies("standard")["hookwatch-operations"])
    change(next(widget for widget in body["widgets"] if widget["type"] == "metric"))
    assert said in " ".join(faults(body))


@pytest.mark.parametrize("variant", ["standard", "standard with all", "GitHub only", "AWS's quick start"])
def test_the_standard_level_is_free(variant: str) -> None:
    """No dashboard has more than the 50 metrics of the free tier, each row counted, wherever it is repeated."""
    for name, body in bodies(variant).items():
        found = [row for w in body["widgets"] for row in w["properties"].get("metrics", []) if isinstance(row[0], str)]
        assert len(found) <= FREE_METRICS, name


@pytest.mark.parametrize("level", ["standard", "full"])
@pytest.mark.parametrize("extra", [{}, QUEUES | MORE_ALARMS], ids=["plain", "more"])
def test_every_alarm_is_shown(level: str, extra: dict[str, str]) -> None:
    """Alarms that tell somebody stand in the first widget, all others in the second, and none that is not made."""
    functions = {"GitHubFunctionName": "hooks-github", "TwilioFunctionName": "hooks-twilio", "MonitoringLevel": level}
    alarms = resolve(load(ALARMS), functions | extra | {"NamePrefix": "hooks"}).resources.values()
    made = {each.physical_name: bool(each.properties.get("AlarmActions")) for each in alarms if "Alarm" in each.type}
    body = next(
        json.loads(each.properties["DashboardBody"])
        for each in stack(functions | extra | {"AlarmArnPrefix": ALARM_ARN}).resources.values()
        if each.logical_id == "OperationsDashboard"
    )
    acting, other = (
        {arn.rpartition(":")[2] for arn in widget["properties"]["alarms"]}
        for widget in body["widgets"]
        if widget["type"] == "alarm"
    )
    assert acting == {name for name, acts in made.items() if acts}
    assert other == {name for name, acts in made.items() if not acts}


def test_minimal_makes_saved_queries_only() -> None:
    """At the lowest level there is no dashboard to pay for, and every query is there."""
    kinds = [each.type for each in stack(BOTH | {"MonitoringLevel": "minimal"}).resources.values()]
    assert set(kinds) == {"AWS::Logs::QueryDefinition"}
    assert kinds.count("AWS::Logs::QueryDefinition") >= 9


def test_parameters_mean_the_same_everywhere() -> None:
    """A parameter that template.yaml or alarms/stack.yaml has too has one default, one range and one form."""
    ours = load(FILE).section("Parameters")
    for other in (written(), load(ALARMS)):
        theirs = other.section("Parameters")
        for name in ours.keys() & theirs.keys():
            assert {key: ours[name].get(key) for key in SHARED} == {key: theirs[name].get(key) for key in SHARED}, name


def test_the_main_template_passes_what_it_made() -> None:
    """Nested, the dashboards get the functions, log groups, bus, alarms and limits of the stack, under its name."""
    whole = deployed_whole(ReservedConcurrency=25, EventBusName="saas", Tracing="PassThrough", HourlySpendLimit=7)
    child = whole.children["Dashboards"]
    expected = {
        "NamePrefix": "hooks",
        "GitHubFunctionName": "hooks-github",
        "TwilioLogGroupName": "/aws/lambda/hooks-twilio",
        "EventBusName": "saas",
        "AlarmArnPrefix": ALARM_ARN,
        "AlarmTopicName": "hooks-alarms",
        "ReservedConcurrency": 25,
        "HourlySpendLimit": 7,
        "TracedShare": 0,
    }
    assert {name: child.parameters[name] for name in expected} == expected
    assert child.notes == child.missing_parameters == ()


def test_nothing_to_draw_is_refused() -> None:
    """A stack without any function fails with a sentence, and a bus by its ARN is refused."""
    (rule,) = load(FILE).section("Rules").values()
    assert "Nothing to draw" in rule["Assertions"][0]["AssertDescription"]
    with pytest.raises(TemplateError, match="EventBusName"):
        stack(BOTH | {"EventBusName": "arn:aws:events:us-east-1:123456789012:event-bus/saas"})


def test_the_documentation_names_what_there_is() -> None:
    """docs/dashboards.md has every widget of the standard level and every saved query, under their own names."""
    page = (REPOSITORY / "docs" / "dashboards.md").read_text(encoding="utf-8")
    titles = {
        widget["properties"]["title"]
        for body in bodies("standard with all").values()
        for widget in body["widgets"]
        if widget["type"] != "text"
    }
    saved = {each.properties["Name"] for each in stack(BOTH | QUEUES).resources.values() if "Name" in each.properties}
    tables = re.findall(r"^\| (.+?) \| .+ \|$", page, re.MULTILINE)
    assert {title for title in titles if not any(title.startswith(row) for row in tables)} == set()
    assert {name.rpartition("/")[2] for name in saved} == {row.strip("`") for row in tables if row.startswith("`")}


def test_linter_finds_nothing() -> None:
    """cfn-lint, warnings included, is content."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
