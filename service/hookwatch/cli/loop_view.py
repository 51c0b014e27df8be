"""How `hookwatch loop` shows plans and stops, to people and to machines. Asks nobody anything."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from hookwatch.recover.loop_stop import Plan, Problem
    from hookwatch.recover.loop_stop_status import Status

PIPED_WIDTH_COLUMNS = 160
"""Width where no terminal says one, so that a log does not fold every line at 80."""


def state(plan: Plan, problems: Mapping[str, Problem], *, done: bool) -> str:
    """How far a plan came: nothing, planned, failed or done."""
    if not plan.calls:
        return "nothing"
    if plan.target in problems:
        return "failed"
    return "done" if done else "planned"


def plans_json(plans: Sequence[Plan], problems: Mapping[str, Problem], *, done: bool) -> dict[str, Any]:
    """Plans as a JSON document."""
    return {
        "dry_run": not done,
        "ok": not problems,
        "changes": [
            {
                "verb": plan.verb,
                "kind": plan.kind,
                "target": plan.target,
                "state": state(plan, problems, done=done),
                "before": dict(plan.before),
                "after": dict(plan.after),
                "commands": [call.text for call in plan.calls],
                "costs": list(plan.costs),
                "note": plan.note,
                "problem": problems[plan.target].message if plan.target in problems else None,
            }
            for plan in plans
        ],
    }


def status_json(status: Status) -> dict[str, Any]:
    """Stops as a JSON document."""
    return {
        "stops": [
            {**asdict(stop), "resume": f"hookwatch loop resume {stop.selector} --yes"} | {"before": dict(stop.before)}
            for stop in status.stops
        ],
        "functions": [asdict(function) for function in status.functions],
        "buses": list(status.buses),
    }


def draw_plans(console: Console, plans: Sequence[Plan], problems: Mapping[str, Problem], *, done: bool) -> None:
    """Print what was or would be done, what it costs, and how it goes on."""
    for plan in plans:
        how = state(plan, problems, done=done)
        console.print(f"{how}: {plan.verb} {plan.kind} {plan.target}", style=_STYLES[how], markup=False)
        for key in plan.before:
            before, after = plan.before[key], plan.after.get(key, plan.before[key])
            change = before or "-" if before == after else f"{before or '-'} -> {after or '-'}"
            console.print(f"  {key}: {change}", markup=False, soft_wrap=True)
        if plan.note:
            console.print(f"  {plan.note}", markup=False, soft_wrap=True)
        for call in plan.calls:
            console.print(f"  $ {call.text}", style="dim", markup=False, soft_wrap=True)
        if plan.costs:
            console.print("  while it lasts:", markup=False)
            for cost in plan.costs:
                console.print(f"  - {cost}", markup=False, soft_wrap=True)
    if not done and any(plan.calls for plan in plans):
        console.print("Nothing was changed. Add --yes to do it.", style="bold")
    elif any(plan.verb == "stop" and plan.calls for plan in plans) and not problems:
        console.print("To undo it: the same command with `resume` instead of `stop`.")


_STYLES = {"nothing": "yellow", "planned": "bold", "failed": "bold red", "done": "bold green"}


def draw_status(console: Console, status: Status) -> None:
    """Print the stops in force, and how the functions stand."""
    if not status.stops:
        console.print("nothing is stopped", style="green")
    for stop in status.stops:
        console.print(f"stopped: {stop.kind} {stop.target}, since {stop.since}", style="bold red", markup=False)
        before = ", ".join(f"{key} {value or '-'}" for key, value in stop.before.items())
        console.print(f"  before: {before}", markup=False, soft_wrap=True)
        console.print(f"  $ hookwatch loop resume {stop.selector} --yes", style="dim", markup=False, soft_wrap=True)
    if not status.functions:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("function", "own actors", "action", "limit/min", "concurrency"):
        table.add_column(column, overflow="fold")
    for each in status.functions:
        actors = (each.own_actors or "-").replace("[", r"\[")
        table.add_row(each.name, actors, each.own_actor_action, each.loop_limit, each.reserved_concurrency)
    console.print(table)
