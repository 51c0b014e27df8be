"""A chaos run: the sandbox under load and under faults, then drained, then counted. `make chaos` calls it.

Exit code 0 if every promise was kept, 1 if one was broken, 2 if the run was asked for wrongly.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chaos import report
from chaos.drive import Senders
from chaos.ledger import Ledger, Verdict, judge
from chaos.mischief import Killer, workers
from chaos.parcels import Keys, Urls, parcels
from chaos.phases import PHASES, shares
from chaos.witness import Witness
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chaos.phases import Phase

DEFAULT_COUNT = 5_000
SMALLEST_COUNT = 100
"""Fewer than this would leave whole phases without a single delivery of some kinds."""

SENDERS = 12
"""So many at once; the functions are given a little more concurrency, so that no answer is Lambda's own 429."""

SPEED = 60.0
"""The replay backs off for minutes while the bus is ill; under this clock they are seconds."""

DRAIN_S = 120.0
QUIET_S = 3.0
POLL_S = 0.2
QUEUE, DLQ = "hookwatch-parked", "hookwatch-parked-dlq"

PARAMETERS = {"Deduplicate": "on", "LoopLimit": "0", "ReservedConcurrency": str(SENDERS + 2)}

EXAMPLES = """examples:
  make chaos                                        5,000 deliveries, dice of the day
  make chaos ARGS="--count 50000 --seed 7"          more of them, and the same ones again
  make chaos ARGS=--json > chaos.json               for a program
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to do.

    Attributes:
        count: how many deliveries.
        seed: the dice of senders, faults and kills.
        template: what to deploy.
        phases: what goes wrong, in this order.
        senders: how many threads send.
    """

    count: int
    seed: int
    template: Path = TEMPLATE
    phases: tuple[Phase, ...] = PHASES
    senders: int = SENDERS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: the verdict, and what belongs beside it in a report."""

    verdict: Verdict
    facts: dict[str, Any]


def run(what: Run, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Start a sandbox, send everything, wait until nothing moves any more, and settle the books."""
    ledger, random = Ledger(), Random(what.seed)  # noqa: S311 - dice for mischief, not for keys
    config = SandboxConfig(
        template=what.template,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters=PARAMETERS,
        seed=what.seed,
        speed=SPEED,
    )
    begun_s = time.monotonic()
    # Another sandbox may live in this process, and has nothing to do with it.
    spared = frozenset(workers())
    with _sandbox(config) as cloud:
        sandbox = cloud.sandbox
        clients = Clients(cloud.get("/api/health")["aws_endpoint_url"])
        witness = Witness(ledger, clients("s3"))
        sandbox.listen(on_event=witness.event, on_line=witness.line)
        senders = Senders(ledger, what.senders)
        urls = Urls(sandbox.github_url or "", sandbox.twilio_url or "")
        supply = parcels(what.count, random, urls, Keys(GITHUB_SECRET, TWILIO_TOKEN))
        killed = 0
        for phase, count in shares(what.count, what.phases):
            for fault in phase.faults:
                cloud.fault(**fault)
            with Killer(random, kills_per_s=phase.kills, hangs=phase.hangs, spared=spared) as killer:
                senders.send(supply, count, phase.name, lambda name=phase.name: progress(name))  # type: ignore[misc] # bound at once
            killed += killer.killed
            cloud.clear()
        sent_s = time.monotonic() - begun_s
        senders.close()
        left = drain(clients, ledger)
    facts = {
        "seed": what.seed,
        "functions killed": killed,
        "left in the queue": left[0],
        "in the dead-letter queue": left[1],
        "sent in": f"{sent_s:.0f} s",
        "whole run": f"{time.monotonic() - begun_s:.0f} s",
    }
    return Outcome(judge(ledger, frozenset(phase.name for phase in what.phases if phase.promises)), facts)


def drain(clients: Clients, ledger: Ledger) -> tuple[int, int]:
    """Wait until the parking queue is empty and nothing new is seen; return what is left in it and behind it."""
    sqs = clients("sqs")
    end_s, quiet_since_s, before = time.monotonic() + DRAIN_S, time.monotonic(), (-1, -1, -1)
    while time.monotonic() < end_s:
        now = (_depth(sqs, QUEUE), *ledger.settled())
        if now != before or now[0]:
            before, quiet_since_s = now, time.monotonic()
        elif time.monotonic() - quiet_since_s > QUIET_S:
            break
        time.sleep(POLL_S)
    return _depth(sqs, QUEUE), _depth(sqs, DLQ)


def _depth(sqs: Any, name: str) -> int:
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


@contextmanager
def _sandbox(config: SandboxConfig) -> Iterator[Cloud]:
    yield from run_sandbox(config)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, run, and print what came out."""
    options = _parser().parse_args(arguments)
    if options.count < SMALLEST_COUNT:
        print(f"chaos: --count must be {SMALLEST_COUNT} or more, so that every fault meets a delivery", file=sys.stderr)
        return 2
    seed = options.seed if options.seed is not None else SystemRandom().randrange(1_000_000)
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=options.count)
        came = run(Run(count=options.count, seed=seed), lambda name: bar.update(task, advance=1, description=name))
    if options.json:
        print(json.dumps(report.as_json(came.verdict, came.facts), indent=2))
    else:
        report.draw(Console(), came.verdict, came.facts)
    return int(not came.verdict.ok)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make chaos",
        description="Sends webhooks through the sandbox while everything behind it fails, and counts what was lost.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help=f"deliveries (default {DEFAULT_COUNT})")
    parser.add_argument("--seed", type=int, help="the dice; the same number, the same deliveries and faults")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout instead of the table")
    return parser


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.exit(main())
