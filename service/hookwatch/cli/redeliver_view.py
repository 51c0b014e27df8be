"""How `hookwatch redeliver github` shows plans and runs, to people and to machines. Asks nobody anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from hookwatch.outcomes import ROWS
from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.github_verify import Verified
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from hookwatch.outcomes import Outcome
    from hookwatch.recover.github_plan import Item
    from hookwatch.recover.github_run import Ran
    from hookwatch.recover.github_story import Story

MANY = 3
"""Kinds of events that a line names; the others are counted."""

_STYLES = {
    Verdict.RETRY: "bold green",
    Verdict.REINJECT: "bold green",
    Verdict.FIX: "bold red",
    Verdict.NEVER: "red",
    Verdict.CAPPED: "red",
    Verdict.EXPIRED: "red",
}


def document(story: Story) -> dict[str, Any]:
    """The story as a JSON document."""
    plan, ran = story.looked.plan, story.ran
    return {
        "scope": {"kind": story.scope.kind, "name": story.scope.name},
        "hooks": list(story.looked.hooks),
        "dry_run": story.dry_run,
        "ok": story.missing == 0,
        "read": plan.read,
        "done": plan.done,
        "filtered": plan.filtered,
        "planned": len(plan.now),
        "recovered": story.recovered,
        "missing": story.missing,
        "plan": [_line_json(line, story) for line in _lines(plan.items)],
        "deliveries": [_item_json(item) for item in plan.items],
        "run": None if ran is None else _ran_json(ran),
        "verified": _verified_json(story.verified),
        "notes": story.notes,
        "waited_s": round(story.waited_s, 1),
        "requests": story.requests,
    }


def draw(console: Console, story: Story) -> None:
    """Print the plan, and what was done of it."""
    plan = story.looked.plan
    hooks = ", ".join("its one" if hook == 0 else str(hook) for hook in story.looked.hooks)
    more = f", {plan.filtered} failed ones not asked for" if plan.filtered else ""
    console.print(f"{story.scope}, hook {hooks}: {plan.read} attempts read, {plan.done} deliveries arrived{more}")
    if plan.items:
        console.print(_table(plan.items))
        for cause in {line[0].cause.name: line[0].cause for line in _lines(plan.items)}.values():
            text = f"  {cause.name}: {cause.sentence}{_our_answer(story.said.get(cause.name))}"
            console.print(text, style="dim", markup=False, soft_wrap=True)
    for note in story.notes:
        console.print(note, markup=False, soft_wrap=True)
    if story.ran is not None:
        _draw_run(console, story, story.ran)
    if not plan.items:
        console.print("nothing is missing", style="green")
    elif story.dry_run and plan.now:
        console.print(f"Nothing was changed. Add --yes to bring back {len(plan.now)}.", style="bold")
    elif story.missing == 0:
        console.print("nothing is missing that could come back", style="green")
    else:
        console.print(f"{story.missing} still missing", style="bold red")


def _draw_run(console: Console, story: Story, ran: Ran) -> None:
    said = f"asked for {len(ran.asked)}"
    for count, what in (
        (len(ran.unknown), "without an answer"),
        (len(ran.refused), "refused"),
        (len(ran.taken), "in other hands"),
    ):
        said += f", {count} {what}" if count else ""
    console.print(said, style="bold")
    for why, count in Counter(problem.message for _, problem in ran.refused).most_common(MANY):
        console.print(f"  {count} x {why}", markup=False, soft_wrap=True)
    match story.verified:
        case Verified() as verified:
            console.print(
                f"recovered {len(verified.recovered)}, failed again {len(verified.failed)}, "
                f"still pending {len(verified.pending)}"
            )
            for name, count in Counter(cause.name for _, cause in verified.failed).most_common():
                console.print(f"  failed again: {count} x {name}", markup=False)
        case Problem() as problem:
            console.print(f"how they ended could not be read: {problem.message}", markup=False, soft_wrap=True)
        case None:
            pass
    if ran.stopped is not None:
        console.print(f"stopped: {ran.stopped.message}", style="bold yellow", markup=False, soft_wrap=True)


def _our_answer(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    row = ROWS[outcome]
    page = f" (runbooks/{row.runbook}.md)" if row.runbook else ""
    return f". Our answer was {outcome}: {row.sentence}{page}"


def _lines(items: Sequence[Item]) -> list[list[Item]]:
    """The items that are told in one line: same verdict, same cause; what is done first stands first."""
    groups: defaultdict[tuple[Verdict, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.verdict, item.cause.name].append(item)
    order = list(Verdict)
    return [groups[key] for key in sorted(groups, key=lambda key: (order.index(key[0]), -len(groups[key])))]


def _kinds(items: Sequence[Item]) -> list[str]:
    counts = Counter(
        f"{item.delivery.event}.{item.delivery.action}" if item.delivery.action else item.delivery.event
        for item in items
    )
    return [f"{name} x {count}" for name, count in counts.most_common()]


def _table(items: Sequence[Item]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("deliveries", justify="right")
    table.add_column("what happens")
    table.add_column("why it failed")
    table.add_column("of what", overflow="fold")
    table.add_column("hours left", justify="right")
    for line in _lines(items):
        first, kinds = line[0], _kinds(line)
        more = f" and {len(kinds) - MANY} more" if len(kinds) > MANY else ""
        left = sorted(item.hours_left for item in line)
        hours = f"{left[0]:.1f}" if len(line) == 1 else f"{left[0]:.1f} to {left[-1]:.1f}"
        style = _STYLES.get(first.verdict, "yellow")
        what = f"[{style}]{first.verdict.value}[/]"
        codes = ", ".join(sorted({str(item.delivery.status_code) for item in line}))
        table.add_row(str(len(line)), what, f"{first.cause.name} ({codes})", ", ".join(kinds[:MANY]) + more, hours)
    return table


def _line_json(line: Sequence[Item], story: Story) -> dict[str, Any]:
    left = [item.hours_left for item in line]
    return {
        "verdict": line[0].verdict.value,
        "cause": line[0].cause.name,
        "say": line[0].cause.sentence,
        "our_outcome": story.said.get(line[0].cause.name),
        "count": len(line),
        "hours_left": {"min": min(left), "max": max(left)},
        "events": _kinds(line),
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "hook": item.hook_id,
        "guid": item.delivery.guid,
        "id": item.delivery.id,
        "event": item.delivery.event,
        "action": item.delivery.action,
        "status": item.delivery.status,
        "status_code": item.delivery.status_code,
        "verdict": item.verdict.value,
        "cause": item.cause.name,
        "redeliveries": item.redeliveries,
        "first_at": item.first_at.isoformat(),
        "hours_left": item.hours_left,
    }


def _ran_json(ran: Ran) -> dict[str, Any]:
    return {
        "asked": len(ran.asked),
        "unknown": len(ran.unknown),
        "refused": [{"guid": item.delivery.guid, "why": problem.message} for item, problem in ran.refused],
        "taken": len(ran.taken),
        "stopped": None if ran.stopped is None else ran.stopped.message,
    }


def _verified_json(verified: Verified | Problem | None) -> dict[str, Any] | None:
    match verified:
        case None:
            return None
        case Problem():
            return {"problem": verified.message}
        case _:
            return {
                "recovered": [item.delivery.guid for item in verified.recovered],
                "failed": [{"guid": item.delivery.guid, "cause": cause.name} for item, cause in verified.failed],
                "pending": [item.delivery.guid for item in verified.pending],
            }
