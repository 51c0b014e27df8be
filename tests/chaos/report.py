"""The table of a chaos run, for people and for programs. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from chaos.ledger import Verdict

SHOWN = 10
"""So many names of deliveries are enough to begin a search with."""


def as_json(verdict: Verdict, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run as one document."""
    return {
        **facts,
        "ok": verdict.ok,
        "counts": dict(verdict.numbers),
        "refused": dict(verdict.refused),
        "faults": {name: list(found) for name, found in verdict.faults.items()},
        "lost": len(verdict.lost),
        "slowest_ms": round(verdict.slowest_ms, 1),
        "slowest_http_ms": round(verdict.slowest_http_ms, 1),
    }


def draw(console: Console, verdict: Verdict, facts: Mapping[str, Any]) -> None:
    """Print the table."""
    table = Table(title="chaos: " + ", ".join(f"{name} {value}" for name, value in facts.items()), title_justify="left")
    table.add_column("")
    table.add_column("deliveries", justify="right")
    for name, number in verdict.numbers.items():
        table.add_row(name, f"{number:,}")
    for name, number in sorted(verdict.refused.items()):
        table.add_row(f"refused: {name}", f"{number:,}")
    table.add_section()
    for name, found in verdict.faults.items():
        table.add_row(name, f"{len(found):,}", style="bold red" if found else "")
    table.add_section()
    table.add_row("slowest answer (function)", f"{verdict.slowest_ms:,.0f} ms")
    table.add_row("slowest answer (sender, waiting for a free copy included)", f"{verdict.slowest_http_ms:,.0f} ms")
    console.print(table)
    for name, found in verdict.faults.items():
        for each in found[:SHOWN]:
            console.print(f"{name}: {each}", markup=False, style="red")
        if len(found) > SHOWN:
            console.print(f"{name}: and {len(found) - SHOWN} more")
