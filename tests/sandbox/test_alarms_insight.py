"""Contributor Insights rules, computed from log lines, and the alarms on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.alarms import INSIGHT_NAMESPACE
from hookwatch.cfn import load_text, resolve
from hookwatch.sandbox.alarms_json import alarms_as_json
from hookwatch.sandbox.alarms_live import SETTLE_S, LiveAlarms
from hookwatch.sandbox.insight_rule import InsightRule, UnreadRule, read_rule
from hookwatch.sandbox.insight_store import InsightStore
from hookwatch.sandbox.metrics_series import SeriesStore

if TYPE_CHECKING:
    from hookwatch.cfn import Stack

START_S = 1_795_000_200
"""A multiple of five minutes."""


def body(**contribution: Any) -> str:
    """A rule's body; `aggregate`, `format` and `groups` are the document's own."""
    return json.dumps(
        {
            "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
            "LogGroupNames": contribution.pop("groups", ["/aws/lambda/f"]),
            "LogFormat": contribution.pop("format", "JSON"),
            "AggregateOn": contribution.pop("aggregate", "Count"),
            "Contribution": {"Keys": ["$.subject"], **contribution},
        }
    )


def rule(**contribution: Any) -> InsightRule:
    """A rule that can be read."""
    found = read_rule("top", body(**contribution))
    assert isinstance(found, InsightRule), found
    return found


@pytest.mark.parametrize(
    ("check", "counts"),
    [
        ({"In": ["a", "b"]}, {"a"}),
        ({"NotIn": ["a"]}, {"ab", 5, 7}),
        ({"StartsWith": ["a"]}, {"a", "ab"}),
        ({"GreaterThan": 5}, {7}),
        ({"LessThan": 7}, {5}),
        ({"EqualTo": 5}, {5}),
        ({"NotEqualTo": 5}, {7}),
        ({"IsPresent": True}, {"a", "ab", 5, 7}),
        ({"IsPresent": False}, {None}),
    ],
)
def test_filters_choose_lines(check: dict[str, Any], counts: set[object]) -> None:
    """Each operator lets through what it should; None stands for a line without the field."""
    chosen = rule(Filters=[{"Match": "$.x.y", **check}])
    lines = {
        value: {"subject": "s", **({} if value is None else {"x": {"y": value}})} for value in ("a", "ab", 5, 7, None)
    }
    assert {value for value, line in lines.items() if chosen.contribution(line)} == counts


def test_a_line_without_a_key_or_a_number_does_not_count() -> None:
    """All keys must be there; a sum needs a number, and a flag is none."""
    assert rule().contribution({"other": 1}) is None
    total = rule(aggregate="Sum", ValueOf="$.bytes")
    assert total.contribution({"subject": "s", "bytes": True}) is None
    found = total.contribution({"subject": "s", "bytes": 7})
    assert found is not None
    assert (found.contributor, found.value) == (("s",), 7.0)


def test_groups_are_named_or_begun() -> None:
    """A star at the end stands for any rest."""
    assert rule().reads("/aws/lambda/f")
    assert not rule().reads("/aws/lambda/f2")
    assert rule(groups=["/aws/*"]).reads("/aws/lambda/f2")


@pytest.mark.parametrize(
    "broken", [None, "", "[]", "{}", body(format="CLF"), body(Filters=[{"Match": "$.x"}]), body(Keys=7)]
)
def test_a_rule_that_cannot_be_read_is_a_sentence(broken: Any) -> None:
    """Nothing raises, and nothing is guessed."""
    found = read_rule("top", broken)
    assert isinstance(found, UnreadRule)
    assert found.reason


def stack(rule_body: str) -> Stack:
    """A rule and an alarm on its largest contributor."""
    return resolve(
        load_text(
            json.dumps(
                {
                    "Resources": {
                        "Top": {
                            "Type": "AWS::CloudWatch::InsightRule",
                            "Properties": {"RuleName": "top", "RuleState": "ENABLED", "RuleBody": rule_body},
                        },
                        "Dominates": {
                            "Type": "AWS::CloudWatch::Alarm",
                            "Properties": {
                                "AlarmName": "dominates",
                                "Metrics": [
                                    {
                                        "Id": "top",
                                        "Period": 300,
                                        "Expression": "INSIGHT_RULE_METRIC('top', 'MaxContributorValue')",
                                    }
                                ],
                                "EvaluationPeriods": 1,
                                "Threshold": 2,
                                "ComparisonOperator": "GreaterThanThreshold",
                                "TreatMissingData": "notBreaching",
                            },
                        },
                    }
                }
            )
        )
    )


def test_lines_become_the_metrics_of_the_rule() -> None:
    """Minutes are put together to the asked period; contributors are told apart."""
    store = InsightStore(SeriesStore())
    store.watch(stack(body()))
    for at_s, subject in ((0, "a"), (70, "a"), (80, "b"), (300, "b")):
        store.add("/aws/lambda/f", {"subject": subject}, START_S + at_s)
    store.add("/aws/lambda/other", {"subject": "a"}, START_S)

    def asked(name: str) -> list[float]:
        question = (INSIGHT_NAMESPACE, name, {"RuleName": "top"}, "Maximum", 300, START_S, START_S + 600, None)
        return [value for _, value in store.query(*question)]

    assert asked("MaxContributorValue") == [2, 1]
    assert asked("UniqueContributors") == [2, 1]
    assert asked("SampleCount") == asked("Sum") == [3, 1]
    assert asked("Average") == asked("Minimum") == asked("Maximum") == [1, 1]
    assert asked("Median") == []


@pytest.mark.parametrize(("subjects", "state"), [("aaab", "ALARM"), ("abab", "OK")])
def test_an_alarm_on_a_contributor_sees_who_dominates(subjects: str, state: str) -> None:
    """Three deliveries of one subject raise it, four of two do not."""
    whole = stack(body())
    store = InsightStore(SeriesStore())
    store.watch(whole)
    live = LiveAlarms(whole, store, START_S)
    for subject in subjects:
        store.add("/aws/lambda/f", {"subject": subject}, START_S + 10)
    live.step(START_S + 300 + SETTLE_S)
    assert [alarm["state"] for alarm in alarms_as_json(live)] == [state]


def test_an_alarm_on_a_rule_that_is_not_computed_says_so() -> None:
    """Silence would look like health."""
    whole = stack(body(format="CLF"))
    store = InsightStore(SeriesStore())
    store.watch(whole)
    (alarm,) = alarms_as_json(LiveAlarms(whole, store, START_S, unread=store.unread))
    assert alarm["simulated"] is False
    assert "JSON log lines" in alarm["reason"]
