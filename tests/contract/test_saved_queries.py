"""Saved queries and log widgets read only what our lines, and Lambda's own lines, hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from dashboard_bodies import BOTH, VARIANTS, stack, widgets
from delivery_lines import written_fields
from hookwatch.outcomes import Outcome
from insights_query import QueryError, fields

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_QUERY_CHARACTERS = 10_000  # AWS::Logs::QueryDefinition, schema read 2026-11
REDELIVERY_WINDOW_MS = 3 * 24 * 3600 * 1000  # GitHub keeps a delivery for three days


def saved(**parameters: str) -> dict[str, dict[str, Any]]:
    """Every saved query by the last part of its name."""
    found = [
        each.properties for each in stack(BOTH | parameters).resources.values() if each.type.endswith("Definition")
    ]
    return {each["Name"].rpartition("/")[2]: each for each in found}


def logged() -> Iterator[str]:
    """Every query of a log widget, and every saved one."""
    for variant in VARIANTS:
        yield from (widget["query"] for widget in widgets(variant, "log"))
    yield from (each["QueryString"] for each in saved(ReplayFunctionName="hooks-replay").values())


def test_queries_read_only_what_lines_have(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every field of every saved query and log widget is in a line that was really written."""
    known = written_fields(capsys, monkeypatch)
    for query in logged():
        assert fields(query) - known == set(), query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("filter outcome = 'x' | stats count(*) as n by reason | sort outcome", "did not survive"),
        ("fields avrg(total_ms)", "no function avrg"),
        ("where outcome = 'x'", "no command where"),
    ],
)
def test_the_reader_of_queries_finds_planted_faults(query: str, said: str) -> None:
    """A misspelt function, an unknown command and a field that stats swallowed do not pass."""
    with pytest.raises(QueryError, match=said):
        fields(query)


def test_a_field_that_no_line_has_is_found() -> None:
    """A misspelt field counts as read, under its own name, whatever stands around it."""
    query = "filter message = 'delivery' and not ispresent(delivry_id) | stats max(totl_ms) as m by bin(5m), record.x"
    assert fields(query) == {"message", "delivry_id", "totl_ms", "record.x"}


@pytest.mark.parametrize("outcome", Outcome)
def test_queries_know_every_outcome(outcome: Outcome) -> None:
    """Each outcome is either kept, or one that redelivery can mend, or beyond it; none is forgotten."""
    candidates = saved()["redelivery-candidates"]["QueryString"]
    kept = set(re.findall(r"strcontains\(outcome, '(\w+)'\)", candidates))
    beyond = set(re.findall(r"'(\w+)'", candidates.partition("not in [")[2].partition("]")[0]))
    waiting = next(
        widget["query"] for widget in widgets("standard", "log") if widget["title"].startswith("Hours until GitHub")
    )
    failed = set(re.findall(r"'(\w+)'", waiting.partition("outcome in [")[2].partition("]")[0]))
    assert [outcome.value in group for group in (kept, beyond, failed)].count(True) == 1
    assert kept | beyond | failed == {each.value for each in Outcome}
    # strcontains finds a name inside a longer one, too.
    assert not any(name in other for name in kept for other in {each.value for each in Outcome} - {name})


def test_github_forgets_after_three_days() -> None:
    """The hours that are left are counted from three days."""
    waiting = [w["query"] for w in widgets("standard", "log") if w["title"].startswith("Hours until GitHub")]
    assert [waiting[0].count(str(REDELIVERY_WINDOW_MS)), len(waiting)] == [2, 1]


def test_the_promised_queries_are_saved() -> None:
    """Each question that runbooks ask has its query, in one folder, over both log groups."""
    found = saved()
    assert set(found) >= {
        *("errors-by-reason", "one-delivery", "signature-failures-by-source", "redelivery-candidates", "slowest"),
        *("cold-starts", "loop-suspects", "putevents-errors-by-code", "billed-duration"),
    }
    assert "replays" not in found
    for each in found.values():
        assert each["Name"].startswith("hookwatch/")
        assert each["LogGroupNames"] == ["/aws/lambda/hooks-github", "/aws/lambda/hooks-twilio"]
        assert len(each["QueryString"]) <= MAX_QUERY_CHARACTERS
        used = set(re.findall(r"\{\{(\w+)\}\}", each["QueryString"]))
        assert used == {parameter["Name"] for parameter in each.get("Parameters", [])}


def test_replays_are_asked_for_where_they_are_written() -> None:
    """With a replay function one query reads its lines, and the story of one delivery goes on there."""
    found = saved(ReplayFunctionName="hooks-replay")
    assert found["replays"]["LogGroupNames"] == ["/aws/lambda/hooks-replay"]
    for name, each in found.items():
        assert ("/aws/lambda/hooks-replay" in each["LogGroupNames"]) == (name in {"replays", "one-delivery"})


def test_bin_counts_in_minutes_or_hours() -> None:
    """A bin of more than 60 s or 60 min is capped without a word, so each is written in its largest unit."""
    sizes = [size for query in logged() for size in re.findall(r"bin\((\w+)\)", query)]
    assert sizes
    assert all(re.fullmatch(r"(?:[1-9]|[1-5]\d)[mh]", size) for size in sizes)


def test_only_lambdas_own_lines_are_asked_for_without_our_code() -> None:
    """On AWS's quick start the saved queries are those that need no line of ours."""
    assert set(saved(HasHookwatchMetrics="false")) == {"cold-starts", "billed-duration"}
