"""What `hookwatch redeliver` shows while it works, on stderr and on terminals only. Never part of a result."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.recover.github_model import Delivery
    from hookwatch.recover.github_run import Ran


@contextmanager
def reading_progress() -> Iterator[Callable[[int, Sequence[Delivery]], None]]:
    """Counts deliveries on stderr while pages are read, if that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("reading deliveries: {task.completed:.0f}, back to {task.fields[back_to]}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None, back_to="now")

        def advance(_hook: int, page: Sequence[Delivery]) -> None:
            back_to = f"{page[-1].delivered_at:%Y-%m-%d %H:%M} UTC" if page else "the beginning"
            bar.update(task, advance=len(page), back_to=back_to)

        yield advance


@contextmanager
def running_progress(count: int) -> Iterator[Callable[[Ran], None]]:
    """A progress bar on stderr, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("redelivering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("redelivering", total=count)
        yield lambda _ran: bar.advance(task)


def tell_wait(wait_s: float, why: str) -> None:
    """One line on stderr for every wait that somebody would take for a hang."""
    Console(stderr=True, highlight=False).print(f"{why}: waiting {wait_s:.0f} s", style="yellow")
