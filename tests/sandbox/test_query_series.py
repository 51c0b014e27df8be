"""Data points as series, held against the store that tests of alarms use."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.alarms import SampleStore, metric
from hookwatch.sandbox.lambda_model import MetricPoint
from hookwatch.sandbox.metrics_series import SeriesStore


def point(value: float, time_s: float, *, unit: str = "Count", name: str = "M") -> MetricPoint:
    """One data point."""
    return MetricPoint(namespace="N", name=name, dimensions={"d": "1"}, unit=unit, value=value, time_s=time_s)


def filled(*points: MetricPoint) -> SeriesStore:
    """A store of these."""
    store = SeriesStore()
    for each in points:
        store.add(each)
    return store


def asked(
    store: SeriesStore, stat: str = "Sum", *, unit: str | None = None, end_s: int = 180
) -> list[tuple[int, float]]:
    """What the store says about three minutes."""
    return store.query("N", "M", {"d": "1"}, stat, 60, 0, end_s, unit)


def test_points_fall_into_the_period_in_which_they_lie() -> None:
    """Start inclusive, end exclusive, a period without points is absent, points may come late."""
    store = filled(point(1, 179.9), point(2, 0), point(4, 59.9), point(8, 180))
    assert asked(store) == [(0, 6.0), (120, 1.0)]


def test_dimensions_and_names_must_be_the_same_exactly() -> None:
    """A subset of the dimensions is another metric."""
    store = filled(point(1, 0))
    assert store.query("N", "M", {}, "Sum", 60, 0, 60, None) == []
    assert store.query("N", "m", {"d": "1"}, "Sum", 60, 0, 60, None) == []


def test_a_unit_is_asked_for_or_not() -> None:
    """Without a unit all count together; with one only its own."""
    store = filled(point(1, 0), point(2, 0, unit="Seconds"))
    assert asked(store) == [(0, 3.0)]
    assert asked(store, unit="Seconds") == [(0, 2.0)]
    assert asked(store, unit="Bytes") == []


def test_a_statistic_that_is_none_gives_nothing() -> None:
    """The caller has checked it; a wrong one must not bring the sandbox down."""
    assert asked(filled(point(1, 0)), "p101") == []


def test_the_oldest_give_way() -> None:
    """The bound on entries holds; equal values of the same ten seconds are one entry."""
    store = SeriesStore(max_entries=2)
    for _ in range(50):
        store.add(point(1, 0))
    store.add(point(2, 60))
    assert asked(store) == [(0, 50.0), (60, 2.0)]
    store.add(point(3, 120))
    assert asked(store) == [(60, 2.0), (120, 3.0)]


@settings(max_examples=60)
@given(
    samples=st.lists(st.tuples(st.integers(0, 1_190), st.sampled_from([0.0, 1.0, 2.5, 1e6])), max_size=40),
    stat=st.sampled_from(["Sum", "Average", "SampleCount", "Minimum", "Maximum", "p50", "p99", "tm90", "PR(:2)"]),
    period_s=st.sampled_from([10, 60, 300]),
)
def test_it_answers_as_the_store_of_alarm_tests_does(
    samples: list[tuple[int, float]], stat: str, period_s: int
) -> None:
    """Alarms behave in the sandbox as they do in their tests, whatever the order in which points come."""
    ours, theirs = SeriesStore(), SampleStore()
    for time_s, value in samples:
        ours.add(point(value, time_s))
    theirs.add(metric("N", "M", {"d": "1"}), [(time_s, [(value, 1)]) for time_s, value in samples], "Count")
    question = ("N", "M", {"d": "1"}, stat, period_s, 0, 1_200, None)
    assert ours.query(*question) == theirs.query(*question)
