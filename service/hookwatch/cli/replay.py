"""`hookwatch replay`: what was published, once more. Decides nothing: `hookwatch.recover.archive_*` plans."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from hookwatch.cli import replay_view as view
from hookwatch.recover.archive_model import Asked
from hookwatch.recover.archive_replay import follow, plan, read_archive, start
from hookwatch.recover.loop_stop_aws import account
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.moments import moment
from hookwatch.recover.parked_stack import read_parking
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.archive_model import Plan, Progress
    from hookwatch.recover.loop_stop_aws import Account

OK, FOUND, MISUSE = 0, 1, 2

app = typer.Typer(
    name="replay",
    help="Publish again what was published before. What is parked: hookwatch parked replay.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)


@app.callback()
def replay() -> None:
    """Publish again what was published before (docs/nothing-lost.md). What is parked: hookwatch parked replay."""


ARCHIVE_EPILOG = """\
Times: 2026-11-27T20:00Z, 2026-11-27T21:00+01:00, 6h, '30 min ago', now. Without an offset a time is UTC. The archive
comes with the parameter ArchiveRetentionDays. Without --yes nothing is started.

Exit codes: 0 started, over, or planned; 1 it cannot be now (span not covered, another replay runs, it failed);
2 misuse, not found, not allowed.

Examples:

\b
  hookwatch replay archive --from 6h --to now --rule OnPush                what would happen
  hookwatch replay archive --from 2026-11-27T18:00Z --to 2026-11-27T20:30Z --rule OnPush --yes --wait
  hookwatch replay archive --from '2 d ago' --to '1 d ago' --rule OnPush --rule OnIssue --stack hooks --json
"""


@app.command("archive", epilog=ARCHIVE_EPILOG)
def archive(
    ctx: typer.Context,
    *,
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From when.")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Until when.")],
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Only to this rule of the bus; can be repeated. All if left out.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is started.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it is over.")] = False,
    stack: Annotated[str, typer.Option("--stack", help="The stack.")] = DEFAULT_STACK,
    name: Annotated[str | None, typer.Option("--archive", help="Another archive than the stack's, by name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")] = False,
    region: Annotated[str | None, typer.Option("--region", help="AWS Region.")] = None,
    endpoint_url: Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint.")] = None,
) -> None:
    """Send what the bus's archive holds of a span to chosen rules once more."""
    now = datetime.now(UTC)
    since, until = _moment("--from", begin, now), _moment("--to", end, now)
    make: Callable[[str | None, str | None], Account] = ctx.obj or account
    here = make(region, endpoint_url)
    found = read_archive(here, name or _archive_of(here, stack))
    if isinstance(found, Problem):
        _end(found)
    planned = plan(here, found, Asked(since, until, tuple(rule or ())), now)
    if isinstance(planned, Problem):
        _end(planned)
    out = view.console()
    if not as_json:
        view.draw_plan(out, planned, done=yes)
    if not yes:
        if as_json:
            _print_json(view.plan_json(planned, None, done=False))
        raise typer.Exit(OK)
    problem = start(here, planned)
    if problem is not None:
        _end(problem)
    progress = _followed(here, planned) if wait else None
    if as_json:
        _print_json(view.plan_json(planned, progress, done=True))
    else:
        view.draw_end(out, planned, progress)
    raise typer.Exit(OK if progress is None or progress.state == "COMPLETED" else FOUND)


def _followed(here: Account, planned: Plan) -> Progress:
    try:
        with view.bar(planned) as step:
            progress = follow(here, planned, step)
    except KeyboardInterrupt:
        cancel = f"aws events cancel-replay --replay-name {planned.name}"
        _end(Problem(f"the replay {planned.name} goes on without us; `{cancel}` ends it", found=True))
    if isinstance(progress, Problem):
        _end(progress)
    return progress


def _moment(option: str, text: str, now: datetime) -> datetime:
    found = moment(text, now, option)
    if isinstance(found, Problem):
        _end(found)
    return found


def _archive_of(here: Account, stack: str) -> str:
    parking = read_parking(here, stack)
    if isinstance(parking, Problem):
        _end(parking)
    if not parking.archive:
        _end(
            Problem(
                f"the stack {stack} has no archive: deploy it with ArchiveRetentionDays, and from then on what is "
                "published can be replayed; --archive names another one"
            )
        )
    return parking.archive


def _end(problem: Problem) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch replay: {problem.message}", markup=False)
    raise typer.Exit(FOUND if problem.found else MISUSE)


def _print_json(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
