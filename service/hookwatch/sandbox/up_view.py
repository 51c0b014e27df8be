"""What `hookwatch up` shows people. Never decides anything, and lets no text of a payload steer the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hookwatch.alarms import AlarmState
from hookwatch.sandbox.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from hookwatch.alarms import Transition
    from hookwatch.sandbox.up_rehearsal import Rehearsal

CALM = frozenset({"accepted", "duplicate", "parked", "claim_checked"})


def plain(value: object) -> str:
    """Return a value as text without control characters: a user agent must not move the cursor."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value))


def addresses(health: Mapping[str, Any], secrets: Mapping[str, str], start_s: float) -> RenderableType:
    """Return the addresses, and the secrets that we made up ourselves."""
    table = _table()
    table.add_row("page and API", Text(health["api_url"], "bold cyan"))
    for provider, name in (("github", "GitHub"), ("twilio", "Twilio")):
        url = health[f"{provider}_url"]
        table.add_row(f"{name} Function URL", Text(url, "bold cyan") if url else Text("not in this template", "dim"))
    table.add_row("AWS_ENDPOINT_URL", Text(health["fault_proxy_url"], "bold cyan"))
    for name, secret in secrets.items():
        table.add_row(Text(name), Text(secret, "yellow"))
    if health["speed"] != 1:
        table.add_row("clock", Text(f"{health['speed']:g} times as fast for metrics and alarms"))
    table.add_row("stack", Text(f"{plain(health['template'])}, deployed and running after {start_s:.1f} s"))
    if health["stripped"]:
        kinds = Counter(item["type"].rpartition("::")[2] for item in health["stripped"])
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        note = f"{counted}: the emulator cannot hold them; which and why: {health['api_url']}api/health"
        table.add_row("left out", Text(plain(note), "dim"))
    return Panel(table, title="hookwatch up", title_align="left", border_style="cyan")


def rehearsal(result: Rehearsal) -> RenderableType:
    """Return what became of one webhook."""
    table = _table()
    table.add_row(
        "sent", Text(f"{result.event_name}, signed: {result.status or 'no answer'} in {result.took_ms:.0f} ms")
    )
    if (event := result.event) is not None:
        table.add_row("event on the bus", Text(plain(f"{event['source']}  {event['detail-type']}  {event['id']}")))
    if (line := result.line) is not None:
        table.add_row(
            "log line", Text(plain(f"outcome={line['outcome']}  total_ms={line.get('total_ms')}"), _style(line))
        )
    if (metric := result.metric) is not None:
        dimensions = ", ".join(f"{name}={value}" for name, value in sorted(metric["dimensions"].items()))
        table.add_row(
            "metric", Text(plain(f"{metric['namespace']} {metric['name']}{{{dimensions}}} = {metric['value']:g}"))
        )
    if (trace := result.trace) is not None:
        table.add_row("trace", Text(plain(f"{trace['id']}  {trace['duration_ms']:.0f} ms")))
    parts: list[RenderableType] = [table]
    if result.missing:
        parts.append(Text(f"missing: {', '.join(result.missing)}", "bold red"))
    border = "red" if result.missing else "green"
    return Panel(Group(*parts), title=result.provider, title_align="left", border_style=border)


def delivery(line: Mapping[str, Any]) -> Text:
    """Return one line for one delivery."""
    shown = (line.get("timestamp"), line.get("provider"), line.get("event_type"), line.get("delivery_id"))
    text = Text(plain("  ".join(str(part) for part in shown if part is not None)) + "  ")
    text.append(plain(line["outcome"]), _style(line))
    if reason := line.get("reason"):
        text.append(f" ({plain(reason)})")
    return text.append(f"  {plain(line.get('total_ms', '?'))} ms", "dim")


def is_news(change: Transition) -> bool:
    """Tell whether people want to see a change: every alarm's first OK is none."""
    return AlarmState.ALARM in (change.previous, change.state)


def alarm(change: Transition) -> Text:
    """Return one line for one change of an alarm's state."""
    bad = change.state is AlarmState.ALARM
    text = Text(plain(f"{iso(change.at_s)}  {change.alarm}  {change.previous} -> "))
    text.append(str(change.state), "bold red" if bad else "green")
    return text.append(f"  ({plain(change.reason)})", "dim")


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _style(line: Mapping[str, Any]) -> str:
    return "green" if line.get("outcome") in CALM else "bold yellow" if line.get("level") != "ERROR" else "bold red"
