"""`hookwatch patterns loops`: loops before they are deployed. Decides nothing: `hookwatch.patterns.loops` judges."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from hookwatch.cli.patterns_lint_view import console
from hookwatch.cli.patterns_site import FOUND, OK, declared, gather
from hookwatch.patterns.emissions_effects import names
from hookwatch.patterns.loops.cycles import find_loops
from hookwatch.patterns.loops.graph import build_graph
from hookwatch.patterns.loops.mermaid import as_mermaid
from hookwatch.patterns.loops.picture import as_svg
from hookwatch.patterns.loops.report import as_json

if TYPE_CHECKING:
    from rich.console import Console

LOOPS_EPILOG = """\
MUST: every event that comes back matches again. MAY: some event does, or what is emitted is not known. A loop's grade
is its weakest step's. Steps are graded by proof: a witness event that the matcher accepts, or a field that keeps the
two apart.

What a template cannot tell is declared in a small file (all of it: docs/patterns-lint.md):

\b
  emissions:
    - from: Responder                 # a function, state machine, topic, queue or rule
      effect: github.comment          # or in words: comments on the issue
      as: {app: acme-bot}
    - {from: Enricher, bus: orders, source: acme.orders, detail-type: Enriched, detail: {hop: 1}}
    - {from: Auditor, nothing: true}  # may put events, but does not

Exit codes: 0 no loop that a pattern could break; 1 a loop, or a rule or target that could not be judged; 2 misuse.
Loops that no pattern can decide are listed, and are no reason for 1: they need a guard on the rate.

Examples:

\b
  hookwatch patterns loops template.yaml
  hookwatch patterns loops app.yaml bots.yaml --emissions emissions.yaml --json
  hookwatch patterns loops template.yaml --format svg > loops.svg
  hookwatch patterns loops --effects              what GitHub and Twilio send back, by effect
"""


def loops(
    templates: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[TEMPLATE]...", help="CloudFormation or SAM templates, Terraform plans (JSON)."),
    ] = None,
    *,
    bus: Annotated[list[str] | None, typer.Option(help="Read the rules of a live bus; may be repeated.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A template parameter.")
    ] = None,
    emissions: Annotated[Path | None, typer.Option(help="What targets emit (YAML).")] = None,
    effects: Annotated[bool, typer.Option("--effects", help="List the known effects outside AWS and stop.")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    format_: Annotated[
        Literal["table", "json", "mermaid", "svg"], typer.Option("--format", help="What to write on stdout.")
    ] = "table",
    region: Annotated[str | None, typer.Option(help="AWS region for --bus.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Another endpoint for --bus.")] = None,
) -> None:
    """Find the loops among rules: what a target emits, and which rules that matches again."""
    if effects:
        _draw_effects(console())
        raise typer.Exit(OK)
    site = gather("loops", templates or [], bus or [], parameter or [], region=region, endpoint_url=endpoint_url)
    graph = build_graph(site, declared("loops", emissions))
    found = find_loops(graph)
    report = as_json(graph, found)
    match "json" if as_json_ else format_:
        case "table":
            _draw(console(), report)
        case "json":
            sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        case "mermaid":
            sys.stdout.write(as_mermaid(graph, found))
        case "svg":
            sys.stdout.write(as_svg(graph, found))
    failed = report["loops"] or report["not_judged"] or not report["summary"]["complete"]
    raise typer.Exit(FOUND if failed else OK)


def _draw(out: Console, report: dict[str, Any]) -> None:
    every = [*report["loops"], *report["needs_rate_guard"]]
    if every:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("grade", "loop"):
            table.add_column(column, overflow="fold", no_wrap=column == "grade")
        for loop in every:
            guard = loop["needs_rate_guard"]
            style = "cyan" if guard else "bold red" if loop["grade"] == "MUST" else "yellow"
            table.add_row(f"[{style}]{'guard' if guard else loop['grade']}[/{style}]", escape(_loop_text(loop)))
        out.print(table)
    for one in report["not_judged"]:
        out.print(
            f"[bold magenta]not judged[/bold magenta] {escape(one['rule'] + ': ' + one['reason'])}", soft_wrap=True
        )
    for note in report["notes"]:
        out.print(escape(f"note: {note}"), style="dim", soft_wrap=True)
    counts = report["summary"]
    parts = [f"{counts['must']} loops" if counts["must"] != 1 else "1 loop"]
    parts.append(f"{counts['may']} possible")
    if counts["needs_rate_guard"]:
        parts.append(f"{counts['needs_rate_guard']} that no pattern can decide")
    if counts["not_judged"]:
        parts.append(f"{counts['not_judged']} not judged")
    out.print(
        f"{len(report['rules'])} rules, {len(report['edges'])} steps between them: {', '.join(parts)}", soft_wrap=True
    )


def _loop_text(loop: dict[str, Any]) -> str:
    lines = [loop["path"]]
    for step in loop["steps"]:
        via = f" via {' → '.join(step['via'])}" if step["via"] else ""
        lines.append(f"  {step['grade']} {step['from']}{via}: {step['emission']} ({step['why']})")
        if step["witness"] is not None:
            lines.append(f"    witness {json.dumps(step['witness'], ensure_ascii=False)}")
    fix = loop["remedy"]
    if fix["patch"]:
        lines.append(
            f"  break it at {fix['rule']} with {json.dumps(fix['patch'], ensure_ascii=False)} ({fix['advice']})"
        )
    else:
        lines.append(f"  {fix['advice']}")
    return "\n".join(lines)


def _draw_effects(out: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("effect")
    table.add_column("in words")
    for name, words in names().items():
        table.add_row(name, words)
    out.print(table)
