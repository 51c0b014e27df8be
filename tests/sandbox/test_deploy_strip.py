from __future__ import annotations

from typing import Any

from hookwatch.sandbox.deploy_strip import METRIC_MATH, refused_types, strip

TOPIC = {"Type": "AWS::SNS::Topic"}


def template(**resources: Any) -> dict[str, Any]:
    """A template of these resources."""
    return {"Resources": resources}


def test_what_the_emulator_cannot_hold_is_left_out_with_a_reason() -> None:
    """A composite alarm and an alarm on metric math go; a plain alarm stays."""
    result = strip(
        template(
            Topic=TOPIC,
            Composite={"Type": "AWS::CloudWatch::CompositeAlarm"},
            Math={"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": []}},
            Plain={"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "x"}},
        )
    )
    assert sorted(result.template["Resources"]) == ["Plain", "Topic"]
    assert [(item.logical_id, item.type) for item in result.stripped] == [
        ("Composite", "AWS::CloudWatch::CompositeAlarm"),
        ("Math", "AWS::CloudWatch::Alarm"),
    ]
    assert result.stripped[1].reason == METRIC_MATH


def test_references_to_what_was_left_out_become_readable_placeholders() -> None:
    """Ref, GetAtt in both forms, Sub in both forms, DependsOn and outputs no longer dangle."""
    dashboard = {
        "Type": "AWS::CloudWatch::Dashboard",
        "DependsOn": ["Gone", "Topic"],
        "Properties": {
            "A": {"Ref": "Gone"},
            "B": {"Fn::GetAtt": ["Gone", "Arn"]},
            "C": {"Fn::GetAtt": "Gone.Arn"},
            "D": {"Fn::Sub": "x ${Gone} ${Gone.Arn} ${Topic} ${!Gone}"},
            "E": [{"Fn::Sub": ["${Gone} ${Other}", {"Gone": {"Ref": "Topic"}, "Other": {"Ref": "Gone"}}]}],
            "F": {"Ref": "Topic"},
        },
    }
    source = template(Topic=TOPIC, Gone={"Type": "AWS::Budgets::Budget"}, Dashboard=dashboard)
    source["Outputs"] = {"Out": {"Value": {"Ref": "Gone"}}}
    result = strip(source)
    left = result.template["Resources"]["Dashboard"]
    assert left["DependsOn"] == ["Topic"]
    assert left["Properties"] == {
        "A": "stripped-Gone",
        "B": "stripped-Gone.Arn",
        "C": "stripped-Gone.Arn",
        "D": {"Fn::Sub": "x stripped-Gone stripped-Gone.Arn ${Topic} ${!Gone}"},
        "E": [{"Fn::Sub": ["${Gone} ${Other}", {"Gone": {"Ref": "Topic"}, "Other": "stripped-Gone"}]}],
        "F": {"Ref": "Topic"},
    }
    assert result.template["Outputs"] == {"Out": {"Value": "stripped-Gone"}}


def test_a_template_without_such_resources_is_unchanged() -> None:
    """Nothing is stripped, and nothing else is touched."""
    source = {**template(Topic={**TOPIC, "DependsOn": "X", "Condition": "C"}, X=TOPIC), "Outputs": {"O": {"Value": 1}}}
    result = strip(source)
    assert (result.template, result.stripped) == (source, [])


def test_types_that_the_emulator_names_in_its_refusal_are_found() -> None:
    """The list in its error message is read; another message has none."""
    message = "Template format error: Unrecognized resource types: [AWS::A::B, AWS::C::D]"
    assert list(refused_types(message)) == ["AWS::A::B", "AWS::C::D"]
    assert refused_types("Parameter X has no value") == {}
    found = strip(template(T=TOPIC, N={"Type": "AWS::A::B"}), refused_types(message))
    assert [item.logical_id for item in found.stripped] == ["N"]
