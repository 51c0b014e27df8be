from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookwatch.sandbox.cloud_observer import CloudObserver
from hookwatch.sandbox.metrics_emf import parse_emf

NOW_S = 1_795_000_000.0
NOW_MS = int(NOW_S * 1000)


def emf(**changes: Any) -> dict[str, Any]:
    """A line with two metrics in one dimension set."""
    directive = {
        "Namespace": "Hookwatch",
        "Dimensions": [["service", "provider"]],
        "Metrics": [{"Name": "Accepted", "Unit": "Count"}, {"Name": "Latency", "Unit": "Milliseconds"}],
        **changes.pop("directive", {}),
    }
    header = {"Timestamp": NOW_MS, "CloudWatchMetrics": [directive], **changes.pop("header", {})}
    return {
        "_aws": header,
        "service": "hookwatch",
        "provider": "github",
        "Accepted": 1,
        "Latency": [2.5, 3.5],
        **changes,
    }


def test_each_value_in_each_dimension_set_is_one_point() -> None:
    """An array of two values and a number give three points, with time and unit of the directive."""
    result = parse_emf(emf(), NOW_S)
    assert [(p.name, p.value, p.unit) for p in result.points] == [
        ("Accepted", 1.0, "Count"),
        ("Latency", 2.5, "Milliseconds"),
        ("Latency", 3.5, "Milliseconds"),
    ]
    assert {p.time_s for p in result.points} == {NOW_S}
    assert all(p.dimensions == {"service": "hookwatch", "provider": "github"} for p in result.points)


def test_several_dimension_sets_publish_a_value_several_times() -> None:
    """Two sets, the empty one among them, give two points."""
    result = parse_emf(emf(directive={"Dimensions": [[], ["provider"]], "Metrics": [{"Name": "Accepted"}]}), NOW_S)
    assert [(dict(p.dimensions), p.unit) for p in result.points] == [({}, "None"), ({"provider": "github"}, "None")]


def test_a_line_without_a_directive_is_no_metric_and_no_error() -> None:
    """Ordinary JSON lines are left alone."""
    result = parse_emf({"message": "hello", "Accepted": 1}, NOW_S)
    assert (result.points, result.parsing_errors, result.validation_errors) == ([], 0, 0)


@pytest.mark.parametrize(
    "broken",
    [
        {"_aws": 1},
        {"_aws": {"Timestamp": NOW_MS}},
        emf(header={"Timestamp": "yesterday"}),
        emf(directive={"Dimensions": "provider"}),
        emf(directive={"Metrics": None}),
        emf(directive={"Dimensions": [["nothing"]]}),
        emf(provider=7),
        emf(Accepted="one"),
        emf(Accepted=True),
        emf(directive={"Metrics": [{"Unit": "Count"}]}),
    ],
)
def test_a_broken_directive_is_one_parsing_error(broken: dict[str, Any]) -> None:
    """What does not have EMF's shape gives no point and is counted."""
    result = parse_emf(broken, NOW_S)
    assert (result.points, result.parsing_errors, result.validation_errors) == ([], 1, 0)


@pytest.mark.parametrize(
    "broken",
    [
        emf(header={"Timestamp": NOW_MS - 15 * 24 * 3600 * 1000}),
        emf(header={"Timestamp": NOW_MS + 3 * 3600 * 1000}),
        emf(directive={"Namespace": ""}),
        emf(provider=""),
        emf(provider="x" * 1025),
        emf(Latency=[1.0] * 101),
        emf(Latency=float("nan")),
        emf(directive={"Metrics": [{"Name": "Accepted", "Unit": "Furlongs"}]}),
        emf(directive={"Metrics": [{"Name": "Accepted"}] * 101}),
    ],
)
def test_a_directive_over_a_limit_is_one_validation_error(broken: dict[str, Any]) -> None:
    """What CloudWatch would drop silently gives no point and is counted."""
    result = parse_emf(broken, NOW_S)
    assert (result.points, result.parsing_errors, result.validation_errors) == ([], 0, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["_aws", "Timestamp", "CloudWatchMetrics", "Namespace", "Dimensions", "Metrics", "Name", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=st.dictionaries(st.sampled_from(["_aws", "a", "Name"]), JSON, max_size=3))
def test_no_document_makes_the_parser_raise(document: dict[str, Any]) -> None:
    """Whatever a line holds, parsing it gives a value."""
    parse_emf(document, NOW_S)


def test_errors_become_the_metrics_of_the_log_group() -> None:
    """A broken line leaves EMFParsingErrors of its log group, as in AWS/Logs."""
    observer = CloudObserver()
    observer.log_line("hookwatch-github", json.dumps({"_aws": 1}))
    (point,) = observer.metrics.query(namespace="AWS/Logs")
    assert (point.name, dict(point.dimensions)) == (
        "EMFParsingErrors",
        {"LogGroupName": "/aws/lambda/hookwatch-github"},
    )


@pytest.mark.parametrize("line", ["", "{", "[]", '{"outcome": 1}', "null", "{" * 100_000, '"text"', "\x00"])
def test_a_line_that_is_no_delivery_is_none(line: str) -> None:
    """Only a JSON object with an outcome is a delivery; no line makes the observer raise."""
    observer = CloudObserver()
    observer.log_line("f", line)
    assert observer.deliveries.newest(10) == []
