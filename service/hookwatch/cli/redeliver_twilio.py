"""`hookwatch redeliver twilio`: brings back lost webhooks. Decides nothing: `recover.twilio_*` plans and sends."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.overrides_view import console
from hookwatch.cli.redeliver_twilio_view import Progress, document, draw
from hookwatch.cli.twilio_ways import Ways, ways
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.moments import moment
from hookwatch.recover.twilio_alert import RETENTION
from hookwatch.recover.twilio_cause import BY_CODE
from hookwatch.recover.twilio_function import read_function
from hookwatch.recover.twilio_http import VARIABLE
from hookwatch.recover.twilio_journal import journal_path
from hookwatch.recover.twilio_look import Asked
from hookwatch.recover.twilio_plan import MAX_ATTEMPTS, Wanted
from hookwatch.recover.twilio_publish import PublishHere
from hookwatch.recover.twilio_record import LogRecord
from hookwatch.recover.twilio_redeliver import Redelivery, carry_out, show
from hookwatch.recover.twilio_send import Sender
from hookwatch.recover.twilio_target import wrong_url

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.twilio_function import TwilioFunction

OK, FOUND, MISUSE = 0, 1, 2

EPILOG = """\
Twilio tries a webhook for 15 s at most and never again. This reads the failed ones from Twilio's alerts (30 days),
leaves out what our own log says has arrived, and sends the rest to the function, signed as Twilio signs; --publish puts
it onto the bus from here instead. What was brought back once is left out by a later run.

Credentials come from the environment only: TWILIO_ACCOUNT_SID, and TWILIO_API_KEY with TWILIO_API_SECRET or
TWILIO_AUTH_TOKEN. The token that signs is the stack's own; with --url it is TWILIO_AUTH_TOKEN.

Exit codes: 0 nothing is missing, or all was brought back; 1 something is missing, or may be, because Twilio lists
10,000 alerts and no more; 2 misuse, no access: nothing was sent.

Examples:

\b
  hookwatch redeliver twilio                                  the plan for the last six hours
  hookwatch redeliver twilio --since 2026-11-27T18:00Z --until 2026-11-27T19:30Z --yes
  hookwatch redeliver twilio --error 11200 --error 11205 --max 50 --yes
  hookwatch redeliver twilio --resource SM0123456789abcdef0123456789abcdef --yes
  hookwatch redeliver twilio --publish --yes                  no endpoint left: straight onto the bus
  hookwatch redeliver twilio --url http://127.0.0.1:8002/ --yes
"""


def twilio(
    ctx: typer.Context,
    *,
    since: Annotated[str, typer.Option("--since", help="Failed since: 90m, 6h, 2d, or a time.")] = "6h",
    until: Annotated[str | None, typer.Option("--until", help="Failed before: a span or a time.")] = None,
    error: Annotated[
        list[int] | None, typer.Option("--error", help="Only this Twilio error code; may be given again.")
    ] = None,
    resource: Annotated[
        list[str] | None, typer.Option("--resource", help="Only of this message or call: its SID; may be given again.")
    ] = None,
    maximum: Annotated[int | None, typer.Option("--max", min=1, help="No more than this, the oldest first.")] = None,
    max_attempts: Annotated[
        int, typer.Option("--max-attempts", min=1, max=20, help="Tries of one webhook that are enough.")
    ] = MAX_ATTEMPTS,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="What had to be fixed (token, URL) is fixed: send that too.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send also what an earlier run sent without learning the answer.")
    ] = False,
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Publish onto the stack's bus from here, instead of sending to the function."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only, even beside --yes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is sent.")] = False,
    ignore_loop_alarm: Annotated[
        str | None, typer.Option("--ignore-loop-alarm", help="Go on in spite of it; say why.", metavar="REASON")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The URL that webhooks go to, instead of the stack's.")
    ] = None,
    stack: Annotated[str, typer.Option("--stack", help="The stack whose Twilio function is meant.")] = DEFAULT_STACK,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")] = False,
    region: Annotated[str | None, typer.Option("--region", help="AWS Region.")] = None,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", help="Another AWS endpoint, such as the sandbox's.")
    ] = None,
) -> None:
    """Bring back webhooks that Twilio could not deliver: a plan first, then paced, resumable, and verified."""
    span = _span(since, until)
    if isinstance(span, Problem):
        _end(span)
    strange = sorted(set(error or ()) - set(BY_CODE))
    if strange:
        _end(Problem(f"--error {strange[0]} is no failed webhook; there are {', '.join(map(str, BY_CODE))}"))
    out = ways(ctx)
    account = out.twilio()
    if isinstance(account, Problem):
        _end(account)
    here = _here(out, url, stack, region, endpoint_url)
    if isinstance(here, Problem):
        _end(here)
    aws, function, urls, token = here
    if publish and (aws is None or function is None):
        _end(Problem("--publish needs the stack's bus: give --stack instead of --url"))
    with Progress() as progress:
        redelivery = Redelivery(
            account=account,
            asked=Asked(
                since=span[0],
                until=span[1],
                urls=urls,
                codes=frozenset(error or ()),
                resources=frozenset(resource or ()),
            ),
            wanted=Wanted(maximum=maximum, max_attempts=max_attempts, fixed=fixed, again=again, publish=publish),
            way=PublishHere(aws, function.settings) if publish and aws and function else Sender(token, out.sleep),
            record=LogRecord(aws, function.log_group) if aws and function else None,
            journal=journal_path(os.environ, account.account_sid, os.environ.get(VARIABLE, "")),
            aws=aws,
            stack=stack,
            ignore_loop_alarm=ignore_loop_alarm or "",
            progress=progress,
            sleep=out.sleep,
        )
        try:
            story = carry_out(redelivery) if yes and not dry_run else show(redelivery)
        except KeyboardInterrupt:
            story = Problem("stopped while reading: nothing was sent", found=True)
    if isinstance(story, Problem):
        _end(story)
    if as_json:
        sys.stdout.write(json.dumps(document(story, span), indent=2, ensure_ascii=False) + "\n")
    else:
        draw(console(), story)
    raise typer.Exit(FOUND if story.missing or story.looked.cut or story.interrupted else OK)


def _span(since: str, until: str | None) -> tuple[datetime, datetime] | Problem:
    now = datetime.now(UTC)
    first = moment(since, now, "--since")
    last = now if until is None else moment(until, now, "--until")
    if isinstance(first, Problem):
        return first
    if isinstance(last, Problem):
        return last
    if first >= last:
        return Problem("--since is not before --until")
    if first < now - RETENTION:
        return Problem(f"--since {since}: Twilio lists alerts of the last {RETENTION.days} days only")
    return first, last


def _here(
    out: Ways, url: str | None, stack: str, region: str | None, endpoint_url: str | None
) -> tuple[Account | None, TwilioFunction | None, tuple[str, ...], str] | Problem:
    """Where webhooks go, and the token that signs them."""
    if url is not None:
        token = os.environ.get("TWILIO_AUTH_TOKEN", "").strip()
        refused = wrong_url(url)
        if refused:
            return Problem(refused)
        return (
            (None, None, (url,), token)
            if token
            else Problem("with --url the token that signs is TWILIO_AUTH_TOKEN: set it")
        )
    aws = out.aws(region, endpoint_url)
    function = read_function(aws, stack)
    return function if isinstance(function, Problem) else (aws, function, function.urls, function.token)


def _end(problem: Problem) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"hookwatch redeliver twilio: {problem.message}", markup=False
    )
    raise typer.Exit(FOUND if problem.found else MISUSE)
