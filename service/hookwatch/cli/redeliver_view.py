"""How `hookwatch redeliver github` shows plans and runs to people. Asks nobody anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.table import Table

from hookwatch.outcomes import ROWS
from hookwatch.recover.github_plan import Verdict
from hookwatch.recover.github_story import EXPIRING_HOURS
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


def draw(console: Console, story: Story) -> None:
    """Print the plan, and what was done of it."""
    plan = story.looked.plan
    hooks = ", ".join("its one" if hook == 0 else str(hook) for hook in story.looked.hooks)
    more = f", {plan.filtered} failed ones not asked for" if plan.filtered else ""
    console.print(f"{story.scope}, hook {hooks}: {plan.read} attempts read, {plan.done} deliveries arrived{more}")
    if plan.items:
        console.print(_table(plan.items))
        for cause in {line[0].cause.name: line[0].cause for line in lines(plan.items)}.values():
            text = f"  {cause.name}: {cause.sentence}{_our_answer(story.said.get(cause.name))}"
            console.print(text, style="dim", markup=False, soft_wrap=True)
    soon = len(story.expiring_soon)
    if soon:
        console.print(
            f"GitHub forgets {soon} of what is missing in less than {EXPIRING_HOURS:g} hours", style="bold red"
        )
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


def lines(items: Sequence[Item]) -> list[list[Item]]:
    """The items that are told in one line: same verdict, same cause; what is done first stands first."""
    groups: defaultdict[tuple[Verdict, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.verdict, item.cause.name].append(item)
    order = list(Verdict)
    return [groups[key] for key in sorted(groups, key=lambda key: (order.index(key[0]), -len(groups[key])))]


def kinds(items: Sequence[Item]) -> list[str]:
    """What the items are, the commonest first."""
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
    for line in lines(items):
        first, events = line[0], kinds(line)
        more = f" and {len(events) - MANY} more" if len(events) > MANY else ""
        left = sorted(item.hours_left for item in line)
        hours = f"{left[0]:.1f}" if len(line) == 1 else f"{left[0]:.1f} to {left[-1]:.1f}"
        style = _STYLES.get(first.verdict, "yellow")
        what = f"[{style}]{first.verdict.value}[/]"
        codes = ", ".join(sorted({str(item.delivery.status_code) for item in line}))
        table.add_row(str(len(line)), what, f"{first.cause.name} ({codes})", ", ".join(events[:MANY]) + more, hours)
    return table
