import json
from pathlib import Path

import pytest

from hookwatch.alarms.report import as_json, as_junit, details
from hookwatch.alarms.results import FileResult
from hookwatch.alarms.runner import run_file

SHOP = (Path(__file__).parents[1] / "alarms" / "fixtures" / "shop.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the shop template."""
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    return tmp_path


def run(folder: Path, text: str) -> FileResult:
    """Run a test file with this text."""
    (folder / "tests.yaml").write_text(text, encoding="utf-8")
    return run_file(folder / "tests.yaml", folder / "elsewhere")


def case(series: str, *expect: str, more: str = "") -> str:
    """Return a file with one case."""
    lines = "\n".join(f"      - {{{item}}}" for item in expect)
    head = "template: shop.yaml\ncases:\n  - name: it\n    step_s: 60\n"
    return f"{head}    series: [{series}]\n    expect:\n{lines}\n{more}"


ERRORS = "{namespace: AWS/Lambda, metric: Errors, dimensions: {FunctionName: shop}, values: '0x4 1x9'}"
BEAT = "{namespace: Shop, metric: Heartbeat, values: '1x9 _x9 1x9'}"


def test_the_fixture_file_passes():
    """The file that the documentation shows passes whole."""
    result = run_file(Path(__file__).parents[1] / "alarms" / "fixtures" / "shop-tests.yaml")
    assert result.ok, [details(item) for item in result.cases]


def test_a_failure_shows_the_datapoints_and_the_history(folder):
    """A wrong expectation tells the state, why, the evaluation range and every change."""
    result = run(folder, case(ERRORS, "at_s: 480, alarm: Errors, state: OK"))
    assert not result.ok
    text = "\n".join(details(result.cases[0]))
    assert "Errors is ALARM at 480 s, expected OK" in text
    assert "3 of 5 datapoints breach, 3 of 5 are needed" in text
    assert "300s=1! 360s=1! 420s=1!" in text
    assert "480 s: OK -> ALARM" in text


def test_actions_are_those_since_the_previous_expectation(folder):
    """An action is counted once, between two expectations of the same alarm."""
    result = run(
        folder,
        case(
            BEAT,
            "at_s: 600, alarm: Heartbeat, state: OK, actions: [Topic]",
            "at_s: 840, alarm: Heartbeat, state: OK, actions: []",
            "at_s: 900, alarm: Heartbeat, state: ALARM, actions: [hookwatch-Topic]",
            "at_s: 1140, alarm: Heartbeat, state: ALARM, actions: []",
            "at_s: 1800, alarm: Heartbeat, state: OK, actions: [Topic]",
        ),
    )
    assert result.ok, details(result.cases[0])


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ("[TicketTopic, Topic]", "the action Topic was not taken"),
        ("[]", "not expected: arn:aws:sns:us-east-1:123456789012:hookwatch-TicketTopic at 480 s (to ALARM)"),
        ("[Topic]", "the action Topic was not taken"),
    ],
)
def test_wrong_actions_fail(folder, actions, message):
    """A missing and an extra action are both named; Topic does not match TicketTopic."""
    result = run(folder, case(ERRORS, f"at_s: 480, alarm: Errors, state: ALARM, actions: {actions}"))
    assert not result.ok
    assert message in "\n".join(details(result.cases[0]))


def test_a_step_longer_or_shorter_than_the_period(folder):
    """Entries are stamped i * step_s and fall into the alarm's own periods."""
    by_ten = (
        "{namespace: AWS/Lambda, metric: Errors, dimensions: {FunctionName: shop}, values: '0x23 1 0x5 1 0x5 1 0x30'}"
    )
    text = case(by_ten, "at_s: 420, alarm: Errors, state: ALARM").replace("step_s: 60", "step_s: 10")
    result = run(folder, text)
    assert result.ok, details(result.cases[0])


def test_low_sample_percentile_keeps_the_state(folder):
    """Two slow requests in a minute do not fire a p50 that ignores low samples; forty do."""
    series = ERRORS.replace("metric: Errors", "metric: UrlRequestLatency").replace("0x4 1x9", "5*40 [500,900] 500*40")
    result = run(
        folder,
        case(
            series,
            "at_s: 60, alarm: Latency, state: OK",
            "at_s: 120, alarm: Latency, state: OK",
            "at_s: 180, alarm: Latency, state: ALARM",
        ),
    )
    assert result.ok, details(result.cases[0])


def test_conditions_and_case_parameters(folder):
    """An alarm that the parameters leave out fails its case with a sentence; a case may set its own parameters."""
    result = run(folder, case(BEAT, "at_s: 60, alarm: Heartbeat, state: OK", more="    parameters: {Level: minimal}\n"))
    assert not result.ok
    assert "no alarm Heartbeat with these parameters" in result.cases[0].judged[0].why


def test_an_unresolved_part_fails_the_case_with_a_sentence(folder):
    """An alarm whose dimension cannot be known says which part and why."""
    text = SHOP.replace("FunctionName: {Type: String, Default: shop}", "FunctionName: {Type: String}")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    result = run(folder, case(ERRORS, "at_s: 60, alarm: Errors, state: OK", "at_s: 60, alarm: Impact, state: OK"))
    assert not result.ok
    whys = [item.why for item in result.cases[0].judged]
    assert "dimension FunctionName: Value is unresolved: parameter FunctionName has no value" in whys[0]
    assert "Impact cannot be judged" in whys[1]


def test_a_series_that_nothing_reads_is_noted_with_the_nearest(folder):
    """A mistyped dimension is noted beside the case, with the metric that was meant."""
    wrong = ERRORS.replace("FunctionName: shop", "FunctionName: shpo")
    result = run(folder, case(wrong, "at_s: 60, alarm: Errors, state: OK"))
    assert "FunctionName: shpo" in result.cases[0].notes[0]
    assert "nearest that is read is AWS/Lambda Errors {FunctionName: shop}" in result.cases[0].notes[0]


def test_nested_stacks_are_addressed_by_stack_and_id(folder):
    """An alarm in a nested stack is Stack.Id, and the parent's topic is found by its logical id."""
    (folder / "top.yaml").write_text(
        "Resources:\n"
        "  Pager: {Type: AWS::SNS::Topic}\n"
        "  Alarms:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: child.yaml, Parameters: {Topic: !Ref Pager}}\n",
        encoding="utf-8",
    )
    (folder / "child.yaml").write_text(
        "Parameters: {Topic: {Type: String}}\n"
        "Resources:\n  Hot:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n"
        "      {Namespace: N, MetricName: M, Statistic: Maximum, Period: 60, EvaluationPeriods: 1, Threshold: 5,\n"
        "       ComparisonOperator: GreaterThanThreshold, AlarmActions: [!Ref Topic]}\n",
        encoding="utf-8",
    )
    text = case("{namespace: N, metric: M, values: '9'}", "at_s: 60, alarm: Alarms.Hot, state: ALARM, actions: [Pager]")
    result = run(folder, text.replace("shop.yaml", "top.yaml"))
    assert result.ok, details(result.cases[0])


def test_an_insight_rule_may_be_named_by_its_logical_id(folder):
    """A Contributor Insights series feeds INSIGHT_RULE_METRIC."""
    (folder / "top.yaml").write_text(
        "Resources:\n  Top: {Type: AWS::CloudWatch::InsightRule, Properties: {RuleName: top-talkers}}\n"
        "  Loop:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n"
        "      EvaluationPeriods: 1\n      Threshold: 100\n      ComparisonOperator: GreaterThanThreshold\n"
        "      Metrics:\n        - {Id: e1, Period: 300, Expression: !Sub "
        "\"INSIGHT_RULE_METRIC('${Top.RuleName}', 'MaxContributorValue')\"}\n",
        encoding="utf-8",
    )
    for series in (
        "{insight_rule: Top, metric: MaxContributorValue, VALUES}",
        "{insight_rule: top-talkers, metric: MaxContributorValue, VALUES}",
        "{namespace: INSIGHT_RULE_METRIC, metric: MaxContributorValue, dimensions: {RuleName: top-talkers}, VALUES}",
    ):
        given = series.replace("VALUES", "values: '5 500 5x8'")
        text = case(given, "at_s: 300, alarm: Loop, state: ALARM", "at_s: 600, alarm: Loop, state: OK")
        result = run(folder, text.replace("shop.yaml", "top.yaml"))
        assert result.ok, details(result.cases[0])
        assert result.cases[0].notes == ()


def test_json_files_and_templates_in_the_working_directory(tmp_path):
    """A JSON file is read like YAML, and the template is looked up beside it first, then in the working directory."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    expect = [{"at_s": 60, "alarm": "Errors", "state": "OK"}]
    path = tmp_path / "tests" / "t.json"
    path.write_text(json.dumps({"template": "shop.yaml", "cases": [{"name": "a", "expect": expect}]}), encoding="utf-8")
    assert run_file(path, tmp_path).ok
    (tmp_path / "tests" / "shop.yaml").write_text("Resources: {A: {Type: X}}", encoding="utf-8")
    assert not run_file(path, tmp_path).ok


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("template: shop.yaml\n", "`cases` must be a list"),
        ("template: shop.yaml\ncases: []\n", "`cases` must be a list"),
        ("cases: [{name: a, expect: [{at_s: 1, alarm: A, state: OK}]}]\n", "`template` must name"),
        ("template: gone.yaml\ncases: [{expect: [{at_s: 1, alarm: A, state: OK}]}]\n", "gone.yaml is neither"),
        ("template: shop.yaml\ncases: [{name: a}]\n", "expects nothing"),
        ("template: shop.yaml\ncase: []\n", "unknown keys: case"),
        (case(ERRORS, "at_s: 1, alarm: A, state: ok"), "state 'ok' is none of"),
        (case(ERRORS, "at_s: soon, alarm: A, state: OK"), "at_s 'soon'"),
        (case(ERRORS, "at_s: 1, alarm: A, state: OK, action: []"), "unknown keys: action"),
        (case("{namespace: N, metric: M}", "at_s: 1, alarm: A, state: OK"), "needs values"),
        (case("{metric: M, values: 1}", "at_s: 1, alarm: A, state: OK"), "needs namespace"),
        (case("{namespace: N, metric: M, values: 1y}", "at_s: 1, alarm: A, state: OK"), "value 1, '1y'"),
        (case(ERRORS, "at_s: 1, alarm: A, state: OK").replace("step_s: 60", "step_s: 0"), "step_s 0"),
        (
            "template: shop.yaml\nparameters: {Nope: 1}\n" + case("", "at_s: 1, alarm: A, state: OK")[20:],
            "parameter Nope",
        ),
        ("- 1\n", "top of the file must be a mapping"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_a_test_is_refused(folder, text, message):
    """A broken file runs nothing and says what is wrong."""
    result = run(folder, text)
    assert result.cases == ()
    assert message in " ".join(result.faults)


def test_an_expectation_in_the_far_future_is_refused(folder):
    """A mistyped at_s fails with a sentence instead of running for hours."""
    result = run(folder, case(ERRORS, "at_s: 99999999999, alarm: Errors, state: OK"))
    assert "more than 5,000,000" in result.cases[0].judged[0].why


def test_json_report_has_everything(folder):
    """The JSON report names file, case, expectation, state, datapoints and history."""
    document = as_json([run(folder, case(ERRORS, "at_s: 480, alarm: Errors, state: OK, actions: []"))])
    assert (document["ok"], document["passed"], document["failed"]) == (False, 0, 1)
    found = document["files"][0]["cases"][0]["expectations"][0]
    assert found["state"] == "ALARM"
    assert found["expected"] == {"state": "OK", "actions": []}
    assert found["datapoints"][-1] == {"start_s": 420, "value": 1.0, "breaching": True, "used": True}
    assert found["history"][-1]["to"] == "ALARM"
    assert json.loads(json.dumps(document)) == document


def test_junit_report_counts_failures_and_errors(folder):
    """JUnit XML has a testcase a case, with failure and error where they belong."""
    from xml.etree import ElementTree as ET

    bad = run(folder, case(ERRORS, "at_s: 480, alarm: Errors, state: OK"))
    broken = run_file(folder / "none.yaml")
    root = ET.fromstring(as_junit([bad, broken]))  # noqa: S314 - XML that this test has just made
    assert [suite.get("failures") for suite in root] == ["1", "0"]
    assert [suite.get("errors") for suite in root] == ["0", "1"]
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None
    assert "expected OK" in str(failure.get("message"))
    assert root.find("./testsuite/testcase/error") is not None
