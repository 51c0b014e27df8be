"""How `hookwatch parked` shows queues, messages and what was done, to people and to machines. Asks nobody anything."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hookwatch.ingest.parked import Parked, decode
from hookwatch.recover.parked_list import why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.recover.parked_list import Group, Waiting
    from hookwatch.recover.parked_move import Moved
    from hookwatch.recover.parked_queue import Depth, Held
    from hookwatch.recover.parked_replay import Drained

PIPED_WIDTH_COLUMNS = 160


def console() -> Console:
    """The console for results; where no terminal says a width, one that does not fold every line."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, if that is a terminal."""
    err = Console(stderr=True)
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def age(seconds: int | None) -> str:
    """A span that a person takes in at a glance."""
    if seconds is None:
        return "-"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds} s"


def waiting_json(stack: str, queues: Sequence[Waiting]) -> dict[str, Any]:
    """The queues as a JSON document."""
    return {"stack": stack, "queues": [asdict(queue) for queue in queues]}


def draw_waiting(out: Console, queues: Sequence[Waiting]) -> None:
    """Print how much waits in each queue, and what it is as far as it was looked at."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("queue", "can be received", "waiting or in work", "oldest"):
        table.add_column(column, overflow="fold")
    for queue in queues:
        table.add_row(queue.name, str(queue.visible), str(queue.in_flight), age(queue.oldest_age_s))
    out.print(table)
    for queue in queues:
        if queue.groups:
            out.print(f"\nof {queue.name}, {queue.looked_at} looked at:", markup=False)
            draw_groups(out, queue.groups)


def draw_groups(out: Console, groups: Sequence[Group]) -> None:
    """Print what messages are."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("messages", "provider", "detail-type", "reason"):
        table.add_column(column, overflow="fold")
    for group in groups:
        shown = (group.provider, group.detail_type, group.reason)
        table.add_row(str(group.messages), *(text.replace("[", r"\[") for text in shown))
    out.print(table)


def message_json(queue: str, held: Held, *, dead: bool, payload: str | None) -> dict[str, Any]:
    """One message as a JSON document; the payload only if it was asked for."""
    parked = decode(held.message.body)
    document: dict[str, Any] = {
        "queue": queue,
        "message_id": held.message.message_id,
        "original_message_id": held.original_id,
        "receives": held.message.receives,
        "sent_at": _moment(held.sent_ms),
        "reason": why(held, dead=dead),
    }
    if isinstance(parked, Parked):
        envelope = parked.envelope
        document |= {
            "provider": parked.provider,
            "delivery_id": parked.delivery_id,
            "source": envelope.source,
            "detail_type": envelope.detail_type,
            "resources": list(envelope.resources),
            "first_seen_at": _moment(parked.first_seen_ms),
            "parked_at": _moment(parked.parked_ms),
            "parked_because": parked.reason,
            "error_code": parked.error_code,
            "trace": parked.trace,
            "event_format": parked.event_format,
            "detail_bytes": parked.stored.size_bytes if parked.stored else envelope.detail_bytes,
            "stored": parked.stored.document() if parked.stored else None,
        }
    if payload is not None:
        document["payload"] = payload
    return document


def draw_message(out: Console, document: dict[str, Any]) -> None:
    """Print one message, a field a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in document.items():
        if name != "payload" and value not in (None, []):
            table.add_row(name.replace("_", " "), str(value).replace("[", r"\["))
    out.print(table)
    if "payload" in document:
        out.print(document["payload"], markup=False, soft_wrap=True)


def drained_json(done: Drained, depth: Depth | None) -> dict[str, Any]:
    """What a replay came to, as a JSON document."""
    return {
        "dry_run": False,
        "replayed": done.replayed,
        "failed": done.failed,
        "refused": done.refused,
        "reasons": dict(done.reasons.most_common()),
        "stopped": done.stopped,
        "problem": done.problem.message if done.problem else None,
        "left": asdict(depth) if depth else None,
    }


def draw_drained(out: Console, done: Drained, depth: Depth | None) -> None:
    """Print what a replay came to."""
    style = "bold green" if done.failed + done.refused == 0 and done.problem is None else "bold yellow"
    out.print(f"replayed {done.replayed}, failed {done.failed}, given up {done.refused}", style=style)
    for reason, count in done.reasons.most_common():
        out.print(f"  {count} x {reason}", markup=False, soft_wrap=True)
    if done.stopped:
        out.print("Stopped: too many failed one after the other. What failed waits and is tried again by the function.")
    if depth is not None and depth.visible + depth.in_flight:
        out.print(
            f"Left in the queue: {depth.visible} can be received, {depth.in_flight} wait after a failure "
            "(15 minutes at most) or are in work."
        )


def moved_json(moved: Moved) -> dict[str, Any]:
    """What a move came to, as a JSON document."""
    return {
        "dry_run": False,
        "moved": moved.moved,
        "left": moved.left,
        "in_both_queues": moved.doubled,
        "problem": moved.problem.message if moved.problem else None,
    }


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
