"""The README's section "What happens when ..." says what the tables, the alarms and the commands say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from alarm_files import STACK, catalogue
from hookwatch.cfn import load
from hookwatch.cli import COMMANDS
from hookwatch.outcomes import ROWS, SIGNALS, Outcome, Signal

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PARAMETERS = load(ROOT / "template.yaml").section("Parameters")
SECTION = README[README.index("## What happens when") : README.index("## What you are told")]
STATUS = {outcome.value: ROWS[outcome].status for outcome in Outcome} | {
    signal.name: signal.status for signal in SIGNALS
}
# What our code never sees is told the provider before it happens: the delivery was taken.
TOLD = {name: 200 if status is None else status for name, status in STATUS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One fault of the section."""

    when: str
    told: str
    event: str
    name: str
    hear: str


def rows() -> list[Line]:
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in SECTION.splitlines() if row[:2] == "| "]
    return [Line(*row) for row in cells[1:]]


LINES = rows()


def test_every_end_has_its_line() -> None:
    """Each outcome and each signal has a line, and no line is about another."""
    assert {line.name.strip("`") for line in LINES if line.name} == set(STATUS)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.when[:40])
def test_a_line_tells_the_status_of_its_end(line: Line) -> None:
    """The status is the table's; where neither we nor Lambda answer, none is told."""
    assert line.told == (str(TOLD[line.name.strip("`")]) if line.name else "")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.when[:40])
def test_a_line_names_alarms_that_exist(line: Line) -> None:
    """What one hears is an alarm or a composite of the stack, or nothing."""
    names = set(re.findall(r"`([A-Z]\w+)`", line.hear)) - set(PARAMETERS)
    assert names or line.hear.startswith("nothing")
    alarms = catalogue(STACK).alarms
    for name in names:
        assert {name, f"GitHub{name}"} & set(alarms), name


@pytest.mark.parametrize("signal", [each for each in SIGNALS if each.namespace == "AWS/Events"], ids=lambda s: s.name)
def test_what_only_a_named_rule_tells_says_so(signal: Signal) -> None:
    """Rules are watched by name, and by default none is: a line on a rule says which parameter names it."""
    assert PARAMETERS["RuleNames"]["Default"] == ""
    (line,) = [each for each in LINES if each.name == f"`{signal.name}`"]
    assert "`RuleNames`" in line.hear


def test_commands_of_the_section_exist() -> None:
    """Every command that gets something back is one of ours."""
    named = set(re.findall(r"`hookwatch ([a-z]+)", SECTION))
    assert named
    assert named <= set(COMMANDS)


def test_whoever_is_told_no_keeps_its_copy() -> None:
    """Tenet 4: only a line without a 2xx leaves the event at the provider."""
    for line in LINES:
        if line.told == "200":
            assert "at the provider only" not in line.event
            assert "at GitHub" not in line.event
