"""`hookwatch patterns new`: a rule to start from. Decides nothing: `hookwatch.patterns.scaffold` drafts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from hookwatch.cli.patterns_site import OK, misuse
from hookwatch.patterns.scaffold import Draft, draft
from hookwatch.patterns.scaffold_filters import ScaffoldError, Wish

NEW_EPILOG = """\
Writes a folder with template.yaml (the rule), expectations.yaml (what it must and must not match) and a sample event.
The rule passes `hookwatch patterns lint`, and the expectations hold:

\b
  hookwatch patterns new github push --branch main --not-by 'my-app[bot]'
  hookwatch patterns test on-push/expectations.yaml
  hookwatch patterns lint on-push/template.yaml

Examples:

\b
  hookwatch patterns new github issues --action opened --repository acme/shop --not-by 'my-app[bot]'
  hookwatch patterns new github pull_request --branch main --output rules/review
  hookwatch patterns new twilio message.inbound --not-by +15559999
  hookwatch patterns new github workflow_run --print

Exit codes: 0 written; 2 misuse (also: a file is there already; --force overwrites it).
"""


def new(
    provider: Annotated[Literal["github", "twilio"], typer.Argument(help="Whose events.")],
    event: Annotated[
        str, typer.Argument(help="GitHub's event name, or message.inbound, message.status, call.inbound, call.status.")
    ],
    *,
    branch: Annotated[list[str] | None, typer.Option(help="Only this branch; may be repeated.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help="Only this action; may be repeated. All known ones otherwise.")
    ] = None,
    repository: Annotated[
        list[str] | None, typer.Option(help="Only this repository, OWNER/NAME; may be repeated.")
    ] = None,
    not_by: Annotated[
        list[str] | None, typer.Option(help="Not what this login or number caused; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Logical id of the rule.")] = None,
    bus: Annotated[str, typer.Option(help="Default of the template's parameter EventBusName.")] = "default",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder to write; on-EVENT otherwise.")] = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the template and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write a rule that is precise from its first day, with sample events and expectations."""
    wish = Wish(
        provider=provider,
        event=event,
        branches=tuple(branch or ()),
        actions=tuple(action or ()),
        repositories=tuple(repository or ()),
        not_by=tuple(not_by or ()),
        name=name,
        bus=bus,
    )
    try:
        drafted = draft(wish)
    except ScaffoldError as error:
        misuse("new", str(error))
    if only_print:
        sys.stdout.write(drafted.files["template.yaml"])
        raise typer.Exit(OK)
    folder = output or Path(f"on-{event.replace('.', '-').replace('_', '-')}")
    _write(folder, drafted, force=force)


def _write(folder: Path, drafted: Draft, *, force: bool) -> None:
    there = [folder / path for path in drafted.files if (folder / path).exists()]
    if there and not force:
        misuse("new", f"{there[0]} is there already; give --force to overwrite it, or another --output")
    out = Console(highlight=False, soft_wrap=True)
    try:
        for path, text in drafted.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
            out.print(f"wrote {folder / path}", markup=False)
    except OSError as error:
        misuse("new", f"{folder}: {error.strerror or error}")
    out.print(f"next: hookwatch patterns test {folder / 'expectations.yaml'}", markup=False)
