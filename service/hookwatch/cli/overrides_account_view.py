"""How `hookwatch overrides plan` and `apply` show URLs, to people and to machines. Asks nobody anything."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hookwatch.recover.webhook_urls import SORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hookwatch.recover.overrides_apply import Ended
    from hookwatch.recover.overrides_plan import Change, OverridesPlan

_STYLES = {"done": "bold green", "already": "dim", "foreign": "yellow", "failed": "bold red", "left": "yellow"}
_SAYS = {
    "done": "done",
    "already": "already so",
    "foreign": "left alone",
    "failed": "failed",
    "left": "not reached",
}


def plan_json(planned: OverridesPlan, asked: Mapping[str, str]) -> dict[str, Any]:
    """A plan as a JSON document."""
    return {
        "dry_run": True,
        "overrides": dict(asked),
        "wanted": len(planned.wanted),
        "elsewhere": planned.elsewhere,
        "changes": [{**_change(each), "state": "planned" if each.is_one else "already"} for each in planned.changes],
    }


def ended_json(ended: Sequence[Ended], undo: Path | None) -> dict[str, Any]:
    """How a run ended as a JSON document."""
    return {
        "dry_run": False,
        "ok": all(each.state in ("done", "already") for each in ended),
        "undo_file": str(undo) if undo else None,
        "counts": {state: sum(each.state == state for each in ended) for state in _STYLES},
        "changes": [{**_change(each.change), "state": each.state, "message": each.message} for each in ended],
    }


def draw_plan(out: Console, planned: OverridesPlan, *, may_apply: bool = False) -> None:
    """Print each URL that points here, what it would become, and what else to know."""
    for each in planned.changes:
        style = "bold" if each.is_one else "dim"
        out.print(Text(_title(each), style), Text("" if each.is_one else "  as it should be", "dim"), soft_wrap=True)
        out.print(Text(f"  {each.before}"), soft_wrap=True)
        if each.is_one:
            out.print(Text(f"  -> {each.after}", "green"), soft_wrap=True)
        for note in each.notes:
            out.print(Text(f"  note: {note}", "yellow"), soft_wrap=True)
    kinds = ", ".join(sort.plural for sort in SORTS.values())
    if not planned.changes:
        out.print(f"no URL of this account's {kinds} points here", style="yellow")
    right = len(planned.changes) - len(planned.wanted)
    out.print(f"{len(planned.wanted)} to change, {right} as they should be, {planned.elsewhere} point elsewhere")
    if planned.wanted:
        how = "Add --yes to do it." if may_apply else "`hookwatch overrides apply` with the same options does it."
        out.print(f"Nothing was changed. {how}", style="bold")


def draw_ended(out: Console, ended: Sequence[Ended], undo: Path | None) -> None:
    """Print how each change ended, and how to take it back or go on."""
    for each in ended:
        out.print(Text(f"{_SAYS[each.state]:<11}", _STYLES[each.state]), Text(_title(each.change)), soft_wrap=True)
        if each.message:
            out.print(Text(f"            {each.message}", "dim"), soft_wrap=True)
    if any(each.state in ("left", "failed") for each in ended):
        out.print("Not all was reached: the same command goes on where this one ended.", style="bold")
    if undo is not None and any(each.state == "done" for each in ended):
        out.print(f"To undo it: hookwatch overrides apply --undo {undo} --yes", markup=False, soft_wrap=True)


@contextmanager
def progress(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal's stderr, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "sid": change.sid,
        "name": change.name,
        "property": change.which,
        "before": change.before,
        "after": change.after,
        "notes": list(change.notes),
    }


def _title(change: Change) -> str:
    return f"{change.kind} {change.name} ({change.sid}) {change.which}"
