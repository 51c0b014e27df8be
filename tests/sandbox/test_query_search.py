"""SEARCH in dashboard queries: exactly the metrics of the schema, as series of one id."""

from __future__ import annotations

from typing import Any

import pytest

from hookwatch.sandbox.lambda_model import MetricPoint
from hookwatch.sandbox.metrics_series import SeriesStore
from hookwatch.sandbox.query import Asked, read_query
from hookwatch.sandbox.query_answer import answer
from hookwatch.sandbox.query_entry import BadQuery

NOW_S = 7_230.0
FAILED = (
    """SEARCH('{AWS/Events,EventBusName,RuleName} EventBusName="saas" MetricName="FailedInvocations"', 'Sum', 60)"""
)


@pytest.fixture
def store() -> SeriesStore:
    """Failures of two rules on one bus, of one on another, and another metric of the first."""
    made = SeriesStore()
    for bus, rule, name in (
        ("saas", "a", "FailedInvocations"),
        ("saas", "b", "FailedInvocations"),
        ("other", "a", "FailedInvocations"),
        ("saas", "a", "Invocations"),
    ):
        dimensions = {"EventBusName": bus, "RuleName": rule}
        made.add(
            MetricPoint(
                namespace="AWS/Events", name=name, dimensions=dimensions, unit="Count", value=1.0, time_s=7_200.0
            )
        )
    made.add(
        MetricPoint(
            namespace="AWS/Events",
            name="FailedInvocations",
            dimensions={"EventBusName": "saas"},
            unit="Count",
            value=1.0,
            time_s=7_200.0,
        )
    )
    return made


def series(store: SeriesStore, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask and answer."""
    asked = read_query({"queries": list(queries)}, NOW_S, store.metrics)
    assert isinstance(asked, Asked), asked
    found: list[dict[str, Any]] = answer(asked, store)["series"]
    return found


def test_a_search_finds_the_metrics_of_its_schema_and_terms(store: SeriesStore) -> None:
    """Neither another bus, another name, nor the same name with fewer dimensions."""
    found = series(store, {"id": "failed", "expression": FAILED, "label": "failed"})
    assert [(each["id"], [point["value"] for point in each["points"]]) for each in found] == [("failed", [1.0])] * 2


def test_a_search_inside_an_expression_is_the_array_of_what_it_finds(store: SeriesStore) -> None:
    """Summed up, and used by another expression."""
    found = series(
        store,
        {"id": "all", "expression": f"SUM({FAILED})", "shown": False},
        {"id": "twice", "expression": "2 * all"},
    )
    assert [(each["id"], each["points"][0]["value"]) for each in found] == [("twice", 4.0)]


def test_a_search_that_finds_nothing_is_no_series(store: SeriesStore) -> None:
    """Beside others it is silent; what would compute with nothing is refused."""
    nothing = FAILED.replace("saas", "nobody")
    assert series(store, {"id": "failed", "expression": nothing}) == []
    assert isinstance(
        read_query([{"id": "s", "expression": f"SUM({nothing})"}], NOW_S, store.metrics),
        BadQuery,
    )


@pytest.mark.parametrize(
    "text",
    [
        """SEARCH('FailedInvocations', 'Sum', 60)""",
        """SEARCH('{AWS/Events,RuleName} NOT RuleName="a"', 'Sum', 60)""",
        """SEARCH('{AWS/Events,RuleName} Failed', 'Sum', 60)""",
        """SEARCH("{AWS/Events,RuleName}", 'Sum', 60)""",
    ],
)
def test_what_is_not_read_is_refused(store: SeriesStore, text: str) -> None:
    """Words, NOT and OR, and other quotes are a sentence, never a guess."""
    assert isinstance(read_query([{"id": "s", "expression": text}], NOW_S, store.metrics), BadQuery)
