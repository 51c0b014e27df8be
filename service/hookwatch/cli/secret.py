"""`hookwatch secret`: which keys verify, and changing them without a gap. Decides nothing: `recover.rotation*` does.

Takes no key, no token and no password as an argument, where every process could read it, and prints none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import typer

from hookwatch.cli import secret_view as view
from hookwatch.cli.secret_asked import Where, find_endpoint
from hookwatch.cli.secret_ending import FOUND, OK, end, span_of, tools_of
from hookwatch.cli.secret_help import STATUS_EPILOG, AsJson, Endpoint, Region, StackName
from hookwatch.cli.secret_rotate import rotate
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_status import read_status
from hookwatch.recover.rotation_usage import LONGEST

app = typer.Typer(
    name="secret",
    help="See which keys verify, and change them without a gap.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)
app.add_typer(rotate)


@app.callback()
def secret() -> None:
    """See which keys verify, and change them without a gap (docs/rotation.md)."""


@app.command("status", epilog=STATUS_EPILOG)
def status(
    ctx: typer.Context,
    provider: Annotated[Literal["github", "twilio"], typer.Argument(help="Whose secret.")],
    *,
    stack: StackName = DEFAULT_STACK,
    window: Annotated[
        str, typer.Option("--window", metavar="SPAN", help="Count deliveries of the last 1h, 1d.")
    ] = "1h",
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show each key's label and age, which of them verified lately, and whether a rotation is unfinished."""
    tools = tools_of(ctx)
    span = span_of("--window", window)
    if not timedelta(minutes=1) <= span <= LONGEST:
        end(Problem("--window must be from 1m to 14d: minutes are not kept longer"))
    where = Where(stack=stack, region=region, endpoint_url=endpoint_url)
    found = find_endpoint(where, tools, provider)
    if isinstance(found, Problem):
        end(found)
    account, endpoint = found
    read = read_status(endpoint, Secret(account, endpoint.secret_id), span, tools.pace.now())
    if isinstance(read, Problem):
        end(read)
    if as_json:
        view.print_json(view.status_json(read))
    else:
        view.draw_status(view.console(), read)
    raise typer.Exit(FOUND if read.unfinished else OK)
