"""Rules of a template: where patterns are found, and what is said of those that cannot be known."""

from __future__ import annotations

import json
from typing import Any

from hookwatch.cfn import load_text, resolve
from hookwatch.patterns.judgement import Subject, Verdict, judge
from hookwatch.patterns.rules import TemplateRule, find_rules

PATTERN = {"source": ["github.com"]}


def rules(resources: dict[str, Any], **parameters: dict[str, str]) -> dict[str, TemplateRule]:
    """Find the rules of a template with these resources."""
    document = {"Parameters": {name: {"Type": "String", **more} for name, more in parameters.items()}}
    stack = resolve(load_text(json.dumps(document | {"Resources": resources})))
    return {rule.name: rule for rule in find_rules(stack)}


def test_a_rule_of_a_bus() -> None:
    """An AWS::Events::Rule gives its pattern, its bus, its names and whether it is on."""
    properties = {"EventPattern": PATTERN, "Name": "on-push", "EventBusName": "mine", "State": "DISABLED"}
    found = rules({"OnPush": {"Type": "AWS::Events::Rule", "Properties": properties}})["OnPush"]
    assert json.loads(found.patterns[0].text or "") == PATTERN
    assert (found.bus, found.enabled, found.patterns[0].pointer) == ("mine", False, "/EventPattern")
    assert found.is_called("OnPush")
    assert found.is_called("on-push")
    assert not found.is_called("other")


def test_a_pattern_as_text_is_kept_as_text() -> None:
    """A pattern written as a JSON string keeps its literals."""
    text = '{"a":[1e400]}'
    found = rules({"R": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": text}}})["R"]
    assert found.patterns[0].text == text


def test_a_schedule_is_no_rule_of_ours() -> None:
    """A rule with a schedule only selects no events and is left out."""
    assert rules({"R": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)"}}}) == {}


def test_events_of_sam_functions_and_state_machines() -> None:
    """SAM's EventBridgeRule and CloudWatchEvent are rules under Function.Event and SAM's generated id."""
    events = {
        "Push": {"Type": "EventBridgeRule", "Properties": {"Pattern": PATTERN, "RuleName": "push-rule"}},
        "Old": {"Type": "CloudWatchEvent", "Properties": {"Pattern": PATTERN, "State": "DISABLED"}},
        "Tick": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}},
        "Odd": "nothing",
    }
    found = rules(
        {
            "Fn": {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}},
            "Sm": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Events": {"Push": events["Push"]}}},
            "No": {"Type": "AWS::Serverless::Function", "Properties": {}},
        }
    )
    assert list(found) == ["Fn.Push", "Fn.Old", "Sm.Push"]
    assert found["Fn.Push"].is_called("FnPush")
    assert found["Fn.Push"].is_called("push-rule")
    assert not found["Fn.Old"].enabled


def test_a_subscriber_needs_every_filter() -> None:
    """A subscriber of the newer bus matches only if all its filters do, and everything if it has none."""
    filters = [{"Scope": "DATA", "Pattern": json.dumps(PATTERN)}, {"Scope": "DATA", "Pattern": '{"x":["y"]}'}]
    found = rules(
        {
            "Sub": {"Type": "AWS::EventsV2::Subscriber", "Properties": {"FilterConfiguration": {"Filters": filters}}},
            "All": {"Type": "AWS::EventsV2::Subscriber", "Properties": {}},
        }
    )
    subject = Subject.of(found["Sub"], "t.yaml")
    assert judge(subject, "e", '{"source":"github.com"}').verdict is Verdict.NO_MATCH
    assert judge(subject, "e", '{"source":"github.com","x":"y"}').verdict is Verdict.MATCH
    assert judge(Subject.of(found["All"], "t.yaml"), "e", "{}").verdict is Verdict.MATCH


def test_a_filter_on_metadata_is_not_judged() -> None:
    """A filter whose scope is not the event's data cannot be judged from an event."""
    filters = [{"Scope": "METADATA", "Pattern": "{}"}]
    properties = {"FilterConfiguration": {"Filters": filters}}
    found = rules({"Sub": {"Type": "AWS::EventsV2::Subscriber", "Properties": properties}})["Sub"]
    assert "METADATA" in (found.patterns[0].not_judged or "")


def test_a_pipe_needs_one_filter() -> None:
    """A pipe lets a record through if any of its filters matches; a pipe without filters is no rule."""
    filters = [{"Pattern": '{"body":{"a":[1]}}'}, {"Pattern": '{"body":{"a":[2]}}'}]
    properties = {"SourceParameters": {"FilterCriteria": {"Filters": filters}}}
    found = rules(
        {
            "Pipe": {"Type": "AWS::Pipes::Pipe", "Properties": properties},
            "Plain": {"Type": "AWS::Pipes::Pipe", "Properties": {}},
        }
    )
    assert list(found) == ["Pipe"]
    subject = Subject.of(found["Pipe"], "t.yaml")
    assert judge(subject, "e", '{"body":{"a":2}}').verdict is Verdict.MATCH
    assert judge(subject, "e", '{"body":{"a":3}}').verdict is Verdict.NO_MATCH


def test_what_the_template_does_not_tell_is_not_judged() -> None:
    """A pattern with a parameter that has no value is listed as not judged, with the parameter's name."""
    pattern = {"detail": {"sender": [{"anything-but": {"Ref": "Bot"}}]}}
    found = rules({"R": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}}, Bot={})["R"]
    assert "Bot" in (found.patterns[0].not_judged or "")
    judgement = judge(Subject.of(found, "t.yaml"), "e", "{}")
    assert judgement.verdict is Verdict.NOT_JUDGED
    assert not judgement.ok


def test_parameters_are_filled_in() -> None:
    """A parameter with a default takes part in the pattern."""
    pattern = {"detail": {"sender": [{"Ref": "Bot"}]}}
    resources = {"R": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}}
    assert '"acme"' in (rules(resources, Bot={"Default": "acme"})["R"].patterns[0].text or "")


def test_a_pattern_of_the_wrong_type_is_invalid() -> None:
    """A list where the pattern should be is judged, and refused as EventBridge would."""
    found = rules({"R": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": ["x"]}}})["R"]
    judgement = judge(Subject.of(found, "t.yaml"), "e", "{}")
    assert (judgement.verdict, judgement.reason) == (Verdict.INVALID_PATTERN, "Filter is not an object")


def test_a_missing_pattern_is_said() -> None:
    """A SAM event without a pattern is listed as not judged."""
    properties = {"Events": {"Push": {"Type": "EventBridgeRule", "Properties": {}}}}
    found = rules({"Fn": {"Type": "AWS::Serverless::Function", "Properties": properties}})["Fn.Push"]
    assert found.patterns[0].not_judged == "there is no pattern"
