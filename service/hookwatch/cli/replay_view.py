"""How `hookwatch replay` shows a plan and its progress, to people and to machines. Asks nobody anything."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from hookwatch.recover.moments import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.recover import archive_model as model

PIPED_WIDTH_COLUMNS = 160


def console() -> Console:
    """The console for results; where no terminal says a width, one that does not fold every line."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


@contextmanager
def bar(plan: model.Plan) -> Iterator[Callable[[model.Progress], None]]:
    """A progress bar on stderr, if that is a terminal: how far through the span the last event lies."""
    err = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("replaying", total=1.0)

        def step(now: model.Progress) -> None:
            progress.update(task, completed=now.share(plan.asked), description=now.state.lower())

        yield step


def plan_json(plan: model.Plan, progress: model.Progress | None, *, done: bool) -> dict[str, Any]:
    """A replay as a JSON document."""
    return {
        "dry_run": not done,
        "replay": plan.name,
        "archive": plan.archive.name,
        "bus": plan.archive.bus_arn,
        "from": shown(plan.asked.begin),
        "to": shown(plan.asked.end),
        "rules": plan.arns,
        "archived_events": plan.archive.events,
        "warnings": list(plan.warnings),
        "state": progress.state if progress else ("STARTING" if done else None),
        "state_reason": progress.reason if progress else None,
    }


def draw_plan(out: Console, plan: model.Plan, *, done: bool) -> None:
    """Print what is or would be replayed, to whom, and what to know before."""
    kept = plan.archive.retention_days
    out.print(f"archive  {plan.archive.name}, about {plan.archive.events} events", markup=False)
    out.print(f"kept     {f'{kept} days' if kept else 'for ever'}, since {shown(plan.archive.created)}", markup=False)
    out.print(f"span     {shown(plan.asked.begin)} to {shown(plan.asked.end)}", markup=False)
    out.print(f"to       {', '.join(plan.arns) or 'all rules'} on {plan.archive.bus_arn}", markup=False)
    for warning in plan.warnings:
        out.print(f"- {warning}", style="yellow", markup=False, soft_wrap=True)
    if not done:
        out.print("Nothing was started. Add --yes to do it.", style="bold")


def draw_end(out: Console, plan: model.Plan, progress: model.Progress | None) -> None:
    """Print how it stands, and how to see more or end it."""
    if progress is None:
        out.print(f"started  {plan.name}", style="bold green", markup=False)
        out.print(
            f"  $ aws events describe-replay --replay-name {plan.name}", style="dim", markup=False, soft_wrap=True
        )
        out.print(f"  $ aws events cancel-replay --replay-name {plan.name}", style="dim", markup=False, soft_wrap=True)
        return
    style = "bold green" if progress.state == "COMPLETED" else "bold red"
    reason = f": {progress.reason}" if progress.reason else ""
    out.print(f"{progress.state.lower()}  {plan.name}{reason}", style=style, markup=False, soft_wrap=True)
