"""How `hookwatch patterns lint` shows findings to people.

Judges nothing; machines get `hookwatch.patterns.lint.report`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hookwatch.patterns.lint.report import as_json, fix
from hookwatch.patterns.lint.rules import RULES, Severity

if TYPE_CHECKING:
    from hookwatch.patterns.lint.rules import Finding
    from hookwatch.patterns.lint.run import Linted

PIPED_WIDTH_COLUMNS = 200
"""Width where no terminal says one, so that a log does not fold every line at 80."""

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def console() -> Console:
    """Colour and the terminal's width on a terminal; neither elsewhere."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


def draw(out: Console, linted: Linted, *, survival: bool) -> None:
    """Print the findings as a table, then what was not judged, what is suppressed, and the sums."""
    active = linted.active
    if active:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("severity", "id", "rule", "finding"):
            table.add_column(column, overflow="fold", no_wrap=column in ("severity", "id"))
        for finding in active:
            style = _STYLES[finding.severity]
            cells = (finding.found.id, finding.rule.name, _text(finding))
            table.add_row(f"[{style}]{finding.severity}[/{style}]", *map(escape, cells))
        out.print(table)
    for rule in linted.not_judged:
        out.print(
            f"[bold magenta]not judged[/bold magenta] {escape(f'{rule.name}: {rule.not_judged}')}", soft_wrap=True
        )
    for finding in linted.findings:
        if finding.suppressed is not None:
            text = f"suppressed {finding.found.id} {finding.rule.name}: {finding.suppressed}"
            out.print(escape(text), style="dim", soft_wrap=True)
    if survival:
        _draw_survival(out, linted)
    out.print(_summary(linted), soft_wrap=True)


def _text(finding: Finding) -> str:
    place = finding.rule.place
    at = f"{place.file}{f':{place.line}' if place.line else ''}"
    lines = [finding.found.message, f"  at {at} {finding.pointer}".rstrip()]
    if (proposed := fix(finding)) is not None:
        where = "" if proposed["applies_to"] == "file" else " (of the pattern)"
        lines.append(f"  fix{where} {json.dumps(proposed['patch'], ensure_ascii=False)}")
    if finding.found.id in ("P030", "P031", "P032"):
        lines += [f"  witness {json.dumps(one, ensure_ascii=False)}" for one in finding.found.evidence[:1]]
    rule = RULES[finding.found.id]
    lines.append(f"  see {rule.url} ({rule.practice})")
    return "\n".join(lines)


def _draw_survival(out: Console, linted: Linted) -> None:
    for one in linted.survival:
        matching = [mutant.change for mutant in one.mutants if mutant.still_matches]
        refused = [mutant.change for mutant in one.mutants if not mutant.still_matches]
        met, unmet = ", ".join(matching) or "none of the mutants", ", ".join(refused) or "-"
        text = f"{one.rule.name} would match {met}; not {unmet}"
        out.print(escape(text), soft_wrap=True)


def _summary(linted: Linted) -> str:
    counts = as_json(linted)["summary"]
    parts = [f"{counts[name]} {name}" for name in ("error", "warning", "info") if counts[name]]
    parts += [f"{counts['suppressed']} suppressed"] if counts["suppressed"] else []
    parts += [f"{counts['not_judged']} not judged"] if counts["not_judged"] else []
    return f"{linted.rules} {'rule' if linted.rules == 1 else 'rules'}: {', '.join(parts) or 'nothing found'}"
