"""`hookwatch cost`: options, exit codes, tables and the JSON document."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hookwatch.cli import app
from hookwatch.cli.cost_view import draw

if TYPE_CHECKING:
    from typer.testing import Result

ROOT = Path(__file__).resolve().parents[2]
SMALL = """
Parameters:
  MonitoringLevel: {Type: String, Default: standard, AllowedValues: [minimal, standard, full]}
  Tracing: {Type: String, Default: Active}
  MemorySize: {Type: Number, Default: 512}
  ReservedConcurrency: {Type: Number, Default: 4}
  MaxEntryBytes: {Type: Number, Default: 1000}
  LogRetentionDays: {Type: Number, Default: 7}
Conditions:
  IsFull: !Equals [!Ref MonitoringLevel, full]
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1,
       ComparisonOperator: GreaterThanThreshold}
  Everything:
    Type: AWS::CloudWatch::CompositeAlarm
    Condition: IsFull
    Properties: {AlarmRule: !Sub 'ALARM("${Errors}")'}
  Parked:
    Type: AWS::Kinesis::Stream
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["cost", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL)
    return str(path)


@pytest.fixture(scope="module")
def default() -> dict[str, Any]:
    return answer("--template", str(ROOT / "template.yaml"))


def test_the_defaults_are_those_of_the_help(default: dict[str, Any]) -> None:
    """Without options: two a second of 12 KB, standard, traced."""
    assert default["rate"] == {"per_s": 2, "per_month": 2 * 730 * 3600}
    assert default["payload"]["bytes"] == 12_000
    assert (default["level"], default["tracing"]) == ("standard", "on")


def test_the_items_add_up_to_the_totals(default: dict[str, Any]) -> None:
    """Whoever adds the items up gets the totals, for a million and for a month."""
    items, total = default["items"], default["total"]
    assert sum(item["usd_per_million"] or 0 for item in items) == pytest.approx(total["usd_per_million"])
    assert sum(item["usd_per_month"] for item in items) == pytest.approx(total["usd_per_month"])
    fixed = sum(item["usd_per_month"] for item in items if item["kind"] == "fixed")
    assert fixed == pytest.approx(total["usd_fixed_per_month"])
    assert fixed == pytest.approx(default["levels"]["standard"]["usd_fixed_per_month"])
    for item in items:
        assert item["usd_per_month"] == pytest.approx(item["quantity_per_month"] * item["unit_usd"], abs=1e-7)


def test_a_higher_level_costs_more(default: dict[str, Any]) -> None:
    """The three levels stand beside each other, each dearer than the one before."""
    prices = [default["levels"][level]["usd_fixed_per_month"] for level in ("minimal", "standard", "full")]
    assert prices == sorted(set(prices))


def test_the_loop_is_there_with_and_without_the_cap(default: dict[str, Any]) -> None:
    """Fifty a second for a day, capped and not, and the alarms of the template that see it."""
    capped, free = (case for case in default["loop"] if case["offered_per_s"] == 50)
    assert (capped["capped"], capped["concurrency"], free["capped"]) == (True, 10, False)
    assert sum(capped["items"].values()) == pytest.approx(capped["usd_per_day"])
    seen = {alarm["alarm"]: alarm for alarm in capped["alarms"]}
    assert seen["Alarms.GitHubInvocationAlarm"]["fires"]
    assert seen["Alarms.GitHubInvocationAlarm"]["soonest_s"] == 600
    assert seen["Alarms.SpendRate"]["limit"] == 1


@pytest.mark.parametrize("page", ["docs/cost.md", "docs/alarms.md", "alarms/cost.yaml"])
def test_every_page_has_the_price_of_the_same_loop(default: dict[str, Any], page: str) -> None:
    """Fifty deliveries a second for a day cost what this command prints, wherever that is said."""
    usd = next(case["usd_per_day"] for case in default["loop"] if case["offered_per_s"] == 50)
    text = " ".join((ROOT / page).read_text(encoding="utf-8").replace("\n# ", " ").split())
    said = re.search(r"fifty deliveries a second .{,50}?about (\d+) USD", text, re.IGNORECASE)
    assert said, page
    assert said[1] == f"{usd:.0f}"


def test_counts_come_from_the_template(small: str) -> None:
    """Another template has other charges, and what has no price is named."""
    standard = answer("--template", small)
    assert standard["memory_mb"] == 512
    assert standard["levels"]["standard"]["fixed"] == {"alarms": 0.1}
    assert standard["levels"]["full"]["fixed"] == {"alarms": 0.1, "composite_alarms": 0.5}
    assert standard["loop"][0]["concurrency"] == 4
    assert [case["alarms"] for case in standard["loop"]] == [[]] * 4
    assert any("1 x AWS::Kinesis::Stream" in note for note in standard["notes"])
    assert any("MaxEntryBytes above 1,000" in note for note in standard["notes"])


def test_options_reach_the_model(small: str) -> None:
    """Level, tracing, payload, rate, duration and parameters change what they should."""
    arguments = ("--level", "full", "--tracing", "off", "--payload", "200KB", "--rate", "1M/month")
    found = answer("--template", small, *arguments, "--duration", "2s", "-p", "MemorySize=1024")
    items = {item["item"]: item for item in found["items"]}
    assert found["rate"]["per_month"] == pytest.approx(1_000_000)
    assert items["events"]["usd_per_million"] == pytest.approx(4.00)
    assert items["compute"]["usd_per_million"] == pytest.approx(2 * 13.3334)
    assert items["traces"]["usd_per_month"] == 0
    assert items["composite_alarms"]["usd_per_month"] == 0.5
    assert found["traced_share"] == 0


def test_no_deliveries_are_no_error(small: str) -> None:
    """A rate of nothing has no price for a million with everything in it."""
    assert answer("--template", small, "--rate", "0/s")["total"]["usd_per_million_all_in"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rate", "5/m"), "write min or month"),
        (("--rate", "fast"), "'fast' is no rate"),
        (("--payload", "12XB"), "'12XB' is no size"),
        (("--duration", "0ms"), "'0ms' is no duration"),
        (("--parameter", "MemorySize"), "is not NAME=VALUE"),
        (("--parameter", "Tracing=Active"), "use --tracing"),
        (("--parameter", "MonitoringLevel=full"), "use --level"),
        (("--parameter", "MemorySize=much"), "not a number"),
        (("--parameter", "Nothing=1"), "no parameter Nothing"),
        (("--template", "nowhere.yaml"), "nowhere.yaml: no such file"),
    ],
)
def test_misuse_is_told_in_one_line(small: str, arguments: tuple[str, ...], says: str) -> None:
    """A wrong amount, parameter or file is exit code 2 and one sentence on stderr."""
    result = run("--template", small, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Resources: {A: {Type: AWS::SNS::Topic}}", "Is this hookwatch's own template?"),
        (SMALL.replace("  MemorySize: {Type: Number, Default: 512}\n", ""), "no parameter MemorySize with a number"),
        ("Resources: [", "not valid YAML"),
    ],
)
def test_a_strange_template_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """A template that is not ours, or not one at all, is no reason for a traceback."""
    path = tmp_path / "strange.yaml"
    path.write_text(text)
    result = run("--template", str(path))
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_person_sees_all_of_it(small: str) -> None:
    """The tables hold every item, every level, the loop and the notes, without colour codes in a pipe."""
    result = run("--template", small, "--level", "full")
    assert result.exit_code == 0
    for words in (
        "requests *",
        "cold starts",
        "composite alarms",
        "all of it",
        "minimal",
        "50/s, cap 4",
        "Kinesis::Stream",
    ):
        assert words in result.stdout
    assert "\x1b" not in result.stdout


def test_a_person_sees_what_the_alarms_see(default: dict[str, Any]) -> None:
    """The real template's tables say which alarm a loop raises, and which it does not."""
    written = io.StringIO()
    draw(Console(file=written), default)
    assert "50/s, cap 10: Alarms.GitHubInvocationAlarm fires after 10 minutes" in written.getvalue()
    assert "50/s, cap 10: Alarms.SpendRate stays quiet" in written.getvalue()
