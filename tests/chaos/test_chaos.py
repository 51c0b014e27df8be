"""Thousands of deliveries while everything behind the functions fails: nothing that was answered 2xx is lost.

And the harness can fail: a function without parking, and one that only pretends to park, are both found out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from chaos import report
from chaos.mischief import workers
from chaos.phases import PHASES
from chaos.run import DEFAULT_COUNT, Run, main, run
from sam_template import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

SABOTAGE = Path(__file__).with_name("sabotage")
FEW = 120
BUS_IS_ILL = tuple(phase for phase in PHASES if phase.name in ("bus denies", "bus refuses entries"))


@pytest.mark.sandbox
@pytest.mark.timeout(900)
def test_nothing_that_was_taken_is_lost():
    """Every fault alone and together, functions killed and hung; then drained and counted, with new dice each time."""
    seed = SystemRandom().randrange(1_000_000)
    before = set(workers())
    came = run(Run(count=DEFAULT_COUNT, seed=seed))
    report.draw(Console(width=120), came.verdict, came.facts)
    assert came.verdict.ok, {name: found[:5] for name, found in came.verdict.faults.items() if found} | {"seed": seed}
    assert came.facts["left in the queue"] == came.facts["in the dead-letter queue"] == 0
    assert came.facts["functions killed"] > 0
    counted = came.verdict.numbers
    # A run in which nothing of this happened would have proven nothing of it.
    for kind in ("parked", "replayed onto the bus", "claim-checked", "answered as duplicate"):
        assert counted[kind] > 0, kind
    assert {"bad_signature", "unsigned", "malformed", "publish_failed"} <= came.verdict.refused.keys()
    assert set(workers()) <= before


@pytest.fixture
def sabotaged(tmp_path: Path) -> Callable[[str], Path]:
    """The template with another handler for both providers, beside the stacks that it nests."""

    def make(handler: str) -> Path:
        for name in ("alarms", "dashboards", "runbooks", "service"):
            (tmp_path / name).symlink_to(REPOSITORY / name)
        text = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
        changed, times = re.subn(
            r"CodeUri: service/\n    Handler: hookwatch\.ingest\.handler\.handler",
            f"CodeUri: {SABOTAGE}\n    Handler: {handler}",
            text,
        )
        assert times == 1
        (tmp_path / "template.yaml").write_text(changed, encoding="utf-8")
        return tmp_path / "template.yaml"

    return make


@pytest.mark.sandbox
def test_without_parking_the_harness_fails(sabotaged: Callable[[str], Path]):
    """Take the parking queue away, and the phases that promise to take everything find refusals; nothing is lost."""
    came = run(Run(count=FEW, seed=1, template=sabotaged("no_parking.handler"), phases=BUS_IS_ILL))
    assert not came.verdict.ok
    assert came.verdict.broken
    assert not came.verdict.lost


@pytest.mark.sandbox
def test_pretending_to_park_is_found_out(sabotaged: Callable[[str], Path]):
    """A function that answers 200 and keeps nothing loses deliveries, and each of them is named."""
    came = run(Run(count=FEW, seed=1, template=sabotaged("pretends.handler"), phases=BUS_IS_ILL))
    assert not came.verdict.ok
    assert came.verdict.lost
    assert all("[bus " in name for name in came.verdict.lost)


@pytest.mark.parametrize("count", ["0", "99", "-5"])
def test_too_few_is_misuse(count: str, capsys: pytest.CaptureFixture[str]):
    """Fewer deliveries than there are faults to meet would prove nothing: 2, and a sentence."""
    assert main(["--count", count]) == 2
    assert "--count" in capsys.readouterr().err


def test_the_report_is_for_programs_too():
    """The JSON document has the counts, the faults and whether all promises were kept."""
    from chaos.ledger import Ledger, judge

    document = report.as_json(judge(Ledger(), frozenset()), {"seed": 1})
    assert json.loads(json.dumps(document))["ok"] is True
    assert document["lost"] == 0
