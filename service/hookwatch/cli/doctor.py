"""`hookwatch doctor`: looks and reports. Decides nothing: `hookwatch.doctor` does; this asks where and prints."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.doctor_view import as_document, draw
from hookwatch.doctor import Sandbox, examine
from hookwatch.doctor.finding import worst
from hookwatch.doctor.github_checks import github_side
from hookwatch.doctor.place import HTTP_LIMIT_S, find, find_sandbox
from hookwatch.doctor.twilio_checks import twilio_side
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_connect import URL_VARIABLE as GITHUB_API_URL
from hookwatch.recover.github_connect import connect
from hookwatch.recover.github_order import Options, scope_of
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_aws import Account, account
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.twilio_client import TwilioAccount, twilio_account
from hookwatch.recover.twilio_http import VARIABLE as TWILIO_API_URL

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.github_model import Scope

OK, FOUND, MISUSE = 0, 1, 2

EPILOG = """\
Nothing is changed. The signed ping is a heartbeat: it goes onto the bus, marked hookwatch_heartbeat. GitHub's side is
looked at with --repo, --org or --app, and a token (GITHUB_TOKEN, GH_TOKEN, or gh's own); Twilio's if TWILIO_ACCOUNT_SID
is set, with TWILIO_API_KEY and TWILIO_API_SECRET or TWILIO_AUTH_TOKEN.

Exit codes: 0 nothing fails (warnings may be shown); 1 something fails, or warns and --strict is given; 2 misuse.

Examples:

\b
  hookwatch doctor                                          the stack hookwatch, AWS's side
  hookwatch doctor --repo octo-org/hello-world              and the hook that leads here
  hookwatch doctor --stack webhooks --region eu-west-1 --no-ping
  hookwatch doctor --sandbox http://127.0.0.1:8000          what `hookwatch up` runs
  hookwatch doctor --json | jq '.findings[] | select(.verdict == "fail")'
"""


def doctor(
    ctx: typer.Context,
    *,
    stack: Annotated[str, typer.Option("--stack", help="The stack to look at.")] = DEFAULT_STACK,
    sandbox: Annotated[
        str | None,
        typer.Option("--sandbox", metavar="URL", help="Look at a running `hookwatch up`: its page's address."),
    ] = None,
    repo: Annotated[str | None, typer.Option("--repo", metavar="OWNER/NAME", help="Whose hook leads here.")] = None,
    org: Annotated[str | None, typer.Option("--org", metavar="NAME", help="Or an organization's.")] = None,
    app: Annotated[bool, typer.Option("--app", help="Or a GitHub App's (GITHUB_APP_ID and its key).")] = False,
    no_ping: Annotated[bool, typer.Option("--no-ping", help="Send no signed heartbeat.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of lines.")] = False,
    region: Annotated[str | None, typer.Option("--region", help="AWS Region.")] = None,
    endpoint_url: Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint for AWS.")] = None,
) -> None:
    """Check a deployed stack and the provider's side of it: each line ok, warn or fail, with the fix."""
    running = _sandbox(sandbox) if sandbox else None
    make: Callable[[str | None, str | None], Account] = ctx.obj or account
    here = _emulated(running) if running else make(region, endpoint_url)
    place = find(here, stack, running)
    if isinstance(place, Problem):
        _end(place)
    scope = _scope(repo, org, app=app)
    sides = (github_side(_github(running, scope), scope), twilio_side(_twilio(running)))
    console = Console(highlight=False, soft_wrap=True)
    findings = []
    # Each line is shown as it is found: a check that waits for a dead URL must not hide what is known already.
    for finding in examine(place, ping=not no_ping, more=sides):
        findings.append(finding)
        if not as_json:
            draw(console, finding)
    place.http.clear()
    verdict = worst(findings)
    if as_json:
        sys.stdout.write(as_document(findings, verdict, stack))
    raise typer.Exit(FOUND if verdict == "fail" or (strict and verdict == "warn") else OK)


def _sandbox(url: str) -> Sandbox:
    import urllib3

    with urllib3.PoolManager(retries=False, timeout=HTTP_LIMIT_S) as http:
        found = find_sandbox(http, url)
    if isinstance(found, Problem):
        _end(found)
    return found


def _scope(repo: str | None, org: str | None, *, app: bool) -> Scope | None:
    """Whose hooks are looked at, if any."""
    if repo is None and org is None and not app:
        return None
    scope = scope_of(Options(repo=repo, org=org, app=app))
    if isinstance(scope, Problem):
        _end(scope)
    return scope


def _github(running: Sandbox | None, scope: Scope | None) -> GitHub | Problem | None:
    """GitHub with the environment's token; a rehearsal asks the real GitHub nothing."""
    if scope is None or (running and not os.environ.get(GITHUB_API_URL)):
        return None
    http = connect(os.environ, as_app=scope.kind == "app")
    return http if isinstance(http, Problem) else GitHub(http)


def _twilio(running: Sandbox | None) -> TwilioAccount | Problem | None:
    """The Twilio account of the environment; a rehearsal asks the real Twilio nothing."""
    if not os.environ.get("TWILIO_ACCOUNT_SID") or (running and not os.environ.get(TWILIO_API_URL)):
        return None
    return twilio_account()


def _emulated(running: Sandbox) -> Account:
    """The sandbox's own account: whatever the shell holds, a rehearsal must not become a call to a real one."""
    from hookwatch.sandbox.deploy_clients import Clients

    return Account(Clients(str(running.health["aws_endpoint_url"])))


def _end(problem: Problem) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch doctor: {problem.message}", markup=False)
    raise typer.Exit(MISUSE)
