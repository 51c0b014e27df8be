from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.cfn import Stack
from hookwatch.sandbox.alarms_json import alarms_as_json
from hookwatch.sandbox.alarms_live import SETTLE_S, LiveAlarms
from hookwatch.sandbox.alarms_template import UnreadTemplate, read_stack
from hookwatch.sandbox.lambda_model import MetricPoint
from hookwatch.sandbox.metrics_series import SeriesStore

if TYPE_CHECKING:
    from pathlib import Path

START_S = 1_795_000_020
"""A whole minute."""

CHILD = """
Resources:
  Depth:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: depth
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{Name: QueueName, Value: !Ref QueueName}]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
Parameters:
  QueueName: {Type: String}
"""

PARENT = """
Parameters:
  Limit: {Type: Number, Default: 5}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: alarms}}
  Queue: {Type: AWS::SQS::Queue}
  Share:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: share
      AlarmDescription: '[P2] Too many. Impact: some. Runbook: https://example.com/share.md'
      Metrics:
        - {Id: share, Expression: 100 * bad / all}
        - {Id: bad, ReturnData: false, MetricStat: {Metric: {Namespace: N, MetricName: Bad}, Period: 60, Stat: Sum}}
        - {Id: all, ReturnData: false, MetricStat: {Metric: {Namespace: N, MetricName: All}, Period: 60, Stat: Sum}}
      EvaluationPeriods: 1
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
  Heartbeat:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: heartbeat
      Namespace: N
      MetricName: Heartbeat
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 3
      Threshold: 1
      ComparisonOperator: LessThanThreshold
      TreatMissingData: breaching
  Band:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: band
      Metrics:
        - {Id: m1, MetricStat: {Metric: {Namespace: N, MetricName: All}, Period: 60, Stat: Sum}}
        - {Id: band, Expression: 'ANOMALY_DETECTION_BAND(m1, 2)'}
      ThresholdMetricId: band
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanUpperThreshold
  Page:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmName: page
      AlarmDescription: '[P1] Something. Runbook: https://example.com/page.md'
      AlarmRule: !Sub ALARM("${Share}") OR ALARM("depth")
      AlarmActions: [!Ref Topic]
      OKActions: [!Ref Topic]
    DependsOn: Nested
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: child.yaml
      Parameters: {QueueName: !GetAtt Queue.QueueName}
"""


class Watched:
    """The alarms of the template above over a store, moved through time by hand."""

    def __init__(self, folder: Path, **given: str) -> None:
        (folder / "child.yaml").write_text(CHILD)
        (folder / "template.yaml").write_text(PARENT)
        self.store = SeriesStore()
        stack = read_stack(folder / "template.yaml", {"Unknown": "x", **given}, {"Queue": "hookwatch-Queue-4F7A"})
        assert isinstance(stack, Stack), stack
        self.live = LiveAlarms(stack, self.store, START_S)

    def point(self, name: str, value: float, at_s: float, namespace: str = "N", **dimensions: str) -> None:
        """Store a data point."""
        self.store.add(
            MetricPoint(
                namespace=namespace, name=name, dimensions=dimensions, unit="Count", value=value, time_s=START_S + at_s
            )
        )

    def at(self, after_s: float) -> dict[str, Any]:
        """Let time pass; return every alarm as the API shows it."""
        self.live.step(START_S + after_s + SETTLE_S)
        return {alarm["logical_id"]: alarm for alarm in alarms_as_json(self.live)}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """The alarms at their start."""
    return Watched(tmp_path)


def test_every_alarm_of_the_template_is_there(watched: Watched) -> None:
    """Math alarms, composites and nested ones too, in template order; they begin without data."""
    alarms = watched.at(0)
    assert {key: (alarm["type"], alarm["state"]) for key, alarm in alarms.items()} == {
        "Share": ("metric", "INSUFFICIENT_DATA"),
        "Heartbeat": ("metric", "INSUFFICIENT_DATA"),
        "Band": ("metric", "INSUFFICIENT_DATA"),
        "Page": ("composite", "INSUFFICIENT_DATA"),
        "Nested.Depth": ("metric", "INSUFFICIENT_DATA"),
    }
    assert "not ended" in alarms["Share"]["reason"]


def test_a_math_alarm_and_the_composite_above_it_fire_and_recover(watched: Watched) -> None:
    """State, reason, since, datapoints and the actions that would have been taken."""
    for minute, bad in enumerate((0, 9, 0)):
        watched.point("All", 100, 60 * minute + 5)
        watched.point("Bad", bad, 60 * minute + 5)
    assert watched.at(60)["Page"]["state"] == "OK"
    alarms = watched.at(120)
    assert alarms["Share"]["state"] == alarms["Page"]["state"] == "ALARM"
    assert alarms["Share"]["since"] == "2026-11-18T11:09:00.000Z"
    assert alarms["Share"]["severity"] == "P2"
    assert alarms["Share"]["runbook"] == "https://example.com/share.md"
    assert "over 5" in alarms["Share"]["reason"]
    assert alarms["Share"]["datapoints"][-1] == {
        "time": "2026-11-18T11:08:00.000Z",
        "value": 9.0,
        "breaching": True,
        "used": True,
    }
    assert alarms["Page"]["reason"] == "Share is ALARM"
    assert alarms["Page"]["children"] == {"Share": "ALARM", "Nested.Depth": "OK"}
    recovered = watched.at(180)["Page"]
    assert recovered["state"] == "OK"
    arn = "arn:aws:sns:us-east-1:123456789012:alarms"
    assert [(action["state"], action["action"]) for action in recovered["actions"]] == [
        ("OK", arn),
        ("ALARM", arn),
        ("OK", arn),
    ]


def test_time_alone_changes_states(watched: Watched) -> None:
    """Nothing arrives any more, and an alarm on silence fires, once the last sign of life is out of its sight."""
    watched.point("Heartbeat", 1, 5)
    assert watched.at(60)["Heartbeat"]["state"] == "OK"
    assert watched.at(300)["Heartbeat"]["state"] == "OK"
    assert watched.at(360)["Heartbeat"]["state"] == "ALARM"


def test_a_point_that_comes_with_the_end_of_its_delivery_is_not_too_late(watched: Watched) -> None:
    """An alarm is judged some seconds after its period: what began in it and has just ended still counts."""
    watched.live.step(START_S + 60 + SETTLE_S - 1)
    watched.point("All", 100, 59)
    watched.point("Bad", 100, 59)
    assert watched.at(60)["Share"]["state"] == "ALARM"


def test_nested_alarms_see_the_deployed_names(watched: Watched) -> None:
    """A queue without a name of its own is the one that the deploy made, through parameters of nested stacks too."""
    watched.point("ApproximateNumberOfMessagesVisible", 3, 5, "AWS/SQS", QueueName="hookwatch-Queue-4F7A")
    assert watched.at(60)["Nested.Depth"]["state"] == "ALARM"


def test_parameters_are_those_of_the_deploy(tmp_path: Path) -> None:
    """A threshold that comes from a parameter is the given one."""
    watched = Watched(tmp_path, Limit="50")
    watched.point("All", 100, 5)
    watched.point("Bad", 9, 5)
    assert watched.at(60)["Share"]["state"] == "OK"


def test_an_alarm_that_cannot_be_simulated_says_so(watched: Watched) -> None:
    """An anomaly band is shown without a verdict, and with the reason."""
    band = watched.at(60)["Band"]
    assert band["simulated"] is False
    assert (band["state"], band["since"]) == ("INSUFFICIENT_DATA", None)
    assert "anomaly" in band["reason"]


def test_a_template_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """The sandbox goes on without alarms, and says why."""
    path = tmp_path / "template.yaml"
    path.write_text("Resources: [")
    stack = read_stack(path, {}, {})
    assert isinstance(stack, UnreadTemplate)
    live = LiveAlarms(stack, SeriesStore(), START_S)
    assert "cannot be read" in live.problem
    assert list(live.step(START_S + 600)) == []
    assert alarms_as_json(live) == []


def test_the_answer_is_json_all_through(watched: Watched) -> None:
    """Every value of every alarm can be written as JSON."""
    assert json.loads(json.dumps(alarms_as_json(watched.live)))
