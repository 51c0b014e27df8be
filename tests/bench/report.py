"""What was measured, as a table and as JSON. Judges numbers, measures nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


class Unit(StrEnum):
    """What a number counts; `scaled` is how the table shows it."""

    INSTRUCTIONS = "instructions"
    MICROSECONDS = "us"
    BYTES = "bytes"
    MEMORY = "memory_bytes"


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: what both handlers took, round by round.

    Attributes:
        name: What was measured.
        unit: What the numbers count.
        plain: The plain handler's value in each round; empty if it could not be measured.
        ours: Ours, in the same rounds.
        target: The highest ratio that was promised; None where nothing was.
        limit: The highest value of ours that was promised, where that is no ratio.
        note: Why there are no numbers, if there are none.
    """

    name: str
    unit: Unit
    plain: Sequence[float]
    ours: Sequence[float]
    target: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """Ours to plain, round by round; none where the plain handler takes nothing."""
        return sorted(ours / plain for ours, plain in zip(self.ours, self.plain, strict=True) if plain)

    @property
    def ratio(self) -> float | None:
        """The middle ratio."""
        return median(self.ratios) if self.ratios else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """The middle half of the ratios."""
        ratios = self.ratios
        return (ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]) if len(ratios) > 1 else None

    @property
    def excess(self) -> float | None:
        """By which part of it the target is missed, negative where it is met; None without a target or numbers."""
        if self.limit is not None and self.ours:
            return median(self.ours) / self.limit - 1
        if self.target is not None and self.ratio is not None:
            return self.ratio / self.target - 1
        return None

    @property
    def verdict(self) -> str:
        """In words."""
        if not self.ours:
            return self.note
        excess = self.excess
        if excess is None:
            return ""
        return "met" if excess <= 0 else f"missed by {excess:.0%}" if excess >= 0.005 else "missed by less than 1%"


def as_table(measures: Sequence[Measure]) -> Table:
    """The measures to read."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("measure", no_wrap=True)
    for name in ("plain", "ours", "ratio", "spread", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for measure in measures:
        colour = {True: "green", False: "red"}.get((measure.excess or 0) <= 0) if measure.excess is not None else None
        table.add_row(
            measure.name,
            _scaled(measure.plain, measure.unit),
            _scaled(measure.ours, measure.unit),
            _ratio(measure.ratio),
            "-".join(_ratio(end) for end in measure.spread) if measure.spread else "",
            f"<= {_ratio(measure.target)}" if measure.target is not None else _limit(measure),
            f"[{colour}]{measure.verdict}[/]" if colour else measure.verdict,
        )
    return table


def as_document(measures: Sequence[Measure]) -> list[dict[str, Any]]:
    """The measures for a program; numbers in the unit that is named, unrounded."""
    return [
        {
            "measure": measure.name,
            "unit": measure.unit.value.removeprefix("memory_"),
            "plain": median(measure.plain) if measure.plain else None,
            "ours": median(measure.ours) if measure.ours else None,
            "ratio": measure.ratio,
            "spread": measure.spread,
            "rounds": len(measure.ours),
            "target_ratio": measure.target,
            "target_value": measure.limit,
            "missed_by": measure.excess if measure.excess is not None and measure.excess > 0 else None,
            "verdict": measure.verdict,
        }
        for measure in measures
    ]


def _limit(measure: Measure) -> str:
    return f"<= {_scaled([measure.limit], measure.unit)}" if measure.limit is not None else ""


def _ratio(value: float | None) -> str:
    return (
        "" if value is None else f"{value:.4f}" if value < 0.02 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
    )


def _scaled(values: Sequence[float], unit: Unit) -> str:
    if not values:
        return "-"
    value = median(values)
    match unit:
        case Unit.INSTRUCTIONS:
            return f"{value / 1e6:,.0f} M"
        case Unit.MEMORY:
            return f"{value / 1048576:,.1f} MiB"
        case Unit.BYTES:
            return f"{value:,.0f} B"
        case Unit.MICROSECONDS if value >= 100_000:
            return f"{value / 1000:,.0f} ms"
        case Unit.MICROSECONDS if value >= 10_000:
            return f"{value / 1000:,.1f} ms"
        case Unit.MICROSECONDS:
            return f"{value:,.0f} us" if value >= 100 else f"{value:,.1f} us"
