import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hookwatch.cli.alarms import app
from hookwatch.cli.alarms_help import EXPLAIN_HELP

FIXTURES = Path(__file__).parents[1] / "alarms" / "fixtures"
SHOP, TESTS, BAD = FIXTURES / "shop.yaml", FIXTURES / "shop-tests.yaml", FIXTURES / "bad.yaml"


def run(*arguments: object) -> tuple[int, str, str]:
    """Run the command line; exit code, stdout, stderr."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def failing(tmp_path):
    """Return a test file with a failing case."""
    path = tmp_path / "failing.yaml"
    path.write_text(f"template: {SHOP}\ncases: [{{name: no, expect: [{{at_s: 60, alarm: Errors, state: ALARM}}]}}]\n")
    return path


def test_exit_codes_of_test(failing, tmp_path):
    """0 when all pass, 1 when a case fails, 2 when a file cannot be run."""
    assert run("test", TESTS)[0] == 0
    assert run("test", TESTS, failing)[0] == 1
    code, _, stderr = run("test", failing, tmp_path / "none.yaml")
    assert code == 2
    assert "none.yaml" in stderr


def test_test_prints_each_case_and_the_reason_of_a_failure(failing):
    """A passing case is a line, a failing one says state and datapoints."""
    _, passed, _ = run("test", TESTS)
    assert "few requests never page" in passed
    assert "3 passed, 0 failed" in passed
    _, failed, _ = run("test", failing)
    assert "Errors is OK at 60 s, expected ALARM" in failed
    assert "datapoints:" in failed


def test_test_as_json_and_junit(failing, tmp_path):
    """--json prints one document, --junit writes XML."""
    report = tmp_path / "report.xml"
    code, stdout, _ = run("test", failing, "--json", "--junit", report)
    assert code == 1
    assert json.loads(stdout)["failed"] == 1
    assert report.read_text(encoding="utf-8").startswith("<?xml")
    assert "<failure" in run("test", failing, "--junit", "-")[1]


def test_explain():
    """Explain says what fires, the soonest, missing data and the price, as text and as JSON."""
    code, stdout, _ = run("explain", "Errors", "--template", SHOP, "-p", "FunctionName=other")
    assert code == 0
    assert "FunctionName=other" in stdout
    assert "$0.10 a month" in stdout
    document = json.loads(run("explain", "Impact", "-t", SHOP, "--json")[1])
    assert document["price_usd_month"] == 0.5
    assert document["soonest_s"] == 60


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "Nobody", "-t", SHOP),
        ("explain", "Errors", "-t", "none.yaml"),
        ("explain", "Errors", "-t", SHOP, "-p", "Nope=1"),
        ("explain", "Errors", "-t", SHOP, "-p", "Level"),
        ("lint", "none.yaml"),
        ("lint",),
        ("lint", SHOP, "-p", "Level=wrong"),
        ("test", TESTS, "--junit", "/no/such/folder/x.xml"),
    ],
)
def test_misuse_is_exit_code_2_and_one_line(arguments):
    """A user's mistake is one clear line on stderr, exit code 2, never a traceback."""
    code, _, stderr = run(*arguments)
    assert code == 2
    assert stderr.startswith("hookwatch alarms: ")
    assert "Traceback" not in stderr


def test_lint_finds_and_is_clean():
    """Lint is 1 with findings and 0 without."""
    code, stdout, _ = run("lint", BAD)
    assert code == 1
    assert "RuleAlone" in stdout
    assert "A013" in stdout
    assert run("lint", SHOP)[0] == 0


def test_lint_as_json():
    """Each finding has file, line, logical id, rule, severity and message."""
    code, stdout, _ = run("lint", BAD, "--json")
    document = json.loads(stdout)
    assert code == 1
    assert document["ok"] is False
    assert set(document["findings"][0]) == {"file", "line", "logical_id", "rule", "severity", "message"}


def test_rules_are_listed():
    """--rules lists every rule with its severity, also as JSON."""
    code, stdout, _ = run("lint", "--rules")
    assert code == 0
    assert "A001" in stdout
    assert "A031" in stdout
    listed = json.loads(run("lint", "--rules", "--json")[1])["rules"]
    assert {"rule": "A003", "severity": "error", "says": "DatapointsToAlarm greater than EvaluationPeriods"} in listed


EXAMPLES = re.findall(r"^hookwatch alarms (explain .+)$", EXPLAIN_HELP, re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_explain_run_as_they_are_printed(example, monkeypatch):
    """In a checkout each example of the help finds its alarm."""
    monkeypatch.chdir(FIXTURES.parents[2])
    assert len(EXAMPLES) == 2
    code, stdout, stderr = run(*shlex.split(example))
    assert code == 0, stderr
    assert "Fires:" in stdout


@pytest.mark.parametrize("command", ["test", "explain", "lint"])
def test_help_has_examples(command):
    """Every command's help shows an example."""
    code, stdout, _ = run(command, "--help")
    assert code == 0
    assert f"hookwatch alarms {command}" in stdout
