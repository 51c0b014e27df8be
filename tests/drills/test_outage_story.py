"""The whole story: a function is down, deliveries fail, an alarm tells, a page is followed, everything is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import runbook_shell
from automation import Execution, StepFailed
from automation_documents import content
from runbook_pages import FOLDER
from sandbox.cloud_rig import eventually
from sandbox.recovery_rig import Recovery, recovery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

SPEED = 60.0
PATIENCE_S = 60.0
IMPACT = "Alarms.GitHubCustomerImpact"
FAILED = tuple(f"0a{number:06d}-0000-4000-8000-000000000000" for number in range(6))


@pytest.fixture(scope="module")
def stage() -> Iterator[Recovery]:
    """One sandbox and one GitHub for all parts of the story."""
    with recovery(SPEED) as made:
        yield made


def outage(stage: Recovery, *guids: str) -> None:
    """Deliver while the function dies in every invocation, until the alarm has told."""
    stage.cloud.fault(operation="Invoke", fault="crash", function="github")
    stage.deliver(*guids)

    def tells() -> bool:
        stage.cloud.github()
        return stage.composites()[IMPACT] == "ALARM"

    eventually(tells, PATIENCE_S)


def mended(stage: Recovery) -> None:
    """Lift the fault, and wait under traffic until the alarm is at rest."""
    stage.cloud.clear()

    def rests() -> bool:
        stage.cloud.github()
        return stage.composites()[IMPACT] == "OK"

    eventually(rests, PATIENCE_S)


def test_an_outage_and_the_page_that_ends_it(stage: Recovery, tmp_path: Path):
    """GitHub's failed deliveries are on the bus after the commands of redeliver-github, and the alarm is at rest."""
    outage(stage, *FAILED)
    assert not any(stage.cloud.event_now(guid) for guid in FAILED)
    stage.cloud.clear()
    done = runbook_shell.run(FOLDER / "redeliver-github.md", stage.environment(), tmp_path)
    assert done.failed is None, done.output
    for guid in FAILED:
        assert stage.on_the_bus(guid)["detail-type"] == "push"
    mended(stage)
    asked = len(stage.world.attempts)
    assert asked == len(FAILED)
    again = runbook_shell.run(FOLDER / "redeliver-github.md", stage.environment(), tmp_path)
    assert again.failed is None, again.output
    assert len(stage.world.attempts) == asked, "a second run must do nothing"


def test_an_outage_and_the_document_that_asks_first(stage: Recovery, monkeypatch: pytest.MonkeyPatch):
    """The same by SSM's document: it counts, asks, redelivers in batches, and finds nothing missing in the end."""
    for name, value in stage.environment().items():
        monkeypatch.setenv(name, value)
    stage.cloud.fault(operation="Invoke", fault="crash", function="github")
    guids = tuple(f"0b{number:06d}-0000-4000-8000-000000000000" for number in range(5))
    stage.deliver(*guids)
    asked: list[str] = []
    parameters = {"Approvers": ["arn:aws:iam::123456789012:role/on-call"], "BatchSize": 2}
    document = content("RedeliverGitHub", LoopAlarmName="hookwatch-loop-or-spend")
    refused = Execution(document, parameters, lambda _: False)
    with pytest.raises(StepFailed, match="refused"):
        refused.run()
    assert not any(stage.cloud.event_now(guid) for guid in guids)
    stage.cloud.clear()
    run = Execution(document, parameters, lambda message: not asked.append(message))
    outputs = run.run()
    assert asked[0].startswith("Redeliver 5 GitHub deliveries? 5 missing: 5 ")
    assert run.steps.count("batch") == 3
    assert run.steps.count("quiet") == 3
    assert outputs["verify.Summary"] == "nothing is missing"
    assert all(stage.on_the_bus(guid) for guid in guids)
