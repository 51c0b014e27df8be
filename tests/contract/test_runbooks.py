"""Every runbook is there, leads from and to its alarms, and says what it must."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from hookwatch.outcomes import ROWS, Outcome
from runbook_pages import (
    FOLDER,
    KINDS,
    PAGES,
    alarms,
    anchor,
    blocks,
    body,
    commands,
    front,
    sections,
)

if TYPE_CHECKING:
    from pathlib import Path

INDEX = FOLDER / "README.md"
RUNBOOKS = [page for page in PAGES if page != INDEX]
SECTIONS = [
    *("## Meaning", "## Impact", "## Diagnosis", "### Confirm", "### Decide", "## Mitigation", "### Mitigate"),
    *("### Recover", "### Verify", "## Escalate", "## Aftercare"),
]
FAMILIES = {
    *("slo-burn", "secret-out-of-sync", "signature-attack", "secret-fetch", "putevents-failed", "putevents-throttled"),
    *("throttled", "latency", "rule-target-failing", "parked", "dlq-drain", "oversize", "loop", "spend", "no-traffic"),
    *("heartbeat", "metrics-blind", "crashed", "malformed", "rotate-secret", "alarm-delivery"),
    *("parking-failing", "replay-failing", "claim-check", "dedupe", "redeliver-github"),
}
PROCEDURES = {"redeliver-twilio", "kill-switch"}
"""Pages that no alarm leads to: other pages do."""
READS = ("describe-", "get-", "list-", "filter-")
MIN_CHARACTERS = 40  # less than this under a heading is a stub
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
every_runbook = pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)


def test_every_family_has_its_page() -> None:
    """Each family of alarms has a page, and each page is a family, or a procedure that other pages lead to."""
    assert {page.stem for page in RUNBOOKS} == FAMILIES | PROCEDURES


@pytest.mark.parametrize("name", sorted(PROCEDURES))
def test_every_procedure_is_led_to(name: str) -> None:
    """A page without alarms is linked from one that has some."""
    leading = [page.stem for page in RUNBOOKS if f"]({name}.md" in body(page) and front(page)["alarms"]]
    assert leading


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if ROWS[outcome].runbook])
def test_every_outcome_has_its_page(outcome: Outcome) -> None:
    """The runbook that an outcome names exists and speaks of that outcome."""
    page = FOLDER / f"{ROWS[outcome].runbook}.md"
    assert page in PAGES
    assert outcome.value in body(page)


@pytest.mark.parametrize("alarm", alarms())
def test_every_alarm_leads_to_its_page(alarm: str) -> None:
    """The page that an alarm's description links to exists and lists the alarm."""
    (name,) = re.findall(r"Runbook: \S+/([A-Za-z-]+)\.md", alarms()[alarm][1])
    assert alarm in front(FOLDER / f"{name}.md")["alarms"]


@every_page
def test_front_matter(page: Path) -> None:
    """A page names its alarms, which lead back to it, its severity, its drill and its automation."""
    found = front(page)
    assert set(found) == {"alarms", "severity", "drill", "automation"}
    assert bool(found["alarms"]) == (page.stem not in PROCEDURES)
    for alarm in found["alarms"]:
        assert f"/{page.name}" in alarms()[alarm][1], alarm
    assert found["severity"] in ("P1", "P2", "P3")
    assert all(isinstance(found[key], str) and found[key] for key in ("drill", "automation"))


@every_runbook
def test_severity_is_that_of_the_worst_alarm(page: Path) -> None:
    """A page is as urgent as the most urgent alarm that leads to it; a procedure, as the most urgent page that does."""
    said = {found[1] for alarm in front(page)["alarms"] if (found := re.match(r"\[(P\d)\]", alarms()[alarm][1]))}
    if page.stem in PROCEDURES:
        said = {front(other)["severity"] for other in RUNBOOKS if f"]({page.name}" in body(other)}
    assert front(page)["severity"] == min(said)


@every_runbook
def test_every_section_is_there_and_no_stub(page: Path) -> None:
    """A page has every part, in the order in which it is needed, and something stands in each."""
    found = sections(page)
    assert [heading for heading in found if heading.startswith("##")] == SECTIONS
    for heading, text in found.items():
        if heading not in ("## Diagnosis", "## Mitigation") and heading.startswith("##"):
            assert len(text.strip()) >= MIN_CHARACTERS, heading
    assert found["### Decide"].count("\n| ") >= 3
    assert not re.search(r"TODO|TBD|FIXME|lorem", body(page), re.IGNORECASE)


@every_page
def test_every_block_is_marked(page: Path) -> None:
    """A shell block says whether it checks, acts, or needs the real services; what checks only reads."""
    found = blocks(body(page))
    assert found
    for block in found:
        assert block.info in {f"sh {kind}" for kind in KINDS}, block
        if block.info == "sh check":
            assert all(each.operation.startswith(READS) for each in commands(block)), block.text


@every_page
def test_every_act_has_its_undo(page: Path) -> None:
    """Below each block that changes something, and before the next one, stands how to undo it."""
    for heading, text in sections(page).items():
        parts = re.split(r"^```sh act$", text, flags=re.MULTILINE)
        for at, part in enumerate(parts[1:], start=1):
            undone = "undo" in part.lower() or (at == len(parts) - 1 and "undo" in parts[at - 1].lower())
            assert undone, (heading, part)


@every_page
def test_confirm_says_what_to_expect(page: Path) -> None:
    """Each block of the confirming and the verifying part is followed by what it should print."""
    for heading, text in sections(page).items():
        if heading in ("### Confirm", "### Verify"):
            assert text.count("```sh") <= text.count("\nExpected: "), heading


@every_page
def test_links_resolve(page: Path) -> None:
    """A link leads to a page that is there, and to a heading that it has."""
    for target in re.findall(r"\]\((?!https?://)([^)]+)\)", body(page).replace("\n", " ")):
        path, _, wanted = target.partition("#")
        linked = page.parent / path
        assert linked.exists(), target
        assert not wanted or wanted in {anchor(heading) for heading in sections(linked)}, target


def test_the_index_lists_every_page() -> None:
    """The index has each page once in its table."""
    assert sorted(re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\)", body(INDEX), re.MULTILINE)) == sorted(
        FAMILIES | PROCEDURES
    )


def test_front_matter_is_plain_data() -> None:
    """What tools read from the front matter survives JSON, so that a console can show it."""
    assert json.loads(json.dumps([front(page) for page in PAGES])) == [front(page) for page in PAGES]
