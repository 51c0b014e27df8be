"""`hookwatch overrides plan`, `apply`: overrides of a whole account. Decides nothing: `recover.overrides_*` plans."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.overrides_account_view import draw_ended, draw_plan, ended_json, plan_json, progress
from hookwatch.cli.overrides_view import console
from hookwatch.cli.twilio_ways import Ways, ways
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.overrides import read
from hookwatch.recover.overrides_apply import Ended
from hookwatch.recover.overrides_apply import apply as carry_out
from hookwatch.recover.overrides_plan import OverridesPlan, undone
from hookwatch.recover.overrides_plan import plan as plan_overrides
from hookwatch.recover.overrides_presets import PRESETS, Situation
from hookwatch.recover.overrides_undo import default_name, read_undo, write_undo
from hookwatch.recover.twilio_target import targets, wrong_url
from hookwatch.recover.webhook_urls import read_urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.twilio_client import TwilioAccount

OK, FOUND, MISUSE = 0, 1, 2

_CREDENTIALS = """\
Credentials come from the environment only: TWILIO_ACCOUNT_SID, and TWILIO_API_KEY with TWILIO_API_SECRET or
TWILIO_AUTH_TOKEN. TWILIO_API_URL sends all calls elsewhere, for a rehearsal against the sandbox.
"""
PLAN_EPILOG = f"""{_CREDENTIALS}
Exit codes: 0 every URL is as it should be; 1 something would be changed; 2 misuse, no access.

Examples:

\b
  hookwatch overrides plan                                  URLs that point to the stack hookwatch
  hookwatch overrides plan --for incident --stack hooks
  hookwatch overrides plan --url https://hooks.example.com/twilio --overrides 'rc=3&rp=5xx,ct' --json
"""
APPLY_EPILOG = f"""{_CREDENTIALS}
Without --yes nothing is changed. With it, an undo file is written before the first change. Run it again after an
interruption: what is done already is left as it is. What somebody else changed meanwhile is never overwritten.

Exit codes: 0 done, planned, or nothing to do; 1 something was not changed: changed by somebody else, refused,
interrupted; 2 misuse, no access: nothing was changed.

Examples:

\b
  hookwatch overrides apply --for incident                  what would happen
  hookwatch overrides apply --for incident --yes
  hookwatch overrides apply --undo hookwatch-overrides-undo-20261127T221500Z.json --yes
  hookwatch overrides apply --overrides '' --yes            take all overrides away
"""

For = Annotated[Situation | None, typer.Option("--for", help="What we recommend; normal if nothing is said.")]
Text = Annotated[
    str | None, typer.Option("--overrides", metavar="TEXT", help="Overrides of your own; empty takes them away.")
]
Url = Annotated[str | None, typer.Option("--url", help="The URL that webhooks go to, instead of the stack's.")]
StackName = Annotated[str, typer.Option("--stack", help="The stack whose Twilio function is meant.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint-url", help="Another AWS endpoint, such as the sandbox's.")]


def plan(
    ctx: typer.Context,
    *,
    situation: For = None,
    overrides: Text = None,
    url: Url = None,
    stack: StackName = DEFAULT_STACK,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show the webhook URLs of an account that point here, and what would be changed."""
    out = ways(ctx)
    asked = _asked("plan", situation, overrides)
    _, planned = _planned("plan", out, asked, _Where(url, stack, region, endpoint_url))
    if as_json:
        _print_json(plan_json(planned, asked))
    else:
        draw_plan(console(), planned)
    raise typer.Exit(FOUND if planned.wanted else OK)


def apply(
    ctx: typer.Context,
    *,
    situation: For = None,
    overrides: Text = None,
    url: Url = None,
    stack: StackName = DEFAULT_STACK,
    undo: Annotated[Path | None, typer.Option("--undo", metavar="FILE", help="Take back what a run did.")] = None,
    undo_file: Annotated[
        Path | None, typer.Option("--undo-file", metavar="FILE", help="Where to write the undo file.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")] = False,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Put overrides onto the webhook URLs of an account that point here, or take that back."""
    out = ways(ctx)
    asked: Mapping[str, str] = {}
    if undo is not None:
        if situation or overrides is not None or url or undo_file:
            _end("apply", Problem("--undo goes alone: the file says which URLs, and what they were"))
        account = _twilio("apply", out)
        changes = read_undo(undo, account.account_sid)
        if isinstance(changes, Problem):
            _end("apply", changes)
        planned = OverridesPlan(undone(changes), 0)
    else:
        asked = _asked("apply", situation, overrides)
        account, planned = _planned("apply", out, asked, _Where(url, stack, region, endpoint_url))
    if not yes or not planned.wanted:
        if as_json:
            _print_json(plan_json(planned, asked))
        else:
            draw_plan(console(), planned, may_apply=True)
        raise typer.Exit(OK)
    kept: Path | None = None
    if undo is None:
        now = datetime.now(UTC)
        kept = undo_file or default_name(now)
        problem = write_undo(kept, account.account_sid, planned.wanted, now)
        if problem is not None:
            _end("apply", problem)
        _complain("apply", f"the undo file is {kept}")
    ended = _carry_out(account, planned)
    if as_json:
        _print_json(ended_json(ended, kept))
    else:
        draw_ended(console(), ended, kept)
    raise typer.Exit(OK if all(each.state in ("done", "already") for each in ended) else FOUND)


def _carry_out(account: TwilioAccount, planned: OverridesPlan) -> list[Ended]:
    """All changes; those that an interruption left out are said to be left."""
    ended: list[Ended] = []
    try:
        with progress(len(planned.wanted), "URLs") as advance:
            for together in carry_out(account, planned.wanted):
                ended += together
                advance(len(together))
    except KeyboardInterrupt:
        reached = {(each.change.sid, each.change.which) for each in ended}
        ended += [Ended(each, "left") for each in planned.wanted if (each.sid, each.which) not in reached]
    return ended


def _asked(command: str, situation: Situation | None, overrides: str | None) -> Mapping[str, str]:
    if overrides is None:
        return PRESETS[situation or "normal"]
    if situation is not None:
        _end(command, Problem("--for and --overrides exclude each other"))
    reading = read(f"#{overrides.removeprefix('#')}" if overrides else "")
    wrong = [each for each in reading.findings if each.level == "error"]
    if wrong:
        _end(command, Problem(f"--overrides: {wrong[0].message}; {wrong[0].fix}"))
    return reading.given


@dataclass(frozen=True, slots=True)
class _Where:
    """Where webhooks go: a URL, or a stack's function in a Region and at an endpoint."""

    url: str | None
    stack: str
    region: str | None
    endpoint_url: str | None


def _planned(command: str, out: Ways, asked: Mapping[str, str], where: _Where) -> tuple[TwilioAccount, OverridesPlan]:
    refused = wrong_url(where.url) if where.url else None
    if refused:
        _end(command, Problem(refused))
    account = _twilio(command, out)
    here = (where.url,) if where.url else targets(out.aws(where.region, where.endpoint_url), where.stack)
    if isinstance(here, Problem):
        _end(command, here)
    urls = read_urls(account)
    if isinstance(urls, Problem):
        _end(command, Problem(urls.message))
    return account, plan_overrides(urls, here, asked)


def _twilio(command: str, out: Ways) -> TwilioAccount:
    account = out.twilio()
    if isinstance(account, Problem):
        _end(command, account)
    return account


def _end(command: str, problem: Problem) -> NoReturn:
    _complain(command, problem.message)
    raise typer.Exit(FOUND if problem.found else MISUSE)


def _complain(command: str, message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"hookwatch overrides {command}: {message}", markup=False
    )


def _print_json(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
