"""How `hookwatch patterns test` shows judgements to people.

Judges nothing; machines get `hookwatch.patterns.report`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from hookwatch.patterns.judgement import Judgement, Verdict
from hookwatch.patterns.report import finding, live_text, summary, why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from hookwatch.patterns.explanation import Explanation, PathVerdict

_STYLES = {
    Verdict.MATCH: "green",
    Verdict.NO_MATCH: "yellow",
    Verdict.VALID: "green",
    Verdict.INVALID_PATTERN: "bold red",
    Verdict.NOT_JUDGED: "bold magenta",
}
PIPED_WIDTH_COLUMNS = 200
"""Width where no terminal says one, so that a log does not fold every line at 80."""


def draw(console: Console, judgements: Sequence[Judgement], *, explain: bool) -> None:
    """Print the judgements as a table, and what each path did if `explain`."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("verdict", "rule", "event"):
        table.add_column(column, overflow="fold")
    table.add_column("why", overflow="fold")
    for judgement in judgements:
        verdict = str(judgement.verdict).replace("_", " ")
        mark = "" if judgement.ok and not judgement.disagrees else " [bold red]✗[/bold red]"
        style = _STYLES[judgement.verdict]
        cells = (judgement.subject.name, judgement.event, _why(judgement))
        table.add_row(f"[{style}]{verdict}[/{style}]{mark}", *map(escape, cells))
    console.print(table)
    if explain:
        for judgement in judgements:
            _draw_explanation(console, judgement)
    console.print(_summary(judgements), soft_wrap=True)


def _why(judgement: Judgement) -> str:
    parts: list[str] = []
    fault = finding(judgement)
    if fault is not None and fault[0] == "pattern-expectation":
        parts.append("expected a match" if judgement.expected else "expected no match")
    if judgement.reason:
        parts.append(f"{judgement.reason} (at {judgement.pointer})" if judgement.pointer else judgement.reason)
    if judgement.verdict is Verdict.NO_MATCH:
        parts.append(why_not(judgement))
    if judgement.live:
        said = "; ".join(live_text(answer).replace("_", " ") for answer in judgement.live)
        parts.append(f"EventBridge says {said}")
        if judgement.completed:
            parts.append(f"asked with {', '.join(judgement.completed)} added")
    return "; ".join(parts)


def _draw_explanation(console: Console, judgement: Judgement) -> None:
    for number, explanation in enumerate(judgement.explanations, 1):
        several = f", pattern {number}" if len(judgement.explanations) > 1 else ""
        verdict = "matches" if explanation.matched else "does not match"
        title = f"{judgement.subject.name}{several}: {judgement.event} {verdict}"
        console.print(f"\n[bold]{escape(title)}[/bold]", soft_wrap=True)
        _draw_paths(console, explanation)


def _draw_paths(console: Console, explanation: Explanation) -> None:
    others = len(explanation.alternatives) - 1
    if others:
        kind = "that matches" if explanation.matched else "that comes closest"
        console.print(f"  the alternative of $or {kind} ({others} other)", soft_wrap=True, style="dim")
    for path in explanation.paths:
        mark = "[green]ok [/green]" if path.matched else "[bold red]not[/bold red]"
        console.print(f"  {mark} [bold]{escape(path.path)}[/bold]", soft_wrap=True)
        console.print(f"      wanted {escape(_values(path.wanted))}", soft_wrap=True)
        console.print(f"      found  {escape(_found(path))}", soft_wrap=True)
        if path.why:
            console.print(f"      why    {escape(path.why)}", soft_wrap=True)


def _found(path: PathVerdict) -> str:
    return _values(path.found) if path.found else "nothing"


def _values(values: Sequence[Any]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)


def _summary(judgements: Sequence[Judgement]) -> str:
    counts = summary(judgements)
    parts = [f"{counts[str(verdict)]} {str(verdict).replace('_', ' ')}" for verdict in Verdict if counts[str(verdict)]]
    if counts["unexpected"]:
        parts.append(f"[bold red]{counts['unexpected']} not as expected[/bold red]")
    if counts["live_disagreements"]:
        parts.append(f"[bold red]{counts['live_disagreements']} disagree with EventBridge[/bold red]")
    return ", ".join(parts)
