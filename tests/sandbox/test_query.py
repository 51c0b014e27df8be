from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.alarms.math import MetricQuery
from hookwatch.sandbox.lambda_model import MetricPoint
from hookwatch.sandbox.metrics_series import SeriesStore
from hookwatch.sandbox.query import Asked, read_query
from hookwatch.sandbox.query_answer import answer
from hookwatch.sandbox.query_entry import BadQuery
from sandbox.cloud_rig import ROOT, eventually

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud

NOW_S = 7_230.0
GOOD = {"id": "m1", "metric": {"namespace": "N", "name": "M", "dimensions": {"d": "1"}}, "stat": "Sum", "period_s": 60}
HALF = {"id": "e1", "expression": "m1 / 2", "label": "half"}


def asked(document: object) -> Asked:
    """Read a query that is good."""
    found = read_query(document, NOW_S)
    assert isinstance(found, Asked), found
    return found


def refused(document: object) -> str:
    """Read a query that is not, and return the sentence."""
    found = read_query(document, NOW_S)
    assert isinstance(found, BadQuery), found
    return found.sentence


def stored(*samples: tuple[float, float]) -> SeriesStore:
    """A store that holds one metric: pairs of time and value."""
    store = SeriesStore()
    for time_s, value in samples:
        store.add(MetricPoint(namespace="N", name="M", dimensions={"d": "1"}, unit="Count", value=value, time_s=time_s))
    return store


def test_metric_and_expression_are_answered_as_series() -> None:
    """Each shown query gives its label, its period and its points; a period without data has none."""
    found = answer(asked([GOOD, HALF]), stored((7_140, 4), (7_201, 6)))
    assert [(series["id"], series["label"], series["period_s"]) for series in found["series"]] == [
        ("m1", "M", 60),
        ("e1", "half", 60),
    ]
    assert found["series"][1]["points"] == [
        {"time": "1970-01-01T01:59:00.000Z", "value": 2.0},
        {"time": "1970-01-01T02:00:00.000Z", "value": 3.0},
    ]


def test_the_span_is_the_last_hour_up_to_the_running_period() -> None:
    """Without start and end; start is aligned to the longest period."""
    assert (asked([GOOD]).start_s, asked([GOOD]).end_s) == (3_660, 7_260)
    assert asked({"queries": [{**GOOD, "period_s": 3_600}]}).end_s == 10_800


@pytest.mark.parametrize(
    ("given_span", "expected"),
    [
        ({"minutes": 10}, (6_660, 7_260)),
        ({"start": "1970-01-01T01:00:00Z", "end": "1970-01-01T02:00:00Z"}, (3_600, 7_200)),
        ({"start": 3_601, "end": 7_199}, (3_600, 7_199)),
        ({"StartTime": "-PT1H30M", "EndTime": 7_200}, (1_800, 7_200)),
        ({"start": "1970-01-01T01:00:00"}, (3_600, 7_260)),
    ],
)
def test_the_span_can_be_given_in_several_ways(given_span: dict[str, Any], expected: tuple[int, int]) -> None:
    """Minutes, ISO 8601, Unix seconds, and how long ago, as dashboards write it."""
    found = asked({"queries": [GOOD], **given_span})
    assert (found.start_s, found.end_s) == expected


def test_all_three_forms_ask_the_same() -> None:
    """Ours, that of GetMetricData, and a dashboard widget's rows."""
    aws = {
        "MetricDataQueries": [
            {
                "Id": "m1",
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "N",
                        "MetricName": "M",
                        "Dimensions": [{"Name": "d", "Value": "1"}],
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            },
            {"Id": "e1", "Expression": "m1 / 2", "Label": "half"},
        ]
    }
    widget = {
        "metrics": [
            ["N", "M", "d", "1", {"id": "m1", "visible": False}],
            [{"expression": "m1 / 2", "id": "e1", "label": "half"}],
        ],
        "stat": "Sum",
        "period": 60,
    }
    ours = asked({"queries": [{**GOOD, "shown": False}, HALF]})
    assert ours == asked(aws) == asked(widget)
    assert ours.shown == {"e1": "half"}


def test_a_widgets_shorthand_repeats_what_stands_above() -> None:
    """A dot repeats one part, three dots all parts that are not given."""
    rows = [["N", "M", "a", "1", "b", "2"], [".", "L", ".", ".", ".", "3"], ["...", "4"]]
    metrics = [query.metric for query in asked({"metrics": rows}).queries.values() if isinstance(query, MetricQuery)]
    assert [(each.name, dict(each.dimensions)) for each in metrics] == [
        ("M", {"a": "1", "b": "2"}),
        ("L", {"a": "1", "b": "3"}),
        ("L", {"a": "1", "b": "4"}),
    ]
    assert all(query.period_s == 300 for query in asked({"metrics": rows}).queries.values())


def test_an_expression_over_several_metrics_gives_several_series() -> None:
    """METRICS() is an array: one series each, under one id."""
    found = answer(asked([GOOD, {**GOOD, "id": "m2"}, {"id": "e1", "expression": "METRICS() * 2"}]), stored((7_200, 1)))
    assert [series["id"] for series in found["series"]] == ["m1", "m2", "e1", "e1"]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("text", "object or list"),
        ({}, "give queries"),
        ({"queries": []}, "give queries"),
        ([1], "no object"),
        ([{"id": "m1"}], "neither expression nor metric"),
        ([{**GOOD, "id": "M1"}], "lower-case"),
        ([{**GOOD, "id": ["m1"]}], "lower-case"),
        ([GOOD, GOOD], "twice"),
        ([{**GOOD, "stat": "median"}], "no statistic"),
        ([{**GOOD, "period_s": 61}], "period"),
        ([{**GOOD, "period_s": True}], "period"),
        ([{**GOOD, "metric": {"namespace": "N"}}], "a name"),
        ([{**GOOD, "metric": {"namespace": "N", "name": "M", "dimensions": ["d"]}}], "dimensions"),
        ([{**GOOD, "shown": False}], "nothing to answer"),
        ([GOOD, {"id": "e1", "expression": "m1 +"}], "column"),
        ([GOOD, {"id": "e1", "expression": "m2"}], "there is no metric or expression m2"),
        ([GOOD, {"id": "e1", "expression": "1 + 1"}], "only series"),
        ([GOOD, {"id": "e1", "expression": "ANOMALY_DETECTION_BAND(m1)"}], "not simulated"),
        ([{"id": "e1", "expression": 7}], "text"),
        ({"queries": [GOOD], "start": 7_200, "end": 7_200}, "before end"),
        ({"queries": [GOOD], "start": "yesterday"}, "no time"),
        ({"queries": [GOOD], "end": 1_795_000_000_000}, "Unix time"),
        ({"queries": [GOOD], "minutes": 0}, "minutes"),
        ({"queries": [GOOD], "minutes": float("nan")}, "minutes"),
        ({"queries": [{**GOOD, "period_s": 10}], "start": 0, "end": 1_795_000_000}, "datapoints"),
        ({"queries": [{**GOOD, "id": f"m{n}"} for n in range(501)]}, "501"),
        ({"metrics": [["N"]]}, "row 1"),
        ({"metrics": [["N", "M", "d"]]}, "row 1"),
        ({"metrics": ["N"]}, "row 1"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(document: object, says: str) -> None:
    """Before anything is computed, and the sentence says what is wrong."""
    assert says in refused(document)


WORDS = ("queries", "metrics", "MetricDataQueries", "id", "Id", "expression", "metric", "namespace", "name", "stat")
WORDS += ("dimensions", "MetricStat", "Metric", "Dimensions", "period", "start", "end", "minutes")
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6) | st.sampled_from(["...", ".", "m1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(document=VALUES)
def test_no_document_makes_the_reader_raise(document: object) -> None:
    """Whatever JSON holds, the answer is a query or a sentence."""
    assert isinstance(read_query(document, NOW_S), Asked | BadQuery)


@pytest.mark.sandbox
def test_the_api_answers_in_the_body_and_in_the_address(cloud: Cloud) -> None:
    """POST and GET give the same numbers, here those of real deliveries."""
    cloud.github()
    name = cloud.get("/api/health")["functions"]["github"]["name"]
    queries = [
        {
            "id": "m1",
            "metric": {"namespace": "AWS/Lambda", "name": "Invocations", "dimensions": {"FunctionName": name}},
            "stat": "Sum",
        },
        {"id": "e1", "expression": "m1 * 10"},
    ]

    def totals(document: Any) -> list[float]:
        return [sum(point["value"] for point in series["points"]) for series in document["series"]]

    posted = eventually(lambda: totals(cloud.call("POST", "/api/metrics/query", {"queries": queries}).json))
    assert posted[0] >= 1
    assert posted[1] == posted[0] * 10
    address = f"/api/metrics/query?minutes=60&query={quote(json.dumps(queries))}"
    assert totals(cloud.get(address)) == posted


@pytest.mark.sandbox
@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5_000, {"queries": [{"id": "e1", "expression": "SUM((("}]}])
def test_the_api_refuses_with_a_sentence(cloud: Cloud, body: object) -> None:
    """400, by POST and by GET."""
    reply = cloud.call("POST", "/api/metrics/query", body)
    assert reply.status == 400
    assert len(reply.json["error"]) > 10
    assert cloud.call("GET", "/api/metrics/query").status == 400


@pytest.mark.sandbox
def test_the_documented_query_is_answered(cloud: Cloud) -> None:
    """The curl example of docs/sandbox.md is taken as it stands."""
    page = (ROOT / "docs" / "sandbox.md").read_text()
    (body,) = [part.split("'")[1] for part in page.split("/api/metrics/query --data ")[1:]]
    reply = cloud.call("POST", "/api/metrics/query", body.encode())
    assert reply.status == 200, reply.body
    assert {series["id"] for series in reply.json["series"]} == {query["id"] for query in json.loads(body)["queries"]}
