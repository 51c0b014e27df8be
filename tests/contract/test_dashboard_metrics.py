"""What the dashboards draw: metrics that somebody sends, by expressions that CloudWatch can compute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dashboard_bodies import ALARMS, BOTH, VARIANTS, metrics, queries, rows, widgets
from hookwatch.alarms.lint.published import PUBLISHED
from hookwatch.alarms.math import ExpressionQuery, MathFault, check, evaluate
from hookwatch.cfn import load, resolve
from hookwatch.outcomes import METRICS, SIGNALS
from hookwatch.telemetry import MEASURES, NAMESPACE, RECOVERY_MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_metric_is_one_that_somebody_sends(variant: str) -> None:
    """A row names a metric that our code counts or that AWS documents, with exactly those dimensions."""
    for namespace, name, dimensions in metrics(variant):
        if namespace == NAMESPACE:
            assert name in {*METRICS.values(), *MEASURES, *RECOVERY_MEASURES}
            assert {key for key, _ in dimensions} == {"service", "provider"}
            assert dict(dimensions)["service"] == "hookwatch"
            assert dict(dimensions)["provider"] in ("github", "twilio")
        else:
            assert frozenset(key for key, _ in dimensions) in PUBLISHED[namespace][name], (namespace, name, dimensions)


SWEEPER_ONLY = {"Redelivered", "StillMissing", "ExpiringSoon"}
"""Only GitHub keeps deliveries that can be asked for again."""

FULL_ONLY = {"Malformed", "EntryBytes", "ReplayRefused"}
"""Over the free tier's 50. The alarms on the first two are those of the full level too; what the replay refused is
drawn at every level as what lies in the dead-letter queue."""


def drawn(variant: str) -> set[tuple[str, str]]:
    """Every metric of ours that a variant draws, with its provider."""
    return {(name, dict(dimensions)["provider"]) for space, name, dimensions in metrics(variant) if space == NAMESPACE}


def test_every_metric_of_ours_is_drawn() -> None:
    """No outcome and no measure is without a widget, for either provider; three wait for the full level."""
    ours = {*METRICS.values(), *MEASURES, *RECOVERY_MEASURES}
    wanted = {(name, provider) for name in ours for provider in ("github", "twilio")}
    wanted -= {(name, "twilio") for name in SWEEPER_ONLY}
    # The heartbeat is off in the variant full.
    assert drawn("full") | drawn("standard with all") == wanted
    assert wanted - drawn("standard with all") == {
        (name, provider) for name in FULL_ONLY for provider in ("github", "twilio")
    }


def test_every_signal_is_drawn() -> None:
    """What our code can never see has a line too, at the full level at least."""
    searched = {
        found
        for widget in widgets("full")
        for _, options in rows(widget)
        for found in re.findall(r'^SEARCH.*MetricName="(\w+)"', options.get("expression", ""))
    }
    drawn = {(namespace, name) for namespace, name, _ in metrics("full")} | {("AWS/Events", name) for name in searched}
    assert {(signal.namespace, signal.metric) for signal in SIGNALS} <= drawn


@pytest.mark.parametrize("variant", ["full", "full on the default bus"])
def test_searches_look_where_rules_are_measured(variant: str) -> None:
    """A search names metrics of rules under the dimensions that this kind of bus has."""
    texts = [
        options["expression"] for widget in widgets(variant) for _, options in rows(widget) if "expression" in options
    ]
    searches = [text for text in texts if text.startswith("SEARCH(")]
    assert searches
    for text in searches:
        found = re.fullmatch(r"SEARCH\('\{AWS/Events,([A-Za-z,]+)\} .*MetricName=\"(\w+)\"', 'Sum', 60\)", text)
        assert found is not None, text
        keys, name = found.groups()
        assert frozenset(keys.split(",")) in PUBLISHED["AWS/Events"][name]
        assert ('EventBusName="saas"' in text) == (keys == "EventBusName,RuleName") == (variant == "full")


class Everything:
    """A metric source in which every metric has the value 1 in every period."""

    def query(  # noqa: PLR0917 - the question of MetricSource
        self,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        stat: str,
        period_s: int,
        start_s: int,
        end_s: int,
        unit: str | None,
    ) -> list[tuple[int, float]]:
        return [(at, 1.0) for at in range(start_s, end_s, period_s)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_line_has_data_when_its_metrics_have(variant: str) -> None:
    """Every expression is right for CloudWatch's rules and gives at least one point from the metrics that it names."""
    for widget in widgets(variant):
        known = queries(widget)
        for name, query in known.items():
            if isinstance(query, ExpressionQuery):
                assert not isinstance(check(query, known), MathFault), (query.text, check(query, known))
            span_s = 4 * widget["period"]
            assert any(series.points for series in evaluate(name, known, Everything(), 0, span_s)), (
                widget["title"],
                name,
            )


def value(widget_title: str, name: str, variant: str = "standard") -> list[float]:
    """The points of one line of a widget, each metric being 1 in each of four periods."""
    widget = next(each for each in widgets(variant) if each["title"].startswith(widget_title))
    (series,) = evaluate(name, queries(widget), Everything(), 0, 4 * widget["period"])
    return [round(number, 6) for _, number in sorted(series.points.items())]


def test_numbers_on_the_dashboard_are_right() -> None:
    """Two failures a request are minus 100 %, a burn counts from twenty requests on, and a budget runs out."""
    assert value("Answered without", "good") == [-100.0] * 4
    assert value("How fast the error budget burns, last hour", "burn_github") == [0.0] * 4
    assert value("Error budget left", "left_github") == [-49900.0, -99900.0, -149900.0, -199900.0]
    assert value("Copies of each function", "limit_near") == [8.0] * 4
    assert value("Age of the oldest", "limit_dlq", "standard with all") == [48.0] * 4


def test_spend_is_the_spend_of_the_alarm() -> None:
    """The number on the dashboard and the alarm on it are one formula over the same metrics and prices."""
    alarms = resolve(load(ALARMS), {k: v for k, v in BOTH.items() if k != "AlarmArnPrefix"}, stack_name="hooks-Alarms")
    entries = alarms.resources["SpendRate"].properties["Metrics"]
    (formula,) = (entry["Expression"] for entry in entries if "Expression" in entry)
    widget = next(each for each in widgets("standard") if each["title"].startswith("Modelled spend"))
    (drawn,) = (options["expression"] for _, options in rows(widget) if options.get("id") == "spend")
    assert drawn == formula
    watched = {
        (item["Namespace"], item["MetricName"], frozenset((each["Name"], each["Value"]) for each in item["Dimensions"]))
        for item in (entry["MetricStat"]["Metric"] for entry in entries if "MetricStat" in entry)
    }
    assert watched == {
        (names[0], names[1], frozenset(zip(names[2::2], names[3::2], strict=True)))
        for names, _ in rows(widget)
        if names
    }
