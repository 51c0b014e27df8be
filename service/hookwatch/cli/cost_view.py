"""How `hookwatch cost` looks to a person. Never computes: it draws the document that `--json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_CENT = 0.01
_IN_ALARM = "*"


def draw(console: Console, answer: Mapping[str, Any]) -> None:
    """Print the bill, the levels, the loop and what was assumed."""
    rate, payload = answer["rate"], answer["payload"]
    console.print(
        f"[bold]{rate['per_s']:,.4g} deliveries a second[/bold] ({rate['per_month']:,.0f} a month) of "
        f"{payload['bytes']:,} bytes, level {answer['level']}, tracing {answer['tracing']}, "
        f"{answer['memory_mb']} MB, {answer['duration_ms']:g} ms\n",
        soft_wrap=True,
    )
    console.print(_bill(answer))
    sees = answer["total"]["usd_per_hour_as_the_alarm_sees_it"]
    console.print(
        f"{_IN_ALARM} what the alarm SpendRate (from level standard on) and the dashboard see within minutes: "
        f"{_usd(sees)} USD an hour\n",
        soft_wrap=True,
    )
    console.print(_levels(answer))
    parked = answer["parked"]
    parts = ", ".join(f"{_spoken(name)} {_usd(usd)}" for name, usd in parked["items"].items())
    console.print(
        f"\nA million deliveries that are parked first cost {_usd(parked['usd_per_million'])} USD more: {parts}\n",
        soft_wrap=True,
    )
    console.print(_loop(answer))
    _print_sightings(console, answer)
    console.print()
    for sentence in answer["notes"]:
        console.print(f"[yellow]Note:[/yellow] {escape(sentence)}", soft_wrap=True)
    for sentence in (*answer["assumptions"], _sources(answer)):
        console.print(f"[dim]- {escape(sentence)}[/dim]", soft_wrap=True)


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _bill(answer: Mapping[str, Any]) -> Table:
    table = _table("The bill, USD", "", "a million deliveries", "a month")
    table.add_column("price", no_wrap=True)
    prices = {price["item"]: price for price in answer["prices"]}
    for item in answer["items"]:
        mark = f" {_IN_ALARM}" if item["in_spend_alarm"] else ""
        table.add_row(
            _spoken(item["item"]) + mark,
            _usd(item["usd_per_million"]),
            _usd(item["usd_per_month"]),
            escape(_price(prices[item["item"]])),
        )
    sums = answer["total"]
    table.add_row("all of it", _usd(sums["usd_per_million"]), _usd(sums["usd_per_month"]), style="bold")
    return table


def _price(price: Mapping[str, Any]) -> str:
    per = price["per"]
    many = f"{per:,.0f} x " if per > 1 else ""
    exact = f"{price['usd']:.10f}".rstrip("0").rstrip(".")
    amount = f"{price['usd']:.2f}" if price["usd"] == round(price["usd"], 2) else exact
    return f"{amount} per {many}{price['unit']}"


def _levels(answer: Mapping[str, Any]) -> Table:
    names = list(dict.fromkeys(name for level in answer["levels"].values() for name in level["fixed"]))
    table = _table("What each level costs a month, USD", "", *answer["levels"])
    for name in names:
        table.add_row(_spoken(name), *(_usd(level["fixed"].get(name)) for level in answer["levels"].values()))
    for key, name in (("usd_fixed_per_month", "without deliveries"), ("usd_per_month", "at this rate")):
        table.add_row(name, *(_usd(level[key]) for level in answer["levels"].values()), style="bold")
    return table


def _loop(answer: Mapping[str, Any]) -> Table:
    table = _table("A loop that runs for a day", "", "answered", "429, free", "USD an hour", "USD a day")
    for case in answer["loop"]:
        table.add_row(
            _called(case),
            f"{case['answered_per_s']:,.0f}/s",
            f"{case['refused_per_s']:,.0f}/s",
            _usd(case["usd_per_hour"]),
            _usd(case["usd_per_day"]),
        )
    return table


def _called(case: Mapping[str, Any]) -> str:
    offered = case["offered_per_s"]
    speed = "its fastest" if offered is None else f"{offered:g}/s"
    copies = case["concurrency"]
    return f"{speed}, cap {copies}" if case["capped"] else f"{speed}, no cap ({copies:,})"


def _print_sightings(console: Console, answer: Mapping[str, Any]) -> None:
    shown: set[float] = set()
    for case in answer["loop"]:
        if case["answered_per_s"] in shown:
            continue  # the alarms see no difference between loops of the same speed
        shown.add(case["answered_per_s"])
        for seen in case["alarms"]:
            unit = "invocations a period" if seen["watches"] == "invocations" else "USD an hour"
            what = f"{seen['value']:,.2f}".removesuffix(".00") + f" {unit} against {seen['limit']:,g}"
            then = "stays quiet"
            if seen["fires"]:
                minutes = seen["soonest_s"] / 60
                then = f"fires after {minutes:g} minutes at the soonest, {_usd(seen['spent_usd'])} USD spent"
            console.print(escape(f"{_called(case)}: {seen['alarm']} {then} ({what})"), soft_wrap=True)


def _sources(answer: Mapping[str, Any]) -> str:
    read = sorted({price["read"] for price in answer["prices"]})
    recalled = ", ".join(_spoken(price["item"]) for price in answer["prices"] if price["recalled"])
    return (
        f"Prices of {answer['region']}, read {read[0]} to {read[-1]}, their sources with --json. "
        f"Recalled and not seen: {recalled}."
    )


def _spoken(item: str) -> str:
    return item.replace("_", " ")


def _usd(amount: float | None) -> str:
    if amount is None:
        return "-"
    return f"{amount:,.2f}" if amount == 0 or amount >= _CENT else "<0.01"
