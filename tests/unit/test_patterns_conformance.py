"""The matcher against recorded and derived answers: every case, both sets, nothing skipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookwatch.patterns import InvalidPattern, explain, matches

ROOT = Path(__file__).parents[2]
OWN = ROOT / "tests/data/pattern-conformance.json"
REFERENCE = ROOT.parent / "shared/pattern-cases/reference.json"
"""Harvested from public test suites under the Apache licence; read where it is present, not kept here."""

SETS = [path for path in (OWN, REFERENCE) if path.exists()]


def answer(case: dict[str, Any]) -> bool | str:
    try:
        return matches(case["pattern"], case["event"])
    except InvalidPattern:
        return "invalid"


def test_our_own_set_is_whole() -> None:
    """The set that lies in this repository is there, with all its 915 cases, and is among those that are run."""
    assert OWN in SETS
    assert len(json.loads(OWN.read_text())) == 915


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.name)
def test_every_case_is_answered_as_recorded(path: Path) -> None:
    """Each pattern matches, does not match or is refused exactly as EventBridge or event-ruler answered."""
    cases = json.loads(path.read_text())
    wrong = [(case["id"], case["expected"], found) for case in cases if (found := answer(case)) != case["expected"]]
    assert wrong == []


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.name)
def test_explanations_never_contradict_the_verdict(path: Path) -> None:
    """An explanation's verdict is the matcher's, and an alternative matches exactly if all its paths do."""
    for case in json.loads(path.read_text()):
        if case["expected"] == "invalid":
            continue
        explanation = explain(case["pattern"], case["event"])
        assert explanation.matched is case["expected"], case["id"]
        for alternative in explanation.alternatives:
            assert alternative.matched == all(verdict.matched for verdict in alternative.paths), case["id"]
            assert all(bool(verdict.why) != verdict.matched for verdict in alternative.paths), case["id"]
