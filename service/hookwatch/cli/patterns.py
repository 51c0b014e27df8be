"""`hookwatch patterns`: event patterns judged offline. Decides nothing: `hookwatch.patterns` judges, this prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from hookwatch import __version__
from hookwatch.cli.patterns_input import MISUSE, Pair, complain, events, expected_pairs, misuse, subjects
from hookwatch.cli.patterns_lint import LINT_EPILOG, lint
from hookwatch.cli.patterns_loops import LOOPS_EPILOG, loops
from hookwatch.cli.patterns_new import NEW_EPILOG, new
from hookwatch.cli.patterns_view import PIPED_WIDTH_COLUMNS, draw
from hookwatch.patterns.errors import InvalidEvent
from hookwatch.patterns.judgement import Judgement, Verdict, ask_service, judge
from hookwatch.patterns.live import NoAnswer
from hookwatch.patterns.report import as_json, as_junit, as_sarif

if TYPE_CHECKING:
    from hookwatch.patterns.live import Client

OK, FOUND, DISAGREES = 0, 1, 3

Format = Literal["table", "json", "sarif", "junit"]

app = typer.Typer(
    name="patterns",
    help="Event patterns, judged without AWS: exactly what EventBridge would match, and why not.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)


@app.callback()
def patterns() -> None:
    """Event patterns, judged without AWS: exactly what EventBridge would match, and why not."""


EPILOG = """\
A file of expectations keeps samples beside the rules (all of it: docs/patterns.md):

\b
  template: template.yaml
  rules:
    - rule: OnPush
      must_match: [events/push.json]
      must_not_match:
        - {name: a branch, event: events/push.json, set: {detail.ref: refs/heads/dev}}

Exit codes: 0 all well; 1 an expectation failed, a pattern is invalid or could not be judged, or an event does not match
a pattern that was asked for by name (--pattern, --rule; with --all a rule need not match); 2 misuse; 3 EventBridge
disagrees (--live).

Examples:

\b
  hookwatch patterns test --pattern push.json --event event.json --explain
  hookwatch patterns test --pattern '{"source":["github.com"]}' --event - < event.json
  hookwatch patterns test --template template.yaml --all --event event.json
  hookwatch patterns test --template template.yaml --rule OnPush --event event.json --live
  hookwatch patterns test tests/patterns/*.yaml --format junit > report.xml
  hookwatch patterns test --template template.yaml --all          only: are the patterns valid?
"""


@app.command("test", epilog=EPILOG)
def judgeevents(
    expectations: Annotated[
        list[Path] | None, typer.Argument(metavar="[EXPECTATIONS]...", help="Files of expectations (YAML).")
    ] = None,
    *,
    pattern: Annotated[str | None, typer.Option(help="A pattern: a file, JSON itself, or - for stdin.")] = None,
    template: Annotated[Path | None, typer.Option("--template", "-t", help="CloudFormation or SAM template.")] = None,
    rule: Annotated[list[str] | None, typer.Option(help="A rule of the template, by name; may be repeated.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All rules of the template (the default).")] = False,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A template parameter.")
    ] = None,
    event: Annotated[list[str] | None, typer.Option(help="An event: a file, JSON itself, or -; repeatable.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show wanted and found for every path.")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="What to write on stdout.")] = "table",
    live: Annotated[bool, typer.Option("--live", help="Ask EventBridge too (events:TestEventPattern).")] = False,
    region: Annotated[str | None, typer.Option(help="AWS region for --live.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Another endpoint for --live.")] = None,
) -> None:
    """Judge events by patterns: which rule matches, and why the others do not."""
    if rule and every:
        misuse("give either --rule or --all")
    if expectations and (pattern is not None or event or rule or every):
        misuse("a file of expectations names its own rules and events: leave out --pattern, --rule, --all and --event")
    pairs: list[Pair]
    if expectations:
        pairs = [pair for path in expectations for pair in expected_pairs(path, template, parameter or [])]
    else:
        rules = subjects(pattern, template, rule or [], parameter or [])
        pairs = [(one, *sample, None) for sample in events(pattern, event or []) for one in rules]
    judgements = _judge(pairs, _client(region, endpoint_url) if live else None)
    _write(judgements, "json" if as_json_ else format_, explain=explain)
    raise typer.Exit(_exit_code(judgements, by_name=pattern is not None or bool(rule)))


app.command("lint", epilog=LINT_EPILOG)(lint)
app.command("loops", epilog=LOOPS_EPILOG)(loops)
app.command("new", epilog=NEW_EPILOG)(new)


def _judge(pairs: list[Pair], client: Client | None) -> list[Judgement]:
    judgements: list[Judgement] = []
    for subject, name, event, expected in pairs:
        try:
            judgement = judge(subject, name, event, expected=expected)
            if client is not None and event is not None:
                judgement = ask_service(judgement, event, client)
        except InvalidEvent as invalid:
            misuse(f"the event {name} cannot be judged: {invalid.reason}")
        judgements.append(judgement)
    return judgements


def _write(judgements: list[Judgement], form: Format, *, explain: bool) -> None:
    match form:
        case "table":
            draw(_console(), judgements, explain=explain)
        case "json":
            sys.stdout.write(json.dumps(as_json(judgements), indent=2) + "\n")
        case "sarif":
            sys.stdout.write(json.dumps(as_sarif(judgements, __version__), indent=2) + "\n")
        case "junit":
            sys.stdout.write(as_junit(judgements) + "\n")


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


def _exit_code(judgements: list[Judgement], *, by_name: bool) -> int:
    problems = {answer.problem for one in judgements for answer in one.live if isinstance(answer, NoAnswer)}
    for problem in sorted(problems):
        complain(f"EventBridge could not be asked: {problem}")
    if any(one.disagrees for one in judgements):
        return DISAGREES
    if problems:
        return MISUSE
    unmatched = by_name and any(one.verdict is Verdict.NO_MATCH and one.expected is None for one in judgements)
    return FOUND if unmatched or not all(one.ok for one in judgements) else OK


def _client(region: str | None, endpoint_url: str | None) -> Client:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"})
    try:
        client: Client = boto3.client("events", region_name=region, endpoint_url=endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        misuse(f"no client for --live: {error}")
    return client
