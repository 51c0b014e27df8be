"""`hookwatch parked replay` and `move-back`: what changes something. Decides nothing: `recover.parked_*` does."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from hookwatch.cli import parked_view as view
from hookwatch.cli.parked_common import (
    ALL,
    FOUND,
    LOOK_AT,
    OK,
    AsJson,
    Endpoint,
    Max,
    Region,
    StackName,
    Yes,
    end,
    open_stack,
    print_json,
)
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.parked_list import groups, peek
from hookwatch.recover.parked_move import Choice
from hookwatch.recover.parked_move import move_back as move
from hookwatch.recover.parked_queue import Queue
from hookwatch.recover.parked_replay import drain
from hookwatch.recover.problem import Problem


def replay(
    ctx: typer.Context,
    *,
    yes: Yes = False,
    limit: Max = ALL,
    failures: Annotated[int, typer.Option(min=1, help="Stop when so many failed one after the other.")] = 3,
    stack: StackName = DEFAULT_STACK,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Publish what is parked now."""
    here, parking = open_stack(ctx, stack, region, endpoint_url)
    queue = Queue(here, parking.queue_url)
    depth = queue.depth()
    if isinstance(depth, Problem):
        end(depth)
    if not yes:
        count = min(limit, depth.visible)
        if as_json:
            print_json({"dry_run": True, "would_replay": count, "in_flight": depth.in_flight, "bus": parking.bus_arn})
        else:
            out = view.console()
            out.print(f"{count} of {depth.visible} messages would be published to {parking.bus_arn}", markup=False)
            if depth.in_flight:
                out.print(f"{depth.in_flight} more wait after a failure (15 minutes at most) or are in work.")
            if count:
                out.print("Nothing was changed. Add --yes to do it.", style="bold")
        raise typer.Exit(OK)
    # SQS calls its count approximate: only a receive that finds nothing says that there is nothing.
    with view.progress("replaying", min(limit, depth.visible)) as step:
        done = drain(here, parking, queue).run(limit, failures, lambda _: step())
    left = queue.depth()
    rest = None if isinstance(left, Problem) else left
    if as_json:
        print_json(view.drained_json(done, rest))
    else:
        view.draw_drained(view.console(), done, rest)
    if done.problem is not None:
        end(done.problem)
    waits = rest is not None and rest.visible + rest.in_flight > 0 and done.settled < limit
    raise typer.Exit(FOUND if done.failed or done.refused or waits else OK)


def move_back(
    ctx: typer.Context,
    *,
    yes: Yes = False,
    reason: Annotated[str, typer.Option(help="Only those whose reason begins so.")] = "",
    damaged: Annotated[bool, typer.Option("--damaged", help="Also those that were given up as damaged.")] = False,
    limit: Max = ALL,
    stack: StackName = DEFAULT_STACK,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Bring back what was given up."""
    here, parking = open_stack(ctx, stack, region, endpoint_url)
    dlq = Queue(here, parking.dlq_url)
    choice = Choice(reason, damaged, limit)
    depth = dlq.depth()
    if isinstance(depth, Problem):
        end(depth)
    if not yes:
        _plan(dlq, choice, depth.visible, as_json=as_json)
    with view.progress("moving", min(limit, depth.visible)) as step:
        moved = move(dlq, Queue(here, parking.queue_url), choice, step)
    if as_json:
        print_json(view.moved_json(moved))
    else:
        out = view.console()
        out.print(f"moved {moved.moved} back into the parking queue, left {moved.left} where they are")
        if moved.doubled:
            out.print(f"{moved.doubled} are in both queues now, because they could not be deleted from the first.")
    if moved.problem is not None:
        end(moved.problem)
    raise typer.Exit(FOUND if moved.doubled else OK)


def _plan(dlq: Queue, choice: Choice, waiting: int, *, as_json: bool) -> NoReturn:
    held = peek(dlq, min(waiting, LOOK_AT))
    if isinstance(held, Problem):
        end(held)
    meant = tuple(each for each in held if choice.takes(each))[: choice.limit]
    found = groups(meant, dead=True)
    if as_json:
        kinds = [{"provider": g.provider, "reason": g.reason, "messages": g.messages} for g in found]
        print_json(
            {"dry_run": True, "looked_at": len(held), "waiting": waiting, "would_move": len(meant), "what": kinds}
        )
    else:
        out = view.console()
        out.print(
            f"of {waiting} messages in {dlq.name} {len(held)} were looked at; {len(meant)} of these would be moved"
        )
        if meant:
            view.draw_groups(out, found)
            out.print("Nothing was changed. Add --yes to do it.", style="bold")
    raise typer.Exit(OK)
