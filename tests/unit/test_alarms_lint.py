import json
from pathlib import Path
from typing import Any

import pytest

from hookwatch.alarms.lint import RULES, lint_file, lint_template
from hookwatch.cfn import load_text

FIXTURES = Path(__file__).parents[1] / "alarms" / "fixtures"

PLANTED = {
    ("Syntax", "A001"),
    ("Kinds", "A002"),
    ("MoreThanN", "A003"),
    ("OddPeriod", "A004"),
    ("LongWindow", "A005"),
    ("TooManyMetrics", "A006"),
    ("WrongEnum", "A008"),
    ("BrokenRule", "A009"),
    ("Orphan", "A010"),
    ("CircleA", "A011"),
    ("CircleB", "A011"),
    ("HalfSuppressed", "A012"),
    ("RuleAlone", "A013"),
    ("RuleByRef", "A013"),
    ("PutEventsWithBus", "A013"),
    ("StrangeRuleAlone", "A014"),
    ("Misspelt", "A015"),
    ("NobodyToldAndNoRunbook", "A016"),
    ("NobodyToldAndNoRunbook", "A017"),
    ("LongDescription", "A018"),
    ("SilenceNeverFires", "A019"),
    ("FiresOnNothing", "A020"),
    ("FillSticks", "A021"),
    ("FillSticks", "A023"),
    ("Sticks", "A022"),
    ("Orphan", "A028"),
    ("Budget", "A026"),
    ("Budget", "A027"),
}

GOOD = {
    "AlarmDescription": "Runbook: https://example.com/a.md",
    "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:t"],
    "Namespace": "Shop",
    "MetricName": "Sold",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "DatapointsToAlarm": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1,
    "TreatMissingData": "notBreaching",
}


def rules(more: dict[str, Any] | None = None, **properties: Any) -> set[str]:
    """Lint one alarm, good but for the given properties, and return the rules it breaks."""
    merged = {key: value for key, value in {**GOOD, **properties}.items() if value is not None}
    resources = {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": merged}, **(more or {})}
    template = load_text(json.dumps({"Resources": resources}))
    return {finding.rule for finding in lint_template(template) if finding.logical_id == "A"}


def test_every_planted_fault_is_found_and_nothing_else():
    """The bad template gives exactly its planted faults, with file and line."""
    findings = lint_file(FIXTURES / "bad.yaml")
    assert not isinstance(findings, str)
    assert {(finding.logical_id, finding.rule) for finding in findings} == PLANTED
    assert all(finding.file.endswith("bad.yaml") and finding.line for finding in findings)
    syntax = next(finding for finding in findings if finding.rule == "A001")
    assert "column 9" in syntax.message


def test_a_good_template_is_clean():
    """The good fixture has no finding, at either level."""
    for level in ("full", "minimal"):
        assert lint_file(FIXTURES / "shop.yaml", {"Level": level}) == []


def test_a_good_alarm_is_clean():
    """The alarm that the other tests vary breaks no rule."""
    assert rules() == set()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"Period": 10, "Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent",
          "Dimensions": [{"Name": "QueueName", "Value": "q"}]}, {"A029"}),
        ({"AlarmActions": ["a"] * 6}, {"A025"}),
        ({"ActionsEnabled": False}, {"A016"}),
        ({"MetricName": "Errors", "TreatMissingData": None}, {"A022"}),
        ({"MetricName": "Errors", "TreatMissingData": "missing", "Statistic": "Maximum"}, set()),
        ({"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}, set()),
        ({"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "missing"}, {"A019"}),
        ({"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "missing",
          "InsufficientDataActions": ["a"]}, set()),
        ({"ComparisonOperator": "LessThanThreshold", "Statistic": "Average"}, set()),
        ({"Namespace": "AWS/Events", "MetricName": "IngestionToInvocationStartLatency"}, {"A015"}),
        ({"Namespace": "AWS/Events", "MetricName": "Nonsense"}, {"A015"}),
        ({"Namespace": "AWS/Lambda", "MetricName": "UrlRequestCount", "Dimensions": []}, {"A013"}),
        ({"Namespace": "AWS/Lambda", "MetricName": "UrlRequestCount",
          "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}, set()),
        ({"Namespace": "AWS/Lambda", "MetricName": "SomethingNew"}, set()),
        ({"Namespace": "AWS/Events", "MetricName": "FailedInvocations",
          "Dimensions": [{"Name": "RuleName", "Value": "r"}]}, set()),
    ],
)  # fmt: skip
def test_single_rules(properties, expected):
    """Each variation of a good alarm breaks just the rule that it should."""
    assert rules(**properties) == expected


RULE_ALARM = {"Namespace": "AWS/Events", "MetricName": "FailedInvocations"}


@pytest.mark.parametrize(
    ("bus", "dimensions", "expected"),
    [
        (None, {"RuleName": "r"}, set()),
        ("default", {"RuleName": "r"}, set()),
        ("hooks", {"RuleName": "r"}, {"A013"}),
        ("hooks", {"RuleName": "r", "EventBusName": "hooks"}, set()),
        ("hooks", {"RuleName": "r", "EventBusName": "other"}, {"A013"}),
        ("hooks", {"RuleName": "elsewhere"}, {"A014"}),
        ("hooks", {"EventBusName": "hooks"}, {"A013"}),
        ({"Fn::ImportValue": "bus"}, {"RuleName": "r"}, {"A014"}),
    ],
)
def test_rule_metrics_need_both_dimensions_on_a_custom_bus(bus, dimensions, expected):
    """RuleName alone is right on the default bus only."""
    rule = {"Name": "r", **({} if bus is None else {"EventBusName": bus})}
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    more = {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}
    assert rules(more, **RULE_ALARM, Dimensions=pairs) == expected


def test_a_bus_that_comes_as_a_parameter_is_a_warning():
    """Where the bus has no value yet, RuleName alone is doubted, not condemned."""
    template = {
        "Parameters": {"Bus": {"Type": "String"}},
        "Resources": {
            "Rule": {"Type": "AWS::Events::Rule", "Properties": {"Name": "r", "EventBusName": {"Ref": "Bus"}}},
            "A": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {**GOOD, **RULE_ALARM, "Dimensions": [{"Name": "RuleName", "Value": "r"}]},
            },
        },
    }
    assert {finding.rule for finding in lint_template(load_text(json.dumps(template)))} == {"A014"}


def test_children_of_an_acting_composite_need_no_action_and_no_runbook():
    """A child is silent by design when the composite above it acts; without such a composite it is not."""
    child = {"AlarmActions": None, "AlarmDescription": None, "AlarmName": "child"}
    parent = {"AlarmRule": "ALARM(child)", "AlarmActions": ["t"], "AlarmDescription": "https://example.com/x"}
    above = {"P": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": parent}}
    assert rules(above, **child) == set()
    mute = {"P": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {**parent, "ActionsEnabled": False}}}
    assert rules(mute, **child) == {"A016", "A017"}


def test_composites_may_name_alarms_that_came_as_parameters():
    """An alarm's name that is a parameter may live elsewhere."""
    template = {
        "Parameters": {"Other": {"Type": "String", "Default": "maintenance"}},
        "Resources": {
            "P": {
                "Type": "AWS::CloudWatch::CompositeAlarm",
                "Properties": {
                    "AlarmRule": {"Fn::Sub": "NOT ALARM(${Other})"},
                    "AlarmActions": ["t"],
                    "AlarmDescription": "https://example.com/x",
                },
            }
        },
    }
    assert lint_template(load_text(json.dumps(template))) == []


def test_a_daily_budget_has_no_forecast_and_every_notification_needs_somebody():
    """Budget mistakes that no schema shows are found."""
    budget = {
        "Budget": {"BudgetType": "COST", "TimeUnit": "DAILY"},
        "NotificationsWithSubscribers": [
            {"Notification": {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 0}}
        ],
    }
    template = {"Resources": {"B": {"Type": "AWS::Budgets::Budget", "Properties": budget}}}
    messages = [finding.message for finding in lint_template(load_text(json.dumps(template)))]
    assert [part for part in ("DAILY", "Threshold 0", "without Subscribers") if part in " ".join(messages)] == [
        "DAILY",
        "Threshold 0",
        "without Subscribers",
    ]


def test_an_absent_child_is_told_by_the_optional_part_of_a_rule():
    """An alarm that these parameters leave out is not untold if its composite names it as soon as it is there."""
    rule = {"Fn::Join": [" OR ", ["ALARM(base)", {"Fn::If": ["More", "ALARM(child)", {"Ref": "AWS::NoValue"}]}]]}
    told = {
        "AlarmRule": rule,
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:t"],
        "AlarmDescription": GOOD["AlarmDescription"],
    }
    alarms = {
        name: {"Type": "AWS::CloudWatch::Alarm", "Properties": {**GOOD, "AlarmName": name, "AlarmActions": []}}
        for name in ("base", "child")
    }
    template = {
        "Parameters": {"Level": {"Type": "String", "Default": "less"}},
        "Conditions": {"More": {"Fn::Equals": [{"Ref": "Level"}, "more"]}},
        "Resources": {
            "Base": alarms["base"],
            "Child": alarms["child"] | {"Condition": "More"},
            "Both": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": told},
        },
    }
    assert lint_template(load_text(json.dumps(template))) == []


def test_findings_in_nested_stacks_name_their_own_file(tmp_path):
    """A fault in a nested template carries Stack.Id and the nested file."""
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**GOOD, "Period": 45}}
    (tmp_path / "child.json").write_text(json.dumps({"Resources": {"A": alarm}}))
    (tmp_path / "top.yaml").write_text(
        "Resources: {Alarms: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.json}}}"
    )
    findings = lint_file(tmp_path / "top.yaml")
    assert not isinstance(findings, str)
    assert [(item.logical_id, Path(item.file).name, item.rule) for item in findings] == [
        ("Alarms.A", "child.json", "A004")
    ]


def test_a_template_that_cannot_be_read_is_a_sentence(tmp_path):
    """A missing file is no finding but a reason."""
    assert "no such file" in str(lint_file(tmp_path / "none.yaml"))


def test_rules_are_numbered_without_gaps():
    """Ids run from A001 on, each with a severity and a text."""
    assert list(RULES) == [f"A{number:03}" for number in range(1, len(RULES) + 1)]
