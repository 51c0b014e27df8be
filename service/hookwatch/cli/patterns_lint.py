"""`hookwatch patterns lint`: best practices, held. Decides nothing: `hookwatch.patterns.lint` judges, this prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import Annotated, Any, Literal

import typer

from hookwatch import __version__
from hookwatch.cli.patterns_lint_view import console, draw
from hookwatch.cli.patterns_site import FOUND, OK, declared, gather, misuse
from hookwatch.patterns.lint.report import as_json, as_sarif
from hookwatch.patterns.lint.rules import Severity  # noqa: TC001 - Typer reads the annotations at run time
from hookwatch.patterns.lint.run import at_least
from hookwatch.patterns.lint.run import lint as lint_site

SAMPLE_BYTES_MAX = 4_194_304
"""One sample event: four times the largest that EventBridge takes (1 MiB, facts 2026-11)."""

LINT_EPILOG = """\
Suppress a finding where the rule stands, with a reason (one without is itself a finding):

\b
  Resources:
    OnPush:
      Type: AWS::Events::Rule
      Metadata:
        hookwatch: {ignore: [{rule: P012, reason: this bus belongs to one account}]}

Terraform and live rules: `hookwatch:ignore P012 (reason)` in the rule's description.

Exit codes: 0 nothing found at or above --fail-on; 1 something found, or a rule that could not be judged; 2 misuse.

Examples:

\b
  hookwatch patterns lint template.yaml
  hookwatch patterns lint template.yaml --emissions emissions.yaml --format sarif > lint.sarif
  terraform show -json plan.out > plan.json && hookwatch patterns lint plan.json
  hookwatch patterns lint --bus default --region eu-west-1
  hookwatch patterns lint template.yaml --sample events/push.json --survival
"""


def lint(
    templates: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[TEMPLATE]...", help="CloudFormation or SAM templates, Terraform plans (JSON)."),
    ] = None,
    *,
    bus: Annotated[list[str] | None, typer.Option(help="Read the rules of a live bus; may be repeated.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A template parameter.")
    ] = None,
    emissions: Annotated[Path | None, typer.Option(help="What targets emit (YAML), for loops.")] = None,
    sample: Annotated[list[Path] | None, typer.Option(help="An event to make mutants of; may be repeated.")] = None,
    survival: Annotated[bool, typer.Option("--survival", help="Show which of tomorrow's events would match.")] = False,
    fail_on: Annotated[Severity, typer.Option(help="Exit with 1 from this severity on.")] = "warning",
    as_json_: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    format_: Annotated[
        Literal["table", "json", "sarif"], typer.Option("--format", help="What to write on stdout.")
    ] = "table",
    region: Annotated[str | None, typer.Option(help="AWS region for --bus.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Another endpoint for --bus.")] = None,
) -> None:
    """Hold rules against AWS's best practices for event patterns: validity, precision, updates to come, loops."""
    site = gather("lint", templates or [], bus or [], parameter or [], region=region, endpoint_url=endpoint_url)
    linted = lint_site(site, declared("lint", emissions), _samples(sample or []))
    match "json" if as_json_ else format_:
        case "table":
            draw(console(), linted, survival=survival)
        case "json":
            sys.stdout.write(json.dumps(as_json(linted), indent=2, ensure_ascii=False) + "\n")
        case "sarif":
            sys.stdout.write(json.dumps(as_sarif(linted, __version__), indent=2, ensure_ascii=False) + "\n")
    found = any(True for _ in at_least(linted.findings, fail_on))
    raise typer.Exit(FOUND if found or linted.not_judged else OK)


def _samples(paths: list[Path]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in paths:
        try:
            if path.stat().st_size > SAMPLE_BYTES_MAX:
                misuse("lint", f"--sample {path}: larger than {SAMPLE_BYTES_MAX} bytes")
            event = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            misuse("lint", f"--sample {path}: {error.strerror or error}")
        except (ValueError, RecursionError) as error:
            misuse("lint", f"--sample {path}: not JSON: {error}")
        if not isinstance(event, dict):
            misuse("lint", f"--sample {path}: an event is a JSON object")
        found.append(event)
    return found
