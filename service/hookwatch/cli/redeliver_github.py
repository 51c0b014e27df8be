"""`hookwatch redeliver github`: GitHub delivers again what failed. Decides nothing: `recover.github*` plans."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.loop_view import PIPED_WIDTH_COLUMNS
from hookwatch.cli.redeliver_flow import Flow, carry_out, show
from hookwatch.cli.redeliver_json import document
from hookwatch.cli.redeliver_progress import tell_wait
from hookwatch.cli.redeliver_view import draw
from hookwatch.recover.github_connect import connect
from hookwatch.recover.github_limits import CHANGE_EVERY_S, PATIENCE_S, POINTS_A_MINUTE, Limits, Pace
from hookwatch.recover.github_order import Options, scope_of, wanted_of
from hookwatch.recover.github_plan import MAX_ATTEMPTS
from hookwatch.recover.github_verify import SETTLE_S
from hookwatch.recover.loop_stop_aws import account
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.loop_stop_aws import Account

OK, FOUND, MISUSE = 0, 1, 2

EPILOG = """\
Without --yes nothing is changed: the plan is shown, how many, of what, why, and hours left until GitHub forgets them.

The token comes from GITHUB_TOKEN or GH_TOKEN, from the keyring of `gh`, or from the Secrets Manager secret that
--token-secret names. With --app it is the App's key: GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE (or
GITHUB_APP_PRIVATE_KEY, or --token-secret). GITHUB_API_URL names another API than GitHub's own. Ctrl-C may be pressed at
any time: the same command goes on where it stopped.

Exit codes: 0 nothing is missing (any more); 1 something is, or it was stopped; 2 misuse, not found, not allowed.

Examples:

\b
  hookwatch redeliver github --repo octo-org/hello-world              the plan
  hookwatch redeliver github --repo octo-org/hello-world --yes        do it, and read how it ended
  hookwatch redeliver github --org octo-org --since 6h --event workflow_job --action queued --yes
  hookwatch redeliver github --app --since 6h --max 50 --yes          a GitHub App's hook
  hookwatch redeliver github --repo octo-org/hello-world --status 413 --reinject --yes
"""


def github(
    ctx: typer.Context,
    *,
    repo: Annotated[str | None, typer.Option("--repo", help="Hooks of a repository: OWNER/NAME.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="Hooks of an organization.")] = None,
    app: Annotated[bool, typer.Option("--app", help="The hook of a GitHub App.")] = False,
    hook: Annotated[
        int | None, typer.Option("--hook", min=1, help="One hook, by its id; if left out those of the stack's URL.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Tried since: 6h, 2d, or a time; all if left out.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="First tried before: a span or a time.")] = None,
    event: Annotated[list[str] | None, typer.Option("--event", help="Only this event; may be given again.")] = None,
    action: Annotated[list[str] | None, typer.Option("--action", help="Only this action of it.")] = None,
    repository: Annotated[
        list[str] | None, typer.Option("--repository", help="Only of this repository: OWNER/NAME or its id.")
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", help="Only what failed so: 503, 5xx, or a word of the plan.")
    ] = None,
    maximum: Annotated[int | None, typer.Option("--max", min=1, help="No more than this, the oldest first.")] = None,
    max_attempts: Annotated[
        int, typer.Option("--max-attempts", min=1, max=20, help="Redeliveries of one GUID that are enough.")
    ] = MAX_ATTEMPTS,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="What had to be fixed (secret, URL) is fixed: redeliver that too.")
    ] = False,
    retention_hours: Annotated[
        float, typer.Option("--retention-hours", min=1, help="How long GitHub keeps deliveries; 168 on a server.")
    ] = 72,
    reinject: Annotated[
        bool, typer.Option("--reinject", help="Fetch payloads, prove them and publish them, instead of redelivering.")
    ] = False,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="With --reinject: publish also what no signature vouches for.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only, even beside --yes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")] = False,
    ignore_loop_alarm: Annotated[
        str | None, typer.Option("--ignore-loop-alarm", help="Go on in spite of it; say why.", metavar="REASON")
    ] = None,
    pace: Annotated[float, typer.Option("--pace", min=0, help="Seconds between two redeliveries.")] = CHANGE_EVERY_S,
    points: Annotated[
        int, typer.Option("--points", min=5, help="Points a minute that may be spent; a server may allow more.")
    ] = POINTS_A_MINUTE,
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="Longest wait for a rate limit, in seconds.")
    ] = PATIENCE_S,
    settle: Annotated[
        float, typer.Option("--settle", min=0, help="Longest wait for redeliveries to show up, in seconds.")
    ] = SETTLE_S,
    token_secret: Annotated[
        str | None, typer.Option("--token-secret", help="The secret with the token or the App's key: ARN or name.")
    ] = None,
    stack: Annotated[
        str, typer.Option("--stack", help="The stack whose URL, alarm and bus are meant.")
    ] = DEFAULT_STACK,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")] = False,
    region: Annotated[str | None, typer.Option("--region", help="AWS Region.")] = None,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", help="Another AWS endpoint, such as the sandbox's.")
    ] = None,
) -> None:
    """Have GitHub deliver again what failed: a plan first, then paced, resumable, and verified."""
    options = Options(
        repo=repo,
        org=org,
        app=app,
        since=since,
        until=until,
        events=event or (),
        actions=action or (),
        repositories=repository or (),
        statuses=status or (),
        maximum=maximum,
        max_attempts=max_attempts,
        retention_hours=retention_hours,
        fixed=fixed,
        reinject=reinject,
    )
    scope = scope_of(options)
    if isinstance(scope, Problem):
        _end(scope)
    wanted = wanted_of(options, datetime.now(UTC))
    if isinstance(wanted, Problem):
        _end(wanted)
    if unproven and not reinject:
        _end(Problem("--unproven goes with --reinject only"))
    make: Callable[[str | None, str | None], Account] = ctx.obj or account
    aws = make(region, endpoint_url)
    limits = Limits(
        clock=time.monotonic,
        sleep=time.sleep,
        pace=Pace(patience_s=patience, change_every_s=pace, points_a_minute=points),
        waiting=tell_wait,
    )
    http = connect(os.environ, as_app=app, token_secret=token_secret, aws=aws, limits=limits)
    if isinstance(http, Problem):
        _end(http)
    flow = Flow(
        http=http,
        scope=scope,
        hook=hook,
        options=options,
        aws=aws,
        stack=stack,
        unproven=unproven,
        ignore_loop_alarm=ignore_loop_alarm,
        settle_s=settle,
    )
    try:
        story = carry_out(flow) if yes and not dry_run else show(flow)
    except KeyboardInterrupt:
        _end(Problem("stopped while reading: nothing was changed", found=True))
    if isinstance(story, Problem):
        _end(story)
    story.requests, story.waited_s = http.requests, http.waited_s
    if as_json:
        sys.stdout.write(json.dumps(document(story), indent=2, ensure_ascii=False) + "\n")
    else:
        draw(_console(), story)
    raise typer.Exit(FOUND if story.missing or (story.ran and story.ran.stopped) else OK)


def _end(problem: Problem) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"hookwatch redeliver github: {problem.message}", markup=False
    )
    raise typer.Exit(FOUND if problem.found else MISUSE)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)
