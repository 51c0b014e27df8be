"""How `hookwatch overrides` shows findings and explanations, to people and to machines. Judges nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hookwatch.recover.overrides import build
from hookwatch.recover.overrides_rules import LEVELS, RULES
from hookwatch.recover.overrides_table import PARAMETERS
from hookwatch.recover.overrides_timeline import FAILURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.recover.overrides_explain import Explanation
    from hookwatch.recover.overrides_rules import Finding, Level
    from hookwatch.recover.overrides_timeline import Timeline

PIPED_WIDTH_COLUMNS = 160
"""Width where no terminal says one, so that a log does not fold every line at 80."""

_STYLES: dict[Level, str] = {"error": "bold red", "warning": "yellow", "note": "dim"}


def console() -> Console:
    """Colour and the terminal's width on a terminal; neither elsewhere."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


def findings_json(findings: Sequence[Finding]) -> dict[str, object]:
    """Findings as part of a JSON document."""
    counts = {level: sum(each.level == level for each in findings) for level in LEVELS}
    return {
        "ok": not (counts["error"] or counts["warning"]),
        "findings": [{**asdict(each), "rule": RULES[each.code][1]} for each in findings],
        "counts": counts,
    }


def explanation_json(explained: Explanation) -> dict[str, object]:
    """An explanation as a JSON document."""
    reading = explained.reading
    return {
        "url": build(reading.page, reading.given),
        "sentence": explained.sentence,
        "given": dict(reading.given),
        "holds": {key: reading.given.get(key, each.default) for key, each in PARAMETERS.items()},
        "refused": [asdict(each) for each in reading.findings if each.level == "error"],
        "timelines": [
            {
                "failure": each.failure,
                "says": FAILURES[each.failure].says,
                "error": FAILURES[each.failure].error,
                "retries_wanted": each.wanted,
                "attempts": [asdict(attempt) for attempt in each.attempts],
                "given_up_ms": each.given_up_ms,
            }
            for each in explained.timelines
        ],
    }


def draw_findings(out: Console, findings: Sequence[Finding]) -> None:
    """Print findings, one under the other; say so where there are none."""
    for each in findings:
        out.print(
            Text.assemble((f"{each.level:<7}  {each.code}", _STYLES[each.level]), f"  {each.message}"), soft_wrap=True
        )
        out.print(Text(f"               fix: {each.fix}", "dim"), soft_wrap=True)
    if not findings and out.stderr is False:
        out.print("nothing found", style="green")


def draw_explanation(out: Console, explained: Explanation) -> None:
    """Print the sentence, what holds, and what happens when."""
    out.print(explained.sentence, soft_wrap=True, markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("key", "", "value", "takes", "meaning"):
        table.add_column(column, overflow="fold")
    for key, parameter in PARAMETERS.items():
        given = explained.reading.given.get(key)
        value = Text(given, "bold") if given else Text(f"{parameter.default} (default)", "dim")
        table.add_row(key, parameter.name, value, parameter.allowed, parameter.meaning)
    out.print()
    out.print(table)
    for finding in explained.reading.findings:
        out.print(Text(f"{finding.level} {finding.code} {finding.message}", _STYLES[finding.level]), soft_wrap=True)
    out.print()
    times = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("when", "tried at", "given up after"):
        times.add_column(column, overflow="fold")
    for each in explained.timelines:
        times.add_row(FAILURES[each.failure].says, Text(_attempts(each)), f"{each.given_up_ms / 1000:g} s")
    out.print(times)


def _attempts(line: Timeline) -> str:
    edges = {each.edge for each in line.attempts}
    moments = [f"{each.at_ms / 1000:g} s{f' {each.edge}' if len(edges) > 1 else ''}" for each in line.attempts]
    if not line.wanted:
        return f"{moments[0]}, not again"
    missing = line.wanted - line.retries
    return ", ".join(moments) + (f" ({missing} more would be too late)" if missing else "")
