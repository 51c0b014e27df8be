"""Prints what bringing back 270 of 7,000 failed deliveries takes, beside the loop of GitHub's documented script.

    python tests/bench/bench_redelivery.py [--json]

Both run against a fake GitHub of their own over real HTTP, one after the other in one process, and once more six hours
later, which is how often that script runs. Waits pass in no time and are counted: `with waits` is what a clock on the
wall would have shown. Never a test: a shared machine's clock proves
nothing, but the counts are exact.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.recover.github_plan import Plan

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "service"), str(ROOT / "tests")]

from rich.console import Console  # noqa: E402 - the path has to be set first
from rich.table import Table  # noqa: E402 - the path has to be set first

from bench.naive_redelivery import redeliver_all  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_api import GitHub  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_auth import Token  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_http import Http  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_journal import open_journal  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_limits import Limits  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_look import Look, look  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_model import Scope  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_plan import Wanted  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_run import Ran, Runner  # noqa: E402 - the path has to be set first
from hookwatch.recover.github_verify import Waiting, verify  # noqa: E402 - the path has to be set first
from hookwatch.recover.problem import Problem  # noqa: E402 - the path has to be set first
from hookwatch.sandbox.github_api_model import FakeHook, Posted  # noqa: E402 - the path has to be set first
from hookwatch.sandbox.github_api_server import serving  # noqa: E402 - the path has to be set first
from hookwatch.sandbox.github_api_world import FakeGitHub  # noqa: E402 - the path has to be set first
from redelivery_outage import REFUSED, TOTAL, WANTED, Outage, fill  # noqa: E402 - the path has to be set first

ORG = "octo-org"
TOKEN = "ghp_throwaway"
SINCE = timedelta(hours=24)
NEXT_RUN_S = 6 * 3600.0
NO_LIMIT = 1_000_000


class Clock:
    """The time of day, in which waits pass at once."""

    def __init__(self) -> None:
        self.waited_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.waited_s

    def sleep(self, seconds: float) -> None:
        self.waited_s += seconds


@dataclass
class Stage:
    """One fake GitHub after the outage."""

    world: FakeGitHub
    outage: Outage
    clock: Clock
    url: str


@dataclass(frozen=True)
class Row:
    """What one run took."""

    who: str
    requests: int
    redelivered: int
    wanted: int
    not_wanted: int
    refused_by_limits: int
    working_s: float
    with_waits_s: float
    ended: str


@contextmanager
def stage(*, limited: bool) -> Iterator[Stage]:
    """A hook whose URL answers again, but for what no redelivery can mend."""
    clock = Clock()

    def answer(_hook: FakeHook, headers: dict[str, str], _body: bytes) -> Posted:
        kind = headers["X-GitHub-Delivery"].partition("-")[0]
        return {"malformed": REFUSED[400], "large": REFUSED[413]}.get(kind, Posted())

    world = FakeGitHub(clock, answer)
    if not limited:
        world.limits.points_a_minute = world.limits.requests_an_hour = NO_LIMIT
    hook = world.add_hook(FakeHook(6, "organization", ORG, "https://ours.example/"))
    outage = fill(world, hook)
    world.add_token(TOKEN, ORG)
    with serving(world) as url:
        yield Stage(world, outage, clock, url)


def ours(on: Stage) -> tuple[int, str]:
    """Look, plan, redeliver and verify, as `hookwatch redeliver github --yes` does."""
    limits = Limits(clock=on.clock, sleep=on.clock.sleep)
    http = Http(on.url, Token(TOKEN), limits, on.clock)
    github, scope = GitHub(http), Scope("organization", ORG)
    events, actions = frozenset({"workflow_job"}), frozenset({"queued"})
    wanted = Wanted(since=datetime.fromtimestamp(on.clock(), UTC) - SINCE, events=events, actions=actions)
    with tempfile.TemporaryDirectory() as folder:
        journal_file = Path(folder) / "journal.jsonl"
        with open_journal(journal_file, datetime.now(UTC)) as journal:
            assert not isinstance(journal, Problem)
            asked = Look(
                scope=scope,
                hook=6,
                our_url=lambda: None,
                wanted=lambda _now: wanted,
                repositories=(),
                memory=journal.memory,
                now_s=http.now_s,
            )
            looked = look(github, asked)
            assert not isinstance(looked, Problem), looked
            plan: Plan = looked.plan
            runner = Runner(
                ask=lambda item: github.redeliver(scope, item.hook_id, item.delivery.id),
                claims=journal,
                brake=lambda: None,
                now_s=http.now_s,
            )
            ran = runner.run(plan.now, Ran())
            proven = "nothing to do"
            if ran.asked:
                found = verify(github, scope, ran.asked, looked.at, Waiting(http.now_s, on.clock.sleep))
                assert not isinstance(found, Problem), found
                proven = f"{len(found.recovered)} proven to be back"
    return http.requests, proven


def naive(on: Stage) -> tuple[int, str]:
    """What GitHub's documented script does."""
    url = f"{on.url}/orgs/{ORG}/hooks/6/deliveries"
    run = redeliver_all(url, TOKEN, datetime.fromtimestamp(on.clock(), UTC) - SINCE)
    return run.requests, run.error or "no report"


def measure(who: str, on: Stage) -> Row:
    """One run of one of the two."""
    before = len(on.world.attempts), on.world.limits.refused, on.clock.waited_s
    began_s = time.perf_counter()
    requests, ended = (ours if who.startswith("ours") else naive)(on)
    working_s = time.perf_counter() - began_s
    on.world.settle()
    asked = [delivery for _, delivery in on.world.attempts[before[0] :]]
    wanted = len(set(asked) & set(on.outage.wanted.values()))
    return Row(
        who,
        requests,
        len(asked),
        wanted,
        len(asked) - wanted,
        on.world.limits.refused - before[1],
        round(working_s, 2),
        round(working_s + on.clock.waited_s - before[2], 1),
        ended,
    )


def rows() -> list[Row]:
    """Every run, side by side."""
    found: list[Row] = []
    for limited in (False, True):
        how = "GitHub's limits" if limited else "no limits"
        for who in ("naive", "ours"):
            with stage(limited=limited) as on:
                found.append(measure(f"{who}, {how}", on))
                on.clock.sleep(NEXT_RUN_S)
                found.append(measure(f"{who}, {how}, the next run", on))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Redelivery beside GitHub's documented loop.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = rows()
    if options.json:
        print(json.dumps([asdict(row) for row in found], indent=2))
        return 0
    table = Table(title=f"{WANTED} wanted of {TOTAL} attempts", box=None, pad_edge=False, title_justify="left")
    for column in (
        "run",
        "requests",
        "redelivered",
        "wanted",
        "not wanted",
        "refused",
        "working s",
        "with waits s",
        "ended",
    ):
        table.add_column(column, justify="left" if column in ("run", "ended") else "right")
    for row in found:
        table.add_row(*(str(value) for value in asdict(row).values()))
    console = Console(width=160, highlight=False)
    console.print(table)
    by = {row.who: row for row in found}
    loop, mine = by["naive, no limits"], by["ours, no limits"]
    console.print(
        f"ours to naive, no limits: requests {mine.requests / loop.requests:.2f}, redeliveries "
        f"{mine.redelivered / loop.redelivered:.2f}, working time {mine.working_s / loop.working_s:.2f}; "
        f"spared: {loop.not_wanted} redeliveries that nobody wanted or that could not help"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
