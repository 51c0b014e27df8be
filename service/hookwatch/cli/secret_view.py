"""How `hookwatch secret` shows keys and rotations, to people and to machines. Never has a value to show."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Place, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookwatch.recover.rotation import Ended
    from hookwatch.recover.rotation_status import Status

PIPED_WIDTH_COLUMNS = 160
"""Width where no terminal says one, so that a log does not fold every line at 80."""
STEPS = list(Step)

_SPAN = re.compile(r"([1-9]\d{0,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

# What is left to do from where a rotation stands, as a dry run says it.
AHEAD: Mapping[str, Mapping[Place, str]] = {
    "github": {
        Place.NONE: "store a new key beside the current one, wait until functions accept it, give it to the hook, "
        "prove it by a delivery, make it current",
        Place.STORED: "wait until functions accept the new key, give it to the hook, prove it by a delivery, make it "
        "current",
        Place.TOLD: "give the new key to the hook once more, prove it by a delivery, make it current",
        Place.PROMOTED: "nothing: the rotation is promoted, and --finish ends the previous key",
    },
    "twilio": {
        Place.NONE: "create a secondary token, store it beside the current one, wait until functions accept it; with "
        "--yes-promote also promote it and make it current",
        Place.STORED: "wait until functions accept the secondary token; with --yes-promote promote it, make it current",
        Place.TOLD: "promote the secondary token if that was not done, and make it current",
        Place.PROMOTED: "nothing: the rotation is promoted, and --finish ends the previous key",
    },
}
UNDO: Mapping[Place, str] = {
    Place.STORED: "drop the new key, which was given to nobody",
    Place.TOLD: "give the hook its old key back, prove it by a delivery, keep the new key valid as the previous one",
    Place.PROMOTED: "give the hook its old key back, prove it by a delivery, make the old key the current one again",
}


def span(text: str) -> timedelta | None:
    """A span such as 90s, 10m, 2h or 3d."""
    found = _SPAN.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def console() -> Console:
    """Colour and the terminal's width on a terminal; neither elsewhere."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


def print_json(document: Mapping[str, Any]) -> None:
    """One document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def complain(problem: Problem, *, changed: bool) -> None:
    """Say on stderr what is wrong."""
    more = ". What was done so far stays: the same command goes on, and --undo goes back" if changed else ""
    said = f"hookwatch secret: {problem.message}{more}"
    Console(stderr=True, highlight=False, soft_wrap=True).print(said, markup=False)


class Steps:
    """What a rotation said, step by step; drawn while it runs where somebody watches."""

    def __init__(self, progress: Progress | None, out: Console | None) -> None:
        """Make it; `progress` draws on a terminal, `out` takes one line for each step elsewhere."""
        self.said: list[dict[str, str]] = []
        self._progress, self._out = progress, out
        self._task = progress.add_task("", total=len(STEPS)) if progress else None

    @property
    def changed(self) -> bool:
        """Whether it came past the point from which on something is changed."""
        return any(each["step"] in (Step.ACCEPT, Step.TELL, Step.PROVE, Step.PROMOTE) for each in self.said)

    def __call__(self, step: Step, said: str, /) -> None:
        """Note a sentence."""
        new = not self.said or self.said[-1]["step"] != step.value
        self.said.append({"step": step.value, "said": said})
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=f"{step.value}: {said}", completed=STEPS.index(step))
        elif self._out is not None and new:
            self._out.print(f"{step.value}: {said}", markup=False)


@contextmanager
def watched(*, quiet: bool) -> Iterator[Steps]:
    """Show steps: a bar on a terminal, lines elsewhere, nothing where only a document is wanted."""
    errors = Console(stderr=True, highlight=False)
    if quiet or not errors.is_terminal:
        yield Steps(None, None if quiet else Console(stderr=True, highlight=False, soft_wrap=True))
        return
    columns = (SpinnerColumn(), BarColumn(20), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=errors, transient=True) as progress:
        yield Steps(progress, None)


def result_json(result: Ended | Problem, steps: Steps, *, done: bool, ahead: str) -> dict[str, Any]:
    """How a command ended, as a document."""
    document: dict[str, Any] = {"ok": not isinstance(result, Problem), "dry_run": not done}
    if isinstance(result, Problem):
        document |= {"place": None, "said": "", "then": "", "complete": False, "problem": result.message}
    else:
        document |= {"place": result.place.value, "said": result.said, "then": result.then}
        document |= {"complete": result.complete, "problem": None}
    return {**document, "ahead": "" if done else ahead, "steps": steps.said}


def draw_result(out: Console, result: Ended, command: str, *, done: bool, ahead: str) -> None:
    """How a command ended, for people."""
    out.print(result.said, style="bold green" if done else "bold", markup=False)
    if not done:
        out.print(f"would: {ahead}", markup=False)
        out.print("Nothing was changed. Add --yes to do it.", style="bold")
    elif result.then:
        out.print(f"next: {command} {result.then} --yes", markup=False)


def status_json(status: Status) -> dict[str, Any]:
    """A status as a document."""
    return {
        "provider": status.endpoint.provider,
        "stack": status.endpoint.stack,
        "secret": status.endpoint.secret_id,
        "place": status.place.value,
        "unfinished": status.unfinished,
        "said": status.said,
        "then": status.then,
        "changed": status.changed.isoformat(),
        "window_s": round(status.window.total_seconds()),
        "verified": {
            "current": status.usage.current,
            "previous": status.usage.previous,
            "pending": status.usage.pending,
        },
        "refused": status.usage.refused,
        "keys": [
            {
                "label": row.label,
                "version_id": row.version_id,
                "created": row.created.isoformat(),
                "age_s": round(row.age_s),
                "verified": row.verified,
            }
            for row in status.rows
        ],
    }


def draw_status(out: Console, status: Status) -> None:
    """A status for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("key", "made", "age", "verified", "version"):
        table.add_column(column, justify="right" if column in ("age", "verified") else "left", overflow="fold")
    for row in status.rows:
        made = f"{row.created:%Y-%m-%d %H:%M} UTC"
        table.add_row(row.label, made, age(row.age_s), str(row.verified), row.version_id)
    out.print(table)
    out.print(status.said, style="bold red" if status.unfinished else "green", markup=False, soft_wrap=True)
    if status.then:
        out.print(f"next: {status.then}", markup=False, soft_wrap=True)


def age(seconds: float) -> str:
    """An age in its largest two units' spirit: 45 s, 12 min, 5 h, 40 d."""
    for unit, length_s, below_s in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < below_s:
            return f"{max(0, seconds) // length_s:.0f} {unit}"
    return f"{seconds // 86_400:.0f} d"
