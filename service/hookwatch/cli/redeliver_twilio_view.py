"""How `hookwatch redeliver twilio` shows plans and runs. Shows ids, codes and times; never a number or a text."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from hookwatch.recover.twilio_alert import RETENTION
from hookwatch.recover.twilio_plan import Item, Verdict

if TYPE_CHECKING:
    from types import TracebackType

    from hookwatch.recover.twilio_redeliver import Story
    from hookwatch.recover.twilio_send import Brought

_STYLES = {
    Verdict.RETRY: "bold green",
    Verdict.FIX: "yellow",
    Verdict.UNKNOWN: "yellow",
    Verdict.NEVER: "red",
    Verdict.CAPPED: "red",
    Verdict.EXPIRED: "red",
}
FALLBACKS = (
    "Twilio asks a fallback URL right after a failure. If one of yours points elsewhere, it may have taken some of "
    "these: Twilio does not tell."
)

CUT = (
    "Twilio lists the newest 10,000 alerts of a time and no more, so older ones of this time were not seen: run this "
    "again with an earlier --until, and with --since and --until closer together."
)


def document(story: Story, span: tuple[datetime, datetime]) -> dict[str, Any]:
    """A story as a JSON document."""
    ended = {each.item.lost.delivery_id: each for each in story.brought}
    return {
        "dry_run": not story.ran,
        "since": span[0].isoformat(),
        "until": span[1].isoformat(),
        "alerts": story.looked.alerts,
        "elsewhere": story.looked.elsewhere,
        "cut": story.looked.cut,
        "record": story.unrecorded or "asked",
        "counts": [
            {"verdict": verdict.value, "cause": cause, "count": count}
            for (verdict, cause), count in sorted(story.plan.counts().items())
        ],
        "wanted": len(story.plan.wanted),
        "recovered": story.recovered,
        "confirmed": None if story.confirmed is None else len(story.confirmed),
        "missing": story.missing,
        "interrupted": story.interrupted,
        "loop_alarm_ignored": story.loop_alarm_ignored,
        "items": [_item(each, ended.get(each.lost.delivery_id)) for each in story.plan.items],
    }


def draw(out: Console, story: Story) -> None:
    """Print how many of what, why, and how long Twilio still has them; after a run how it ended."""
    if story.plan.items:
        out.print(_table(story))
        _draw_notes(out, story)
    elif not story.looked.cut:
        out.print(
            f"nothing was lost: {story.looked.alerts} alerts, none about a webhook to this function", style="green"
        )
    if story.looked.cut:
        out.print(CUT, style="yellow", soft_wrap=True)
    if story.ran:
        _draw_ended(out, story)
    elif story.plan.wanted:
        out.print(f"Nothing was sent. Add --yes to bring {len(story.plan.wanted)} back.", style="bold")


def _table(story: Story) -> Table:
    groups: dict[tuple[Verdict, str, str], list[Item]] = defaultdict(list)
    for each in story.plan.items:
        groups[each.verdict, each.lost.kind or "-", each.why].append(each)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("how many", "of what", "verdict", "why", "hours left"):
        table.add_column(column, overflow="fold", justify="right" if column in ("how many", "hours left") else "left")
    for (verdict, kind, why), items in sorted(groups.items(), key=lambda group: list(Verdict).index(group[0][0])):
        left = min(_hours_left(each) for each in items)
        style = _STYLES.get(verdict, "dim")
        table.add_row(str(len(items)), kind, Text(verdict.value, style), Text(why), f"{left:.0f}")
    return table


def _draw_notes(out: Console, story: Story) -> None:
    if story.loop_alarm_ignored:
        out.print(f"the loop alarm was ignored: {story.loop_alarm_ignored}", markup=False, soft_wrap=True)
    unsure = [each for each in story.plan.wanted if each.duplicate]
    if story.unrecorded:
        out.print(
            f"Our own record could not be asked: {story.unrecorded}.", style="yellow", markup=False, soft_wrap=True
        )
    if unsure:
        out.print(
            f"{len(unsure)} of these may have arrived after all: bringing them back may make duplicates.",
            style="yellow",
        )
    rebuilt = sum(each.lost.rebuilt for each in story.plan.wanted)
    if rebuilt:
        out.print(
            f"{rebuilt} are put together from the message or call itself, with its last status: Twilio has no more.",
            style="yellow",
        )
    if story.plan.wanted and not story.plan.recorded:
        out.print(FALLBACKS, style="dim", soft_wrap=True)


def _draw_ended(out: Console, story: Story) -> None:
    failed: dict[str, int] = defaultdict(int)
    for each in story.brought:
        if each.answer is None or not each.answer.ok:
            failed[each.why if each.answer is None else each.answer.says] += 1
    confirmed = "" if story.confirmed is None else f", {len(story.confirmed)} of them confirmed by our own log"
    out.print(f"recovered {story.recovered}{confirmed}", style="bold green" if story.recovered else "bold")
    for why, count in failed.items():
        out.print(f"not recovered: {count}: {why}", style="bold red", markup=False)
    if story.interrupted:
        out.print("Interrupted: the same command goes on where this one ended.", style="bold")
    elif story.missing:
        out.print(f"{story.missing} still missing: the same command tries again what can be tried.", style="bold")


def _item(item: Item, ended: Brought | None) -> dict[str, Any]:
    lost = item.lost
    return {
        "delivery_id": lost.delivery_id,
        "kind": lost.kind or None,
        "verdict": item.verdict.value,
        "why": item.why,
        "cause": lost.cause.name,
        "errors": [each.code for each in lost.alerts],
        "status": lost.last.status,
        "failed_at": lost.last.at.isoformat(),
        "hours_left": round(_hours_left(item), 1),
        "alerts": [each.sid for each in lost.alerts],
        "resource": lost.last.resource_sid or None,
        "rebuilt": lost.rebuilt,
        "may_be_duplicate": item.duplicate,
        "recovered": None if ended is None else bool(ended.answer and ended.answer.ok),
        "answer": None if ended is None else (ended.answer.says if ended.answer else ended.why),
    }


def _hours_left(item: Item) -> float:
    return max(((item.lost.last.at + RETENTION) - datetime.now(UTC)).total_seconds() / 3600, 0.0)


class Progress:
    """A progress bar on a terminal's stderr, nothing elsewhere; told by the work itself what it is at."""

    def __init__(self) -> None:
        """Make it; it shows from entering the block."""
        shown = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(*columns, console=shown, transient=True, disable=not shown.is_terminal)
        self._task = self._bar.add_task("asking Twilio", total=None)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._bar.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show how far something is."""
        self._bar.update(self._task, description=what, completed=done, total=of)
