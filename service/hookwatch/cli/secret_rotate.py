"""`hookwatch secret rotate`: reads the options and says how it ended. Decides nothing: `recover.rotation*` does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from hookwatch.cli import secret_view as view
from hookwatch.cli.secret_asked import Asked, Where, Working, find_endpoint
from hookwatch.cli.secret_ending import end, span_of, tools_of
from hookwatch.cli.secret_help import (
    GITHUB_EPILOG,
    TWILIO_EPILOG,
    AsJson,
    Endpoint,
    Finish,
    Grace,
    Region,
    StackName,
    Undo,
    Url,
    Yes,
)
from hookwatch.cli.secret_work import rotate_github, rotate_twilio
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK

if TYPE_CHECKING:
    from datetime import timedelta

GRACE = "10m"

rotate = typer.Typer(name="rotate", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@rotate.callback()
def rotating() -> None:
    """Change a key without a gap: interrupted anywhere, the same command goes on, and --undo goes back."""


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
    where = Where(stack=stack, url=url, region=region, endpoint_url=endpoint_url)
    asked = Asked(
        provider="github",
        undo=undo,
        finish=finish,
        current=current,
        yes=yes,
        grace=_waiting(grace, finish=finish),
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
    where = Where(stack=stack, url=url, region=region, endpoint_url=endpoint_url)
    asked = Asked(
        provider="twilio",
        undo=undo,
        finish=finish,
        yes=yes,
        grace=_waiting(grace, finish=finish),
        consent=yes_promote,
        replace=replace_secondary,
    )
    _run(ctx, where, asked, as_json=as_json)


def _waiting(grace: str | None, *, finish: bool) -> timedelta | None:
    """How long the previous key must have been unused before it is ended; None leaves it in force."""
    return None if grace is None and not finish else span_of("--grace", grace or GRACE)


def _run(ctx: typer.Context, where: Where, asked: Asked, *, as_json: bool) -> None:
    tools = tools_of(ctx)
    problem = asked.wrong()
    if problem is not None:
        end(problem)
    found = find_endpoint(where, tools, asked.provider)
    if isinstance(found, Problem):
        end(found)
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
        end(done.result, changed=steps.changed)
