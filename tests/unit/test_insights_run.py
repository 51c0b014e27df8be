"""The runner of log queries: it gives what Insights gives for our queries, and refuses what it would misread."""

from __future__ import annotations

from typing import Any

import pytest

from insights_query import QueryError
from insights_run import flattened, run

LINES = [
    {"message": "delivery", "provider": "github", "outcome": "accepted", "total_ms": 5, "delivery_id": "a"},
    {"message": "delivery", "provider": "github", "outcome": "bad_signature", "total_ms": 1.5},
    {"message": "delivery", "provider": "twilio", "outcome": "parked", "total_ms": 9, "delivery_id": "a"},
    {"type": "platform.report", "record": {"metrics": {"durationMs": 7}}},
]
ROWS = [flattened(line, "/g" if at < 2 else "/t", at * 60_000) for at, line in enumerate(LINES)]


def ran(query: str) -> list[dict[str, Any]]:
    """Run a query, without CloudWatch's own fields."""
    return [{key: value for key, value in row.items() if key[0] != "@"} for row in run(query, ROWS, 1_000.0)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter outcome = 'parked' | fields total_ms * 2 + 1 as n", [19.0]),
        ("filter ispresent(total_ms) and total_ms > 1 and not outcome in ['parked'] | stats count(*) as n", [2]),
        ("filter outcome not in ['parked'] | stats count(*) as n", [2]),
        ("filter outcome != 'accepted' | stats count(*) as n", [3]),
        ("filter (outcome = 'parked' or outcome = 'accepted') and total_ms >= 5 | stats sum(total_ms) as n", [14]),
        ("stats max(total_ms) / 3 as n", [3.0]),
        ("stats avg(record.metrics.durationMs) as n", [7]),
        ("stats count(total_ms) as n", [3]),
        ("stats count_distinct(delivery_id) as n", [1]),
        ("stats latest(outcome) as n", ["parked"]),
        ("stats earliest(outcome) as n", ["accepted"]),
        ("stats pct(total_ms, 50) as n", [5]),
        ("stats count(*) as n by bin(2m) | sort n desc", [2, 2]),
        ("stats sum(nothing) as n", [None]),
        ("SOURCE '/t' | stats count(*) as n", [2]),
        ("SOURCE '/g' | SOURCE '/t' | stats count(*) as n", [4]),
        ("filter strcontains(outcome, 'sign') = 1 | stats count(*) as n", [1]),
        ("fields floor(total_ms) as n | filter n = 1", [1]),
        ("filter ispresent(total_ms) | fields total_ms as n | sort total_ms desc | limit 2", [9, 5]),
        ("filter delivery_id = 'a|b' | stats count(*) as n", []),
        ("fields now() * 2 as n | limit 1", [2_000.0]),
    ],
)
def test_a_query_gives_what_insights_gives(query: str, expected: list[Any]) -> None:
    """Filters, arithmetic, groups, aggregates and order, over lines with nested fields and without some."""
    assert [row["n"] for row in ran(query)] == expected


def test_groups_have_their_keys() -> None:
    """One row for each combination, under the names of the keys."""
    assert ran("filter message = 'delivery' | stats count(*) as n by provider | sort n desc") == [
        {"provider": "github", "n": 2},
        {"provider": "twilio", "n": 1},
    ]


@pytest.mark.parametrize(
    "query",
    [
        "parse @message '*' as x",
        "filter outcome ~ 'x'",
        "filter foo(outcome) = 1",
        "stats median(total_ms) as n",
        "stats count(*)",
        "sort total_ms",
        "filter outcome = 'x' 'y'",
        "fields bin(5) as n",
        "filter",
    ],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    """A query cannot pass by being misread."""
    with pytest.raises(QueryError):
        ran(query)
