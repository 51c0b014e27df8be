"""`hookwatch parked`: works the parking queue and its dead-letter queue. Decides nothing: `recover.parked_*` does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hookwatch.cli import parked_view as view
from hookwatch.cli import parked_work
from hookwatch.cli.parked_common import (
    FOUND,
    LOOK_AT,
    OK,
    AsJson,
    Endpoint,
    Region,
    StackName,
    end,
    open_stack,
    print_json,
)
from hookwatch.cli.parked_help import LIST_EPILOG, MOVE_EPILOG, REPLAY_EPILOG, SHOW_EPILOG
from hookwatch.ingest.parked import Parked, decode
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.parked_list import peek, read_waiting
from hookwatch.recover.parked_queue import Queue
from hookwatch.recover.problem import Problem
from hookwatch.recover.replay_object import Lost, place, read

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.parked_queue import Held
    from hookwatch.recover.parked_stack import Parking

app = typer.Typer(
    name="parked",
    help="What the bus did not take: see it, replay it, bring back what was given up.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)


@app.callback()
def parked() -> None:
    """What the bus did not take: see it, replay it, bring back what was given up (docs/nothing-lost.md)."""


@app.command("list", epilog=LIST_EPILOG)
def list_(
    ctx: typer.Context,
    *,
    sample: Annotated[int, typer.Option(min=0, max=1000, help="Look at so many messages of each queue.")] = 10,
    stack: StackName = DEFAULT_STACK,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show how much waits, how long, and what it is."""
    here, parking = open_stack(ctx, stack, region, endpoint_url)
    queues = read_waiting(here, parking, sample, datetime.now(UTC))
    if isinstance(queues, Problem):
        end(queues)
    if as_json:
        print_json(view.waiting_json(stack, queues))
    else:
        view.draw_waiting(view.console(), queues)
    raise typer.Exit(FOUND if any(queue.visible + queue.in_flight for queue in queues) else OK)


@app.command("show", epilog=SHOW_EPILOG)
def show(
    ctx: typer.Context,
    identity: Annotated[str, typer.Argument(metavar="ID", help="A delivery id or a message id.")],
    *,
    payload: Annotated[bool, typer.Option("--payload", help="Also what the provider sent.")] = False,
    search: Annotated[int, typer.Option(min=1, max=10_000, help="Look at so many messages of each queue.")] = LOOK_AT,
    stack: StackName = DEFAULT_STACK,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show one message of either queue."""
    here, parking = open_stack(ctx, stack, region, endpoint_url)
    for url in (parking.queue_url, parking.dlq_url):
        queue = Queue(here, url)
        held = peek(queue, search, lambda each: _is(each, identity))
        if isinstance(held, Problem):
            end(held)
        for each in held:
            if _is(each, identity):
                detail = _payload(here, parking, each) if payload else None
                shown = view.message_json(queue.name, each, dead=url == parking.dlq_url, payload=detail)
                if as_json:
                    print_json(shown)
                else:
                    view.draw_message(view.console(), shown)
                raise typer.Exit(OK)
    said = f"{identity} is not among the messages that can be received now, up to {search} of each queue"
    end(Problem(f"{said}. What waits after a failure can be in 15 minutes at most; --search looks at more", found=True))


app.command("replay", epilog=REPLAY_EPILOG)(parked_work.replay)
app.command("move-back", epilog=MOVE_EPILOG)(parked_work.move_back)


def _is(held: Held, identity: str) -> bool:
    message = decode(held.message.body)
    names = {held.message.message_id, held.original_id}
    return identity in names or (isinstance(message, Parked) and message.delivery_id == identity)


def _payload(here: Account, parking: Parking, held: Held) -> str:
    message = decode(held.message.body)
    if not isinstance(message, Parked):
        return held.message.body
    if message.stored is None:
        return message.envelope.detail
    detail = read(here.client("s3"), message.stored, parking.bucket)
    if isinstance(detail, Lost):
        end(Problem(f"{place(message.stored)}: {detail.reason} ({detail.error_code or 'read'})", found=True))
    return detail
