"""How `hookwatch send` looks to a person. Never sends and never decides what is right."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@contextmanager
def progress(count: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, if that is a terminal and there is more than one delivery to wait for."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=count == 1 or not console.is_terminal,
    )
    with bar:
        task = bar.add_task("sending", total=count)
        yield lambda: bar.advance(task)


def draw(console: Console, document: Mapping[str, Any]) -> None:
    """Print a report."""
    forged = "" if document["forge"] == "none" else f", forged: {document['forge']}"
    console.print(
        f"{document['provider']} {escape(document['event'])} -> {escape(document['url'])}{forged}", soft_wrap=True
    )
    if document["interrupted"]:
        console.print(f"[yellow]stopped after {document['replies']} of {document['count']}[/]")
    if document["count"] == 1:
        _draw_one(console, document)
        return
    table = Table("answer", "deliveries", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for title, group in (("", "statuses"), ("outcome ", "outcomes"), ("no answer: ", "errors")):
        for name, number in document[group].items():
            table.add_row(escape(f"{title}{name}"), str(number))
    console.print(table)
    if document["latency_ms"]:
        latencies = "  ".join(f"{name} {value:.1f} ms" for name, value in document["latency_ms"].items())
        console.print(f"{latencies}  ({document['per_second']:.0f}/s)", soft_wrap=True)
    _draw_verdict(console, document)


def _draw_one(console: Console, document: Mapping[str, Any]) -> None:
    first = document["first"]
    if first is None:
        return
    console.print(f"delivery {first['delivery_id']}", soft_wrap=True)
    if first["error"]:
        console.print(f"[red]no answer: {escape(first['error'])}[/]")
    else:
        latency = document["latency_ms"]["max"]
        console.print(f"{first['status']} in {latency:.1f} ms: {escape(first['answer'])}", soft_wrap=True)
    _draw_verdict(console, document)


def _draw_verdict(console: Console, document: Mapping[str, Any]) -> None:
    right = "2xx" if document["forge"] == "none" else "4xx"
    verdict = "[green]as expected[/]" if document["ok"] else "[red]not as expected[/]"
    console.print(f"{verdict}: {document['as_expected']} of {document['count']} answered {right}", soft_wrap=True)
