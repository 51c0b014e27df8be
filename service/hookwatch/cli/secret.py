"""`hookwatch secret`: which keys verify, and changing them without a gap. Decides nothing: `recover.rotation*` does.

Takes no key, no token and no password as an argument, where every process could read it, and prints none.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated, Any, Literal, NoReturn

import typer

from hookwatch.cli import secret_view as view
from hookwatch.cli.secret_place import Tools, Where, find_endpoint
from hookwatch.cli.secret_rotate import Asked, Working, rotate_github, rotate_twilio
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_status import read_status
from hookwatch.recover.rotation_usage import LONGEST

OK, FOUND, MISUSE = 0, 1, 2
GRACE = "10m"

app = typer.Typer(
    name="secret",
    help="See which keys verify, and change them without a gap.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)
rotate = typer.Typer(name="rotate", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def secret() -> None:
    """See which keys verify, and change them without a gap (docs/rotation.md)."""


@rotate.callback()
def rotating() -> None:
    """Change a key without a gap: interrupted anywhere, the same command goes on, and --undo goes back."""


app.add_typer(rotate)

STATUS_EPILOG = """\
Exit codes: 0 no rotation is unfinished; 1 one is, or somebody still signs with the previous key; 2 misuse.

Examples:

\b
  hookwatch secret status github
  hookwatch secret status twilio --stack webhooks --window 1d --json
  hookwatch secret status github --sandbox http://127.0.0.1:8000
"""
_CODES = """\
Without --yes nothing is changed: everything is checked, and what would be done is said.

Exit codes: 0 done, planned, or nothing to do; 1 it is not as it must be (another rotation, nothing proves the new key,
the previous one is still used); 2 misuse, not found, not allowed: nothing was changed.

"""
GITHUB_EPILOG = f"""{_CODES}Signs in to GitHub with GITHUB_TOKEN, GH_TOKEN or `gh`, or with --token-secret; for an App's
hook with GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE.

Examples:

\b
  hookwatch secret rotate github --repo acme/shop --hook 7             what would happen
  hookwatch secret rotate github --repo acme/shop --hook 7 --yes       the same again goes on where it stopped
  hookwatch secret rotate github --repo acme/shop --hook 7 --undo --yes
  hookwatch secret rotate github --org acme --yes --grace 30m          and end the old key when it is quiet
  hookwatch secret rotate github --repo acme/blog --current --yes      another hook with the same secret
  hookwatch secret rotate github --finish --yes                        end the old key
"""
TWILIO_EPILOG = f"""{_CODES}Promoting cannot be undone and ends the old auth token at once, for webhooks and for
Twilio's API: it needs --yes-promote. Signs in with TWILIO_ACCOUNT_SID and TWILIO_API_KEY, TWILIO_API_SECRET
(or TWILIO_AUTH_TOKEN, which ends with this).

Examples:

\b
  hookwatch secret rotate twilio                                       what would happen
  hookwatch secret rotate twilio --yes                                 up to the promotion
  hookwatch secret rotate twilio --yes --yes-promote                   all of it
  hookwatch secret rotate twilio --undo --yes                          before the promotion only
  hookwatch secret rotate twilio --finish --yes                        end the old key
"""

StackName = Annotated[str, typer.Option("--stack", help="The stack.")]
Url = Annotated[str | None, typer.Option("--url", help="The URL that the provider was given, if not the Function URL.")]
SandboxUrl = Annotated[
    str | None,
    typer.Option("--sandbox", metavar="URL", help="Rehearse in a running `hookwatch up`: its page's address."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the key before.")]
Finish = Annotated[bool, typer.Option("--finish", help="End the previous key, if nobody used it for --grace.")]
Grace = Annotated[
    str | None,
    typer.Option(
        "--grace", metavar="SPAN", help="Wait until the previous key was unused so long, and end it: 10m, 1h."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of text.")]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint, such as the sandbox's.")]


@app.command("status", epilog=STATUS_EPILOG)
def status(
    ctx: typer.Context,
    provider: Annotated[Literal["github", "twilio"], typer.Argument(help="Whose secret.")],
    *,
    stack: StackName = DEFAULT_STACK,
    window: Annotated[
        str, typer.Option("--window", metavar="SPAN", help="Count deliveries of the last 1h, 1d.")
    ] = "1h",
    sandbox: SandboxUrl = None,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show each key's label and age, which of them verified lately, and whether a rotation is unfinished."""
    tools = _tools(ctx)
    span = _span("--window", window)
    if not timedelta(minutes=1) <= span <= LONGEST:
        _end(Problem("--window must be from 1m to 14d: minutes are not kept longer"))
    where = Where(stack=stack, sandbox=sandbox, region=region, endpoint_url=endpoint_url)
    found = find_endpoint(where, tools, provider)
    if isinstance(found, Problem):
        _end(found)
    account, endpoint = found
    read = read_status(endpoint, Secret(account, endpoint.secret_id), span, tools.pace.now())
    if isinstance(read, Problem):
        _end(read)
    if as_json:
        view.print_json(view.status_json(read))
    else:
        view.draw_status(view.console(), read)
    raise typer.Exit(FOUND if read.unfinished else OK)


@rotate.command("github", epilog=GITHUB_EPILOG)
def github(
    ctx: typer.Context,
    *,
    repo: Annotated[str | None, typer.Option("--repo", metavar="OWNER/NAME", help="A repository's hook.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="An organization's hook.")] = None,
    app_hook: Annotated[bool, typer.Option("--app", help="The hook of the GitHub App that signs in.")] = False,
    hook: Annotated[int | None, typer.Option("--hook", help="Its id; the one that points here if left out.")] = None,
    stack: StackName = DEFAULT_STACK,
    url: Url = None,
    sandbox: SandboxUrl = None,
    yes: Yes = False,
    undo: Undo = False,
    finish: Finish = False,
    grace: Grace = None,
    current: Annotated[bool, typer.Option("--current", help="Give this hook the key that is current already.")] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Say that no other hook shares the secret.")] = False,
    token_secret: Annotated[
        str | None,
        typer.Option("--token-secret", metavar="ARN", help="The secret that holds GitHub's token or App key."),
    ] = None,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Change a hook's secret over GitHub's API, proven by a delivery, while both keys verify."""
    where = Where(stack=stack, url=url, sandbox=sandbox, region=region, endpoint_url=endpoint_url)
    asked = Asked(
        provider="github",
        undo=undo,
        finish=finish,
        current=current,
        yes=yes,
        grace=None if grace is None and not finish else _span("--grace", grace or GRACE),
        consent=alone,
        repo=repo,
        org=org,
        app=app_hook,
        hook=hook,
        token_secret=token_secret,
    )
    _run(ctx, where, asked, as_json=as_json)


@rotate.command("twilio", epilog=TWILIO_EPILOG)
def twilio(
    ctx: typer.Context,
    *,
    stack: StackName = DEFAULT_STACK,
    url: Url = None,
    sandbox: SandboxUrl = None,
    yes: Yes = False,
    yes_promote: Annotated[
        bool, typer.Option("--yes-promote", help="Also promote, which ends the old token at once and for good.")
    ] = False,
    undo: Undo = False,
    finish: Finish = False,
    grace: Grace = None,
    replace_secondary: Annotated[
        bool, typer.Option("--replace-secondary", help="Delete a secondary token that the account has already.")
    ] = False,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Change an account's auth token: stored and accepted here before Twilio promotes it."""
    where = Where(stack=stack, url=url, sandbox=sandbox, region=region, endpoint_url=endpoint_url)
    asked = Asked(
        provider="twilio",
        undo=undo,
        finish=finish,
        yes=yes,
        grace=None if grace is None and not finish else _span("--grace", grace or GRACE),
        consent=yes_promote,
        replace=replace_secondary,
    )
    _run(ctx, where, asked, as_json=as_json)


def _run(ctx: typer.Context, where: Where, asked: Asked, *, as_json: bool) -> None:
    tools = _tools(ctx)
    problem = asked.wrong()
    if problem is not None:
        _end(problem)
    found = find_endpoint(where, tools, asked.provider)
    if isinstance(found, Problem):
        _end(found)
    account, endpoint = found
    run = {"github": rotate_github, "twilio": rotate_twilio}[asked.provider]
    with view.watched(quiet=as_json) as steps:
        done = run(asked, Working(account, endpoint, tools.pace, steps), os.environ)
    if as_json:
        view.print_json(view.result_json(done.result, steps, done=asked.yes, ahead=done.ahead))
    elif not isinstance(done.result, Problem):
        command = f"hookwatch secret rotate {asked.provider}"
        view.draw_result(view.console(), done.result, command, done=asked.yes, ahead=done.ahead)
    if isinstance(done.result, Problem):
        _end(done.result, changed=steps.changed)


def _tools(ctx: typer.Context) -> Tools:
    """The real ones, or what whoever called the command as a function gave instead."""
    given: Any = ctx.obj
    return given if isinstance(given, Tools) else Tools()


def _span(option: str, text: str) -> timedelta:
    found = view.span(text)
    if found is None:
        _end(Problem(f"{option} must be a span such as 90s, 10m, 2h or 3d"))
    return found


def _end(problem: Problem, *, changed: bool = False) -> NoReturn:
    view.complain(problem, changed=changed)
    raise typer.Exit(FOUND if problem.found or changed else MISUSE)
