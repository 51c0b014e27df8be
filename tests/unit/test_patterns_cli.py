"""`hookwatch patterns test`: options, exit codes and the documents that it writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from hookwatch.cli.patterns import app

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

TEMPLATE = """
Parameters: {Bot: {Type: String}}
Resources:
  OnPush:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [github.com], detail-type: [push]}
  OnIssue:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [github.com], detail-type: [issues]}
"""
UNKNOWN = """
  OnBot:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [github.com], detail: {sender: [!Ref Bot]}}
"""
EXPECTATIONS = """
template: template.yaml
rules:
  - rule: OnPush
    must_match: [push.json]
    must_not_match:
      - {name: an issue, event: push.json, set: {detail-type: issues}}
"""
PUSH = '{"source":"github.com","detail-type":"push","detail":{}}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the working directory one with a template, an event and expectations."""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "unknown.yaml").write_text(TEMPLATE + UNKNOWN)
    (tmp_path / "push.json").write_text(PUSH)
    (tmp_path / "expectations.yaml").write_text(EXPECTATIONS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Run `hookwatch patterns test` with these arguments."""
    return CliRunner().invoke(app, ["test", *arguments], input=stdin)


def parsed(text: str) -> ET.Element:
    """Read the XML that the command wrote."""
    return ET.fromstring(text)  # noqa: S314 - our own output


def document(*arguments: str) -> dict[str, Any]:
    """Run with --json; return the document."""
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


@pytest.mark.usefixtures("folder")
def test_one_event_against_all_rules() -> None:
    """Every rule of a template gets a verdict, with why not; a rule need not match for exit code 0."""
    result = run("--template", "template.yaml", "--all", "--event", "push.json")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["match", "OnPush", "push.json"] in lines
    assert 'detail-type: the value is "push", wanted is "issues"' in result.stdout
    assert "1 match, 1 no match" in result.stdout
    assert "\x1b[" not in result.stdout


@pytest.mark.usefixtures("folder")
def test_a_pattern_and_an_event_in_every_form() -> None:
    """Pattern and event may each be a file, JSON itself or stdin."""
    pattern = '{"source":["github.com"]}'
    assert run("--pattern", pattern, "--event", "push.json").exit_code == 0
    assert run("--pattern", pattern, "--event", PUSH).exit_code == 0
    assert run("--pattern", pattern, "--event", "-", stdin=PUSH).exit_code == 0
    assert run("--pattern", "-", "--event", "push.json", stdin=pattern).exit_code == 0
    assert run("--pattern", pattern, "--event", "push.json", "--event", '{"source":"x"}').exit_code == 1


@pytest.mark.usefixtures("folder")
def test_what_was_asked_for_by_name_has_to_match() -> None:
    """A named rule or pattern that does not match gives exit code 1."""
    assert run("--template", "template.yaml", "--rule", "OnPush", "--event", "push.json").exit_code == 0
    assert run("--template", "template.yaml", "--rule", "OnIssue", "--event", "push.json").exit_code == 1
    assert run("--pattern", '{"source":["x"]}', "--event", "push.json").exit_code == 1


@pytest.mark.usefixtures("folder")
def test_explain_shows_wanted_and_found() -> None:
    """--explain shows each path with what is wanted, what was found and why not."""
    result = run("--pattern", '{"source":["x"],"detail-type":["push"]}', "--event", "push.json", "--explain")
    assert 'wanted "x"' in result.stdout
    assert 'found  "github.com"' in result.stdout
    assert "ok  detail-type" in result.stdout
    assert "not source" in result.stdout


@pytest.mark.usefixtures("folder")
def test_json_holds_every_verdict() -> None:
    """--json gives one document with results and a summary."""
    found = document("--template", "template.yaml", "--event", "push.json")
    assert [(one["rule"], one["matched"], one["verdict"]) for one in found["results"]] == [
        ("OnPush", True, "match"),
        ("OnIssue", False, "no_match"),
    ]
    path = found["results"][1]["explanations"][0]["paths"][0]
    assert (path["path"], path["wanted"], path["found"], path["matched"]) == (
        "detail-type",
        ["issues"],
        ["push"],
        False,
    )
    assert found["summary"]["total"] == 2


@pytest.mark.usefixtures("folder")
def test_an_unknown_pattern_is_listed_and_counts() -> None:
    """A rule that the template alone does not tell is listed as not judged and gives exit code 1."""
    result = run("--template", "unknown.yaml", "--event", "push.json")
    assert result.exit_code == 1
    assert "not judged" in result.stdout
    assert "Bot" in result.stdout
    arguments = ("--template", "unknown.yaml", "--parameter", "Bot=acme", "--event", "push.json")
    assert run(*arguments).exit_code == 0


@pytest.mark.usefixtures("folder")
def test_an_invalid_pattern_is_a_finding() -> None:
    """An invalid pattern gives EventBridge's reason, the pointer and exit code 1."""
    result = run("--pattern", '{"a":{"b":[]}}', "--event", "push.json", "--json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)["results"]
    assert (found["verdict"], found["reason"], found["pointer"], found["matched"]) == (
        "invalid_pattern",
        "Empty arrays are not allowed",
        "/a/b",
        None,
    )


@pytest.mark.usefixtures("folder")
def test_without_an_event_patterns_are_validated() -> None:
    """Without an event the patterns' validity is the answer."""
    assert run("--template", "template.yaml", "--all").exit_code == 0
    assert "valid" in run("--pattern", '{"a":["x"]}').stdout
    assert run("--pattern", '{"a":"x"}').exit_code == 1


def test_expectations_that_hold(folder: Path) -> None:
    """A file of expectations that hold gives exit code 0."""
    result = run(str(folder / "expectations.yaml"))
    assert result.exit_code == 0, result.output
    assert "1 match, 1 no match" in result.stdout


def test_expectations_that_fail(folder: Path) -> None:
    """A sample that is treated otherwise gives exit code 1 and its name in every format."""
    path = folder / "expectations.yaml"
    path.write_text(EXPECTATIONS.replace("set: {detail-type: issues}", "set: {detail.x: 1}"))
    result = run(str(path))
    assert result.exit_code == 1
    assert "expected no match" in result.stdout
    assert "1 not as expected" in result.stdout
    suite = parsed(run(str(path), "--format", "junit").stdout)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = suite.find("./testcase[@name='an issue']/failure")
    assert failure is not None
    assert failure.get("message") == "OnPush: an issue matches and must not"
    log = json.loads(run(str(path), "--format", "sarif").stdout)
    (finding,) = log["runs"][0]["results"]
    assert (log["version"], finding["ruleId"], finding["level"]) == ("2.1.0", "pattern-expectation", "error")
    location = finding["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("template.yaml")
    assert location["physicalLocation"]["region"]["startLine"] == 4
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "OnPush/EventPattern"
    assert {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]} >= {finding["ruleId"]}


def test_a_must_match_that_does_not_says_why(folder: Path) -> None:
    """The failure of a must_match names the path that stands in the way."""
    path = folder / "expectations.yaml"
    path.write_text("rules: [{pattern: {source: [x]}, must_match: [push.json]}]")
    suite = parsed(run(str(path), "--format", "junit").stdout)
    failure = suite.find("./testcase/failure")
    assert failure is not None
    assert 'source: the value is "github.com", wanted is "x"' in (failure.get("message") or "")


@pytest.mark.usefixtures("folder")
def test_not_judged_is_skipped_in_junit_and_a_warning_in_sarif() -> None:
    """What could not be judged is no failure of the sample, and is not silent either."""
    arguments = ("--template", "unknown.yaml", "--rule", "OnBot", "--event", "push.json", "--format")
    suite = parsed(run(*arguments, "junit").stdout)
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    (finding,) = json.loads(run(*arguments, "sarif").stdout)["runs"][0]["results"]
    assert (finding["ruleId"], finding["level"]) == ("pattern-not-judged", "warning")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name either a --pattern"),
        (("--pattern", "{}", "--template", "template.yaml"), "name either a --pattern"),
        (("--pattern", "{}", "--rule", "x"), "--rule needs --template"),
        (("--template", "template.yaml", "--rule", "OnPush", "--all"), "either --rule or --all"),
        (("--template", "template.yaml", "--rule", "Nope"), "there are OnPush, OnIssue"),
        (("--template", "nothing.yaml"), "no such file"),
        (("--template", "template.yaml", "--parameter", "Bot"), "write NAME=VALUE"),
        (("--template", "template.yaml", "--parameter", "Nope=1"), "Nope"),
        (("--pattern", "nothing.json"), "--pattern: nothing.json: No such file"),
        (("--pattern", '{"a":["x"]}', "--event", "nothing.json"), "--event: nothing.json"),
        (("--pattern", '{"a":["x"]}', "--event", "{"), "cannot be judged: Unexpected end-of-input"),
        (("--pattern", '{"a":["x"]}', "--event", "[]"), "an event is a JSON object"),
        (("--pattern", "-", "--event", "-"), "stdin can be read once"),
        (("expectations.yaml", "--event", "push.json"), "leave out --pattern"),
        (("nothing.yaml",), "No such file"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_mistakes_end_with_a_sentence_and_two(arguments: tuple[str, ...], message: str) -> None:
    """A wrong command ends with exit code 2, a sentence on stderr that says what to do, and no traceback."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.startswith("hookwatch patterns test: ")
    assert "Traceback" not in result.output


def test_expectations_name_a_rule_without_a_template(folder: Path) -> None:
    """A rule in a file without a template is a mistake, and --template mends it."""
    path = folder / "expectations.yaml"
    path.write_text("rules: [{rule: OnPush, must_match: [push.json]}]")
    result = run(str(path))
    assert result.exit_code == 2
    assert "names the rule 'OnPush' and no `template`" in result.stderr
    assert run(str(path), "--template", "template.yaml").exit_code == 0


def test_a_template_without_rules_is_a_mistake(folder: Path) -> None:
    """A template with nothing to judge is no success."""
    (folder / "none.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}")
    result = run("--template", "none.yaml", "--event", "push.json")
    assert result.exit_code == 2
    assert "no rule with an event pattern" in result.stderr


def test_help_has_examples() -> None:
    """--help shows examples that stand on lines of their own, the format of expectations and the exit codes."""
    result = run("--help")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert "hookwatch patterns test --pattern push.json --event event.json --explain" in lines
    assert "must_match: [events/push.json]" in lines
    assert "3 EventBridge disagrees" in " ".join(lines)


def test_live_without_a_service_says_so(folder: Path) -> None:
    """--live with an endpoint that nobody answers at ends with exit code 2 and the reason."""
    arguments = ("--pattern", '{"source":["github.com"]}', "--event", str(folder / "push.json"), "--live")
    result = run(*arguments, "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9")
    assert result.exit_code == 2
    assert "EventBridge could not be asked: EndpointConnectionError" in result.stderr
    assert "match" in result.stdout
