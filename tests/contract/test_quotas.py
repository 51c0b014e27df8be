"""docs/quotas.md says of every outcome and signal what the tables, the alarms and the runbooks say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from hookwatch.alarms import AlarmDefinition, read_alarms
from hookwatch.alarms.math import MetricQuery
from hookwatch.cfn import load, resolve
from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES
from hookwatch.ingest.publish import ANSWER_WITHIN_S
from hookwatch.outcomes import METRICS, ROWS, SIGNALS, Actor, Outcome, Signal

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "quotas.md").read_text()
TABLE = PAGE[PAGE.index("## Error codes") : PAGE.index("## Delivering again")]

# With everything switched on, so that the page may name any alarm of the stack.
ALARMS = read_alarms(
    resolve(
        load(ROOT / "alarms" / "stack.yaml"),
        {
            "GitHubFunctionName": "hooks-github",
            "TwilioFunctionName": "hooks-twilio",
            "MonitoringLevel": "full",
            "RuleName1": "rule",
            "ParkingQueueName": "parking",
            "ParkingDlqName": "parking-dlq",
            "ReplayFunctionName": "replay",
            "SilenceHours": "4",
        },
    )
)
# What a service behind the function makes it answer.
BEHIND_US = {Outcome.SECRET_UNAVAILABLE, Outcome.PUBLISH_THROTTLED, Outcome.PUBLISH_FAILED}


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of the page."""

    status: str
    answers: str
    name: str
    seen: str
    alarm: str
    runbook: str
    github: str
    twilio: str

    @property
    def alarms(self) -> list[str]:
        """Logical ids of the alarms that it names."""
        found = []
        for name in re.findall(r"`(\w+)`", self.alarm):
            ids = [key for key in (name, f"GitHub{name}", f"Twilio{name}") if key in ALARMS.alarms]
            assert ids, f"{self.name}: there is no alarm {name}"
            assert len(ids) in (1, 2)
            found += ids
        return found

    @property
    def page(self) -> str:
        """Name of the runbook, empty when it has none."""
        match = re.fullmatch(r"\[([a-z-]+)\]\(\.\./runbooks/\1\.md\)", self.runbook)
        assert match or not self.runbook
        return match.group(1) if match else ""


def rows() -> list[PageRow]:
    cells = [line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("| ")]
    return [PageRow(*(cell.strip() for cell in row)) for row in cells[1:]]


BY_NAME = {row.name.strip("`"): row for row in rows()}


def test_the_page_has_one_row_for_each() -> None:
    """Every outcome and every signal has exactly one row, and there is no other."""
    names = [row.name for row in rows()]
    assert len(names) == len(set(names))
    assert set(BY_NAME) == {outcome.value for outcome in Outcome} | {signal.name for signal in SIGNALS}


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_told_as_it_is(outcome: Outcome) -> None:
    """Status, metric and runbook of an outcome are those of its row in the table, and so is who answers."""
    told, row = BY_NAME[outcome.value], ROWS[outcome]
    assert told.status == str(row.status)
    assert told.answers == ("AWS behind us" if outcome in BEHIND_US else "us")
    assert told.seen.startswith(f"`Hookwatch` `{METRICS[outcome]}`")
    assert told.page == (row.runbook or "")


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_a_signal_is_told_as_it_is(signal: Signal) -> None:
    """Status, source and metric of a signal are those of the table of signals."""
    told = BY_NAME[signal.name]
    assert told.status == ("none" if signal.status is None else str(signal.status))
    assert told.answers == ("Lambda" if signal.answered_by == "Lambda" else "AWS behind us")
    assert told.seen.startswith(f"`{signal.namespace}` `{signal.metric}`")
    assert told.page


@pytest.mark.parametrize("row", BY_NAME.values(), ids=BY_NAME)
def test_the_alarms_of_a_row_watch_what_is_seen(row: PageRow) -> None:
    """Every alarm that a row names exists; one of them reads a metric that the row names and links its runbook."""
    found = [ALARMS.alarms[key] for key in row.alarms]
    if not found:
        assert row.alarm.startswith("none")
        assert not row.page
        return
    definitions = [alarm for alarm in found if isinstance(alarm, AlarmDefinition)]
    read = {
        query.metric.name for each in definitions for query in each.queries.values() if isinstance(query, MetricQuery)
    }
    assert read & set(re.findall(r"`(\w+)`", row.seen))
    if row.page:
        assert any(f"/{row.page}.md" in alarm.description for alarm in definitions)


@pytest.mark.parametrize("outcome", [each for each in Outcome if ROWS[each].actor is Actor.CALLER])
def test_every_alarm_on_a_refused_caller_counts_its_refusals(outcome: Outcome) -> None:
    """What a caller did wrong is named beside those alarms alone that read how often it happened."""
    for name in BY_NAME[outcome.value].alarms:
        alarm = ALARMS.alarms[name]
        assert isinstance(alarm, AlarmDefinition)
        assert METRICS[outcome] in {query.metric.name for query in alarm.inputs}, name


@pytest.mark.parametrize("outcome", [each for each in Outcome if ROWS[each].actor is not Actor.NOBODY])
def test_what_somebody_must_act_on_has_an_alarm_for_each_provider(outcome: Outcome) -> None:
    """An outcome that somebody has to act on names alarms, and for GitHub and Twilio alike."""
    named = BY_NAME[outcome.value].alarms
    assert named
    assert {key.replace("GitHub", "") for key in named if key.startswith("GitHub")} == {
        key.replace("Twilio", "") for key in named if key.startswith("Twilio")
    }


@pytest.mark.parametrize("row", BY_NAME.values(), ids=BY_NAME)
def test_who_sends_again_follows_from_the_status(row: PageRow) -> None:
    """GitHub never does by itself; Twilio only what its connection overrides name: 5xx with rp=5xx, 4xx with rp=4xx."""
    expected = {"2": "no need", "4": "only with `rp=4xx`", "5": "with `rp=5xx`", "n": "no, it was told 200"}
    assert row.twilio == expected[row.status[0]]
    assert row.github == (row.twilio if row.status[0] in "2n" else "no")


def test_limits_are_those_of_the_code() -> None:
    """The quotas that hookwatch itself sets are told as they are."""
    assert f"`MaxEntryBytes` ({DEFAULT_MAX_ENTRY_BYTES:,})" in PAGE
    assert f"gives up by itself after {ANSWER_WITHIN_S:g} s" in PAGE
    template = load(ROOT / "template.yaml").document
    assert (
        f"`ReservedConcurrency` copies of each function, {template['Parameters']['ReservedConcurrency']['Default']}"
        in PAGE
    )
    assert f"{template['Globals']['Function']['Timeout']} s for a delivery" in PAGE
    queue = template["Resources"]["ParkingQueue"]["Properties"]
    assert f"{queue['MaximumMessageSize']:,} bytes for a message" in PAGE
    for name in ("ParkingRetentionDays", "ReplayMaxReceives", "ClaimCheckRetentionDays"):
        assert f"`{name}` ({template['Parameters'][name]['Default']})" in PAGE
    dead_s = template["Resources"]["ParkingDlq"]["Properties"]["MessageRetentionPeriod"]
    assert f"and {dead_s // 86400} in the dead-letter queue" in PAGE
