"""The alarms keep what they promise: each is tested, tells somebody, and watches a metric that exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hookwatch
from alarm_files import COST, FILES, REPOSITORY, STACK, alarm_resources, cases, catalogue, whole
from hookwatch.alarms import AlarmDefinition, CompositeDefinition, Unjudgeable
from hookwatch.alarms.foresight import foresee
from hookwatch.alarms.lint import lint_file
from hookwatch.alarms.runner import run_file
from hookwatch.alarms.state import AlarmState, MissingData
from hookwatch.cfn import load, resolve
from hookwatch.outcomes import ROWS

if TYPE_CHECKING:
    from hookwatch.cfn import Resource

TEMPLATES = (STACK, COST)
ALARMS = [(template, alarm) for template in TEMPLATES for alarm in alarm_resources(template)]
BANDS = {"GitHubTrafficAnomaly", "TwilioTrafficAnomaly"}
"""Alarms on a band that only CloudWatch can compute: reported as not simulated, and children of nothing."""

DESCRIPTION = re.compile(r"\[(P1|P2|P3|I)\] \S.* Impact: \S.* Runbook: https://\S+/runbooks/([\w-]+)\.md", re.DOTALL)


def described(resource: Resource) -> re.Match[str]:
    """An alarm's description, taken apart."""
    found = DESCRIPTION.fullmatch(str(resource.properties["AlarmDescription"]))
    assert found, f"{resource.logical_id}: {resource.properties['AlarmDescription']}"
    return found


PAGES = sorted({described(item)[2] for template in TEMPLATES for item in alarm_resources(template).values()})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_alarms_do_what_their_tests_say(path: Path):
    """Every case of every alarm test file passes."""
    result = run_file(path, REPOSITORY)
    assert result.faults == ()
    assert [fault for case in result.cases for judged in case.judged for fault in judged.faults] == []


@pytest.mark.parametrize(
    ("template", "alarm"), ALARMS, ids=lambda value: value if isinstance(value, str) else value.stem
)
def test_every_alarm_has_unit_tests(template: Path, alarm: str):
    """Each alarm is seen to fire, to end, to stay quiet, and to meet silence."""
    definition = catalogue(template).alarms[alarm]
    if isinstance(definition, Unjudgeable):
        assert alarm in BANDS
        assert not definition.faults[0].simulated
        return
    about = [tested.case for tested in cases() if tested.template == template.resolve()]
    seen = [[item for item in case.expect if item.alarm == alarm] for case in about]
    states = [[item.state for item in expected] for expected in seen if expected]
    assert any(AlarmState.ALARM in each for each in states), f"{alarm} is never seen to fire"
    assert any(AlarmState.OK in each[each.index(AlarmState.ALARM) :] for each in states if AlarmState.ALARM in each), (
        f"{alarm} is never seen to end"
    )
    assert any(set(each) == {AlarmState.OK} for each in states), f"{alarm} is never seen to stay quiet"
    in_silence = [expected for case, expected in zip(about, seen, strict=True) if expected and not case.series]
    if isinstance(definition, AlarmDefinition) and alarm not in {"BillingAlarm", "GitHubSilence", "TwilioSilence"}:
        assert in_silence, f"nobody knows what {alarm} does when there is no data at all"


def test_no_test_is_about_an_alarm_that_is_gone():
    """Every alarm that a test names is one of the templates."""
    named = {item.alarm for tested in cases() for item in tested.case.expect}
    assert named <= {alarm for _, alarm in ALARMS}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_linters_find_nothing(template: Path):
    """Neither cfn-lint nor our own linter has anything to say, with everything switched on."""
    command = [Path(sys.executable).with_name("cfn-lint"), template]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    found = lint_file(template, dict(whole(template).parameters))
    assert isinstance(found, list)
    assert {(item.logical_id, item.rule) for item in found} <= {(band, "A030") for band in BANDS}


@pytest.mark.parametrize(
    ("template", "alarm"), ALARMS, ids=lambda value: value if isinstance(value, str) else value.stem
)
def test_every_alarm_says_what_to_do(template: Path, alarm: str):
    """Severity, impact and the URL of its runbook, in at most 1,024 characters."""
    assert len(described(alarm_resources(template)[alarm])[0]) <= 1024


@pytest.mark.parametrize("page", PAGES)
def test_every_runbook_that_an_alarm_names_is_there(page: str):
    """The page that an alarm sends somebody to exists."""
    assert (REPOSITORY / "runbooks" / f"{page}.md").is_file()


def test_the_runbooks_are_those_of_this_release():
    """The default address of the runbooks is that of this version's tag, in every template."""
    for template in (*TEMPLATES, REPOSITORY / "template.yaml"):
        default = load(template).section("Parameters")["RunbookBaseUrl"]["Default"]
        assert default.endswith(f"/v{hookwatch.__version__}/runbooks")


def test_every_page_for_an_outcome_is_reached_by_an_alarm():
    """Whatever an outcome sends somebody to, an alarm sends them to as well."""
    assert {row.runbook for row in ROWS.values() if row.runbook} <= set(PAGES)


def test_what_fires_on_silence_gives_a_new_stack_time():
    """No alarm for which missing data breach judges a stack that has only just been made."""
    definitions = [alarm for alarm in catalogue(STACK).alarms.values() if isinstance(alarm, AlarmDefinition)]
    silent = {alarm.id: alarm for alarm in definitions if alarm.missing is MissingData.BREACHING}
    assert {"GitHubHeartbeatMissing", "TwilioSilence", "SweeperFailing"} < silent.keys()
    for name, alarm in silent.items():
        assert alarm.warm_up, name
        assert alarm.warm_up.length_s >= min(alarm.period_s * alarm.window.evaluation_periods, 172_800), name
        assert foresee(alarm).missing_data.endswith("or until its window is full of data."), name


def test_the_warm_up_of_silence_is_its_hours():
    """The table that stands for a multiplication has every value of SilenceHours, in minutes, two days at most."""
    given = load(STACK).section("Mappings")["Silence"]["WarmUp"]["Minutes"]
    last = load(STACK).section("Parameters")["SilenceHours"]["MaxValue"]
    assert given == [max(60, min(60 * hours, 2_880)) for hours in range(last + 1)]


def test_children_are_told_by_composites_alone():
    """What a composite watches has no action, what acts is no child, and nothing is told by nobody."""
    alarms = {key: alarm for key, alarm in catalogue(STACK).alarms.items() if not isinstance(alarm, Unjudgeable)}
    composites = [alarm for alarm in alarms.values() if isinstance(alarm, CompositeDefinition)]
    named = {
        key: [parent for parent in composites if f'ALARM("{alarm.name}")' in parent.text]
        for key, alarm in alarms.items()
    }
    acting = {key for key, alarm in alarms.items() if alarm.actions.any()}
    assert {key for key in acting if named[key]} == set()
    assert [key for key in alarms if key not in acting and not named[key]] == []
    assert {alarm.id for alarm in composites if alarm.actions.ok} == {
        "GitHubCustomerImpact",
        "TwilioCustomerImpact",
        "Delivery",
        "DeadLetters",
        "LoopOrSpend",
    }


def test_every_level_stands_by_itself():
    """With less monitoring, one provider, no topic of one's own or a plain function, the linter still finds nothing."""
    for given in (
        {"MonitoringLevel": "minimal"},
        {"MonitoringLevel": "standard"},
        {"HasHookwatchMetrics": "false", "MonitoringLevel": "full"},
        {"ReservedConcurrency": 0},
        {"AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:ops", "SilenceHours": 168},
    ):
        stack = resolve(load(STACK), {"GitHubFunctionName": "hooks-github", **given})
        alarms = {key: item for key, item in stack.resources.items() if item.type.endswith("Alarm")}
        assert alarms
        assert not [key for key in alarms if key.startswith("Twilio")]
        found = lint_file(STACK, {"GitHubFunctionName": "hooks-github", **given})
        assert isinstance(found, list)
        assert [item for item in found if item.logical_id in alarms and item.severity != "info"] == []


def test_twilio_is_watched_like_github():
    """Twilio's alarms are GitHub's with its name, its texts and its timeout."""
    resources = load(STACK).section("Resources")
    ours = {key: item for key, item in resources.items() if key.startswith("GitHub")}
    assert ours
    for key, item in ours.items():
        twin = resources[key.replace("GitHub", "Twilio")]
        assert _without_text(twin) == _without_text(_renamed(item)), key
    assert len(ours) == len([key for key in resources if key.startswith("Twilio")])


def _renamed(node: object) -> object:
    match node:
        case str():
            return node.replace("GitHub", "Twilio").replace("github", "twilio")
        case dict():
            return {key: _renamed(value) for key, value in node.items()}
        case list():
            return [_renamed(value) for value in node]
        case _:
            return node


def _without_text(node: object) -> object:
    assert isinstance(node, dict)
    properties = {key: value for key, value in node["Properties"].items() if key != "AlarmDescription"}
    return {**node, "Properties": properties}


def test_every_choice_about_missing_data_has_its_reason_beside_it():
    """A comment on the line, or on the line above, says why."""
    for template in TEMPLATES:
        lines = template.read_text(encoding="utf-8").splitlines()
        choices = [number for number, line in enumerate(lines) if line.strip().startswith("TreatMissingData:")]
        alarms = [item for item in alarm_resources(template).values() if item.type == "AWS::CloudWatch::Alarm"]
        assert len(choices) == len(alarms)
        for number in choices:
            assert "# " in lines[number] or lines[number - 1].strip().startswith("#"), f"{template}:{number + 1}"


def test_templates_keep_within_cloudformations_limits():
    """At most 200 parameters and 500 resources, and a body that fits into a bucket (1 MB)."""
    for template in TEMPLATES:
        document = load(template)
        assert len(document.section("Parameters")) <= 200
        assert len(document.section("Resources")) <= 500
        assert template.stat().st_size <= 1_000_000


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_parameter_explains_itself_and_has_a_place_in_the_console(template: Path):
    """Each parameter has a description, a default and one group in the console's form."""
    document = load(template)
    parameters = document.section("Parameters")
    groups = document.document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(parameters)
    assert all(item["Description"] and "Default" in item for item in parameters.values())
