"""`hookwatch up`: a sandbox, one rehearsal of each provider, and then whatever comes, until somebody stops it.

Never reads arguments (`hookwatch.cli.up` does) and starts nothing of its own beside the sandbox.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox import up_view
from hookwatch.sandbox.cloud import Sandbox
from hookwatch.sandbox.up_rehearsal import rehearse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from hookwatch.sandbox.cloud_model import SandboxConfig
    from hookwatch.sandbox.up_rehearsal import Rehearsal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED_EARLY = 130
"""What shells report for a program that Ctrl-C ended (128 + SIGINT)."""

WATCH_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """How to run.

    Attributes:
        config: The sandbox.
        console: Where people read.
        generated: Secrets that we made up, by the name of their environment variable for `hookwatch send`.
        once: End after the rehearsal, with its verdict as the exit code.
        as_json: Print one JSON document instead of tables.
    """

    config: SandboxConfig
    console: Console
    generated: Mapping[str, str] = field(repr=False)
    once: bool
    as_json: bool


def run(up: Up) -> int:
    """Run until stopped, or once; returns the exit code.

    Raises:
        SandboxError: the sandbox could not start.
    """
    return asyncio.run(_until_stopped(up))


async def _until_stopped(up: Up) -> int:
    progress = _Progress()
    work = asyncio.create_task(_work(up, progress))
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        return 0 if progress.watching else STOPPED_EARLY
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


@dataclass(slots=True)
class _Progress:
    watching: bool = False


async def _work(up: Up, progress: _Progress) -> int:
    started = time.monotonic()
    async with Sandbox(up.config) as sandbox:
        start_s = time.monotonic() - started
        if not up.as_json:
            up.console.print(up_view.addresses(sandbox.health(), up.generated, start_s))
        results = await rehearse(sandbox)
        failed = any(result.missing for result in results) or not results
        if up.as_json:
            sys.stdout.write(json.dumps(_document(sandbox, results, up.generated), indent=2) + "\n")
            sys.stdout.flush()
        else:
            for result in results:
                up.console.print(up_view.rehearsal(result))
        if up.once:
            return int(failed)
        progress.watching = True
        await _watch(up, sandbox)
    return 0


async def _watch(up: Up, sandbox: Sandbox) -> None:
    """Show deliveries as they come; ends only by being cancelled."""
    deliveries = sandbox.observer.deliveries
    shown, judged = deliveries.seen, len(sandbox.alarms.transitions)
    if not up.as_json:
        up.console.print("Every delivery and every change of an alarm from now on, until Ctrl-C:", style="dim")
    while True:
        await asyncio.sleep(WATCH_S)
        fresh, shown = deliveries.seen - shown, deliveries.seen
        changes = sandbox.alarms.transitions[judged:]
        judged += len(changes)
        if not up.as_json:
            for line in reversed(deliveries.newest(fresh)):
                up.console.print(up_view.delivery(line), soft_wrap=True)
            for change in changes:
                if up_view.is_news(change):
                    up.console.print(up_view.alarm(change), soft_wrap=True)


def _document(sandbox: Sandbox, results: list[Rehearsal], generated: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ok": bool(results) and not any(result.missing for result in results),
        "health": dict(sandbox.health()),
        "results": {result.provider: result.as_json() for result in results},
        "generated_secrets": dict(generated),
    }
