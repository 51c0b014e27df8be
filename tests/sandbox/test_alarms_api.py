from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandbox.cloud_rig import ROOT

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

pytestmark = pytest.mark.sandbox

PAGE = (ROOT / "docs" / "sandbox.md").read_text()


def test_the_templates_own_alarms_are_served(cloud: Cloud) -> None:
    """Composites and math alarms included, although the emulator holds neither."""
    answer = cloud.get("/api/alarms")
    assert answer["problem"] is None
    alarms = {alarm["logical_id"]: alarm for alarm in answer["alarms"]}
    impact = alarms["Alarms.GitHubCustomerImpact"]
    assert (impact["type"], impact["severity"], impact["name"]) == (
        "composite",
        "P1",
        "hookwatch-github-customer-impact",
    )
    assert impact["runbook"].endswith(".md")
    assert alarms["Alarms.GitHubSignatureShare"]["simulated"]


def test_every_key_of_an_alarm_is_documented(cloud: Cloud) -> None:
    """docs/sandbox.md names each key of an alarm and of the answer, and no other."""
    answer = cloud.get("/api/alarms")
    table = PAGE[PAGE.index("## Alarms") : PAGE.index("## Asking for metrics")]
    named = {
        name for cell in re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE) for name in cell.strip("`").split("`, `")
    }
    assert named == {*answer, *answer["alarms"][0]} - {"alarms"}


def test_changes_of_state_are_listed(cloud: Cloud) -> None:
    """At the start there is none; the list is there all the same."""
    changes = cloud.get("/api/alarms/transitions")["transitions"]
    assert all(change.keys() == {"time", "logical_id", "from", "to", "reason"} for change in changes)
