import json
from typing import Any

import pytest

from hookwatch.alarms import AlarmDefinition, MissingData, Unjudgeable, read_alarms
from hookwatch.cfn import load_text, resolve

PLAIN = {
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Sum",
    "Period": "60",
    "EvaluationPeriods": "3",
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": "1.5",
}


def stat(identity: str, *, returns: bool = False, period_s: int = 60) -> dict[str, Any]:
    """Return one MetricStat entry."""
    metric = {"Namespace": "N", "MetricName": identity}
    return {"Id": identity, "ReturnData": returns, "MetricStat": {"Stat": "Sum", "Period": period_s, "Metric": metric}}


def read(properties: dict[str, Any], *, without: tuple[str, ...] = ()) -> Any:
    """Read one alarm."""
    kept = {key: value for key, value in {**PLAIN, **properties}.items() if key not in without}
    template = {"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": kept}}}
    return read_alarms(resolve(load_text(json.dumps(template)))).alarms["A"]


def read_math(entries: list[dict[str, Any]], **more: Any) -> Any:
    """Read one alarm on a Metrics list."""
    return read({"Metrics": entries, **more}, without=("Namespace", "MetricName", "Statistic", "Period"))


def test_numbers_may_be_texts():
    """CloudFormation takes "60" for 60, and so do we; M is N when it is left out."""
    alarm = read({})
    assert isinstance(alarm, AlarmDefinition)
    assert (alarm.period_s, alarm.threshold, alarm.window.datapoints_to_alarm) == (60, 1.5, 3)
    assert alarm.missing is MissingData.MISSING


def test_dynamodb_alarms_ignore_missing_data_by_default():
    """On AWS/DynamoDB the default treatment is ignore."""
    alarm = read({"Namespace": "AWS/DynamoDB"})
    assert alarm.missing is MissingData.IGNORE


@pytest.mark.parametrize(
    ("properties", "without", "rule", "message"),
    [
        ({"DatapointsToAlarm": 4}, (), "A003", "DatapointsToAlarm 4 is more than EvaluationPeriods 3"),
        ({"Period": 45}, (), "A004", "Period 45"),
        ({"Period": 300, "EvaluationPeriods": 289}, (), "A005", "86,400"),
        ({"Period": 3600, "EvaluationPeriods": 169}, (), "A005", "604,800"),
        ({"ComparisonOperator": ">"}, (), "A008", "ComparisonOperator '>'"),
        ({"TreatMissingData": "no"}, (), "A008", "TreatMissingData 'no'"),
        ({"WarmUpConfiguration": {}}, (), "A008", "WarmUpConfiguration, WarmUpPeriodDurationInMinutes is missing"),
        ({"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 2881}}, (), "A008", "2881 is more than 2,880"),
        ({"Statistic": "p99"}, (), "A008", "Statistic 'p99'"),
        ({"ExtendedStatistic": "p101"}, ("Statistic",), "A008", "p101"),
        ({"ExtendedStatistic": "p99"}, (), "A007", "Statistic and ExtendedStatistic"),
        ({}, ("Threshold",), "A008", "Threshold is missing"),
        ({"Threshold": "many"}, (), "A008", "Threshold 'many' is no number"),
        ({"EvaluationPeriods": 1.5}, (), "A008", "whole number"),
        ({"Metrics": [stat("m1", returns=True)]}, (), "A007", "MetricName and Metrics"),
        ({"Threshold": {"Fn::ImportValue": "t"}}, (), "A031", "Threshold is unresolved"),
        ({"Dimensions": [{"Name": "d", "Value": {"Ref": "X"}}]}, (), "A031", "dimension d: Value is unresolved"),
    ],
)
def test_what_cloudwatch_would_refuse_is_not_judged(properties, without, rule, message):
    """A fault of a plain alarm is named with its lint rule, and the alarm is not judged."""
    alarm = read(properties, without=without)
    assert isinstance(alarm, Unjudgeable)
    assert (rule, True) in {(fault.rule, message in fault.message) for fault in alarm.faults}


@pytest.mark.parametrize(
    ("entries", "rule", "message"),
    [
        ([{"Id": "e", "Expression": "SUM((("}], "A001", "column 7"),
        ([{"Id": "e", "Expression": "m9 + 1"}], "A002", "m9"),
        ([{"Id": "e", "Expression": "AVG(m1)"}, stat("m1")], "A002", "gives a number"),
        ([{"Id": "e", "Expression": "[m1]"}, stat("m1")], "A002", "gives an array"),
        ([stat("m1"), stat("m2")], "A007", "here it is none"),
        ([stat("m1", returns=True), stat("m2", returns=True)], "A007", "here it is 2 (m1, m2)"),
        ([{"Id": "e", "Expression": "m1 + m2"}, stat("m1"), stat("m2", period_s=300)], "A007", "same Period"),
        ([stat("M1", returns=True)], "A007", "lower-case"),
        ([stat("m1", returns=True), stat("m1")], "A007", "twice"),
        ([{"Id": "m1"}], "A007", "neither"),
        ([{"Id": "e", "Expression": "SUM(METRICS())"}, *[stat(f"m{i}") for i in range(11)]], "A006", "11 metrics"),
        ([{"Id": "e", "Expression": "SEARCH('x', 'Sum')"}], "A030", "not simulated"),
    ],
)
def test_a_metrics_list_that_cloudwatch_would_refuse(entries, rule, message):
    """A fault in a Metrics list is named with its lint rule."""
    alarm = read_math(entries)
    assert isinstance(alarm, Unjudgeable)
    assert (rule, True) in {(fault.rule, message in fault.message) for fault in alarm.faults}


def test_an_expression_may_read_another():
    """An alarm on an expression over an expression reads every metric below it."""
    alarm = read_math(
        [
            {"Id": "share", "Expression": "100 * bad / total"},
            {"Id": "bad", "Expression": "m1 + m2", "ReturnData": False},
            stat("total"),
            stat("m1"),
            stat("m2"),
        ]
    )
    assert isinstance(alarm, AlarmDefinition)
    assert sorted(query.id for query in alarm.inputs) == ["m1", "m2", "total"]


def test_anomaly_bands_are_not_simulated():
    """A band is reported as not simulated, and not as a fault of the template."""
    alarm = read_math(
        [stat("m1", returns=True), {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}],
        ThresholdMetricId="b",
        ComparisonOperator="GreaterThanUpperThreshold",
    )
    assert isinstance(alarm, Unjudgeable)
    assert [fault.rule for fault in alarm.faults if fault.simulated] == ["A008"]  # PLAIN's Threshold stands beside it
    assert "not simulated" in alarm.why


def test_alarms_are_found_by_id_name_and_tail():
    """An alarm is found by qualified id, by physical name, or by a logical id that is unique."""
    catalogue = read_alarms(
        resolve(
            load_text(
                json.dumps(
                    {
                        "Resources": {
                            "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {**PLAIN, "AlarmName": "shop-a"}},
                            "B": {"Type": "AWS::CloudWatch::Alarm", "Properties": PLAIN},
                        }
                    }
                )
            )
        )
    )
    assert catalogue.find("A") is catalogue.find("shop-a")
    assert catalogue.find("hookwatch-B") is catalogue.alarms["B"]
    assert catalogue.find("C") is None
