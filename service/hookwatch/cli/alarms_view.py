"""How `hookwatch alarms` looks on a terminal and as JSON.

Decides nothing: results come in, text goes out. Colour only on a terminal, which Rich sees for itself.
"""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hookwatch.alarms.explain import Explanation
from hookwatch.alarms.lint import RULES, Finding
from hookwatch.alarms.report import details
from hookwatch.alarms.results import FileResult

_SEVERITY_STYLE = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def print_results(results: list[FileResult], *, verbose: bool) -> None:
    """Print each file with its cases, and what failed; `verbose` shows passing expectations too."""
    console = Console(highlight=False, soft_wrap=True)
    for result in results:
        if result.faults:
            continue
        console.print(f"[bold]{escape(str(result.path))}[/bold] ({escape(str(result.template))})")
        for case in result.cases:
            mark = "[green]ok  [/green]" if case.ok else "[bold red]FAIL[/bold red]"
            console.print(f"  {mark} {escape(case.name)}")
            for line in details(case, every=verbose):
                console.print(f"         {escape(line)}")
    cases = [case for result in results for case in result.cases]
    failed = sum(not case.ok for case in cases)
    console.print(f"{len(cases) - failed} passed, {failed} failed")


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Return an explanation as plain data."""
    return {
        "alarm": found.alarm,
        "fires": found.fires,
        "soonest": found.soonest,
        "soonest_s": found.soonest_s,
        "missing_data": found.missing_data,
        "actions": found.actions,
        "price": found.price,
        "price_usd_month": found.price_usd,
        "description": found.description,
    }


def print_explanation(found: Explanation) -> None:
    """Print an explanation."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(found.alarm)}[/bold]")
    rows = {
        "Fires": found.fires,
        "Soonest": found.soonest,
        "Missing data": found.missing_data,
        "Actions": found.actions,
        "Price": found.price,
        "Says": found.description,
    }
    for name, text in rows.items():
        if text:
            console.print(f"  {name + ':':<14}{escape(text)}")


def finding_json(found: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    return {
        "file": found.file,
        "line": found.line,
        "logical_id": found.logical_id,
        "rule": found.rule,
        "severity": found.severity,
        "message": found.message,
    }


def print_findings(findings: list[Finding]) -> None:
    """Print findings, a line each, and how many there are."""
    console = Console(highlight=False, soft_wrap=True)
    for found in findings:
        style = _SEVERITY_STYLE[found.severity]
        where = escape(found.file if found.line is None else f"{found.file}:{found.line}")
        head = f"{where} [bold]{escape(found.logical_id)}[/bold] {found.rule} [{style}]{found.severity}[/{style}]"
        console.print(f"{head} {escape(found.message)}")
    counts = {word: sum(item.severity == word for item in findings) for word in _SEVERITY_STYLE}
    console.print(", ".join(f"{count} {word}" for word, count in counts.items()))


def print_rules(*, as_json_: bool) -> None:
    """Print every rule."""
    if as_json_:
        listed = [{"rule": rule.id, "severity": rule.severity, "says": rule.says} for rule in RULES.values()]
        print_json({"rules": listed})
        return
    table = Table("rule", "severity", "finds", box=None)
    for rule in RULES.values():
        table.add_row(rule.id, f"[{_SEVERITY_STYLE[rule.severity]}]{rule.severity}[/]", escape(rule.says))
    Console(highlight=False).print(table)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
