"""Rules on a bus of its own, and an EventBridge that does not answer: with a client written by hand."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from hookwatch.sandbox.aws_metrics_rules import RuleMeter
from hookwatch.sandbox.clock import Clock
from hookwatch.sandbox.faults import FaultTable

EVENT = '{"source": "s", "detail-type": "t", "detail": {}}'


class FakeEvents:
    """EventBridge with one rule a page."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        self.rules = rules
        self.broken = False

    def list_rules(self, *, EventBusName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803 - boto3's names
        if self.broken:
            raise ClientError({"Error": {"Code": "InternalFailure"}}, "ListRules")
        assert EventBusName == "bus"
        at = int(NextToken)
        more = {"NextToken": str(at + 1)} if at + 1 < len(self.rules) else {}
        return {"Rules": [{"State": "ENABLED", **self.rules[at]}], **more}

    def list_targets_by_rule(self, *, Rule: str, EventBusName: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"Targets": [{"Id": "1", "Arn": "no arn"}] if Rule == "lost" else []}


class FakeClients:
    """Gives the one client."""

    def __init__(self, events: FakeEvents) -> None:
        self.events = events

    def __call__(self, service: str) -> FakeEvents:
        assert service == "events"
        return self.events


def meter(events: FakeEvents) -> RuleMeter:
    """A meter over the fake."""
    return RuleMeter(FakeClients(events), "own", FaultTable(), Clock())  # type: ignore[arg-type] # the fake has what is used of Clients


def counts(found: list[Any], **dimensions: str) -> dict[str, float]:
    """The values of the points with exactly these dimensions."""
    return {point.name: point.value for point in found if dict(point.dimensions) == dimensions}


def test_a_rule_on_another_bus_has_both_dimensions() -> None:
    """EventBusName and RuleName, never RuleName alone; every page of the list is read."""
    pattern = '{"source": ["s"]}'
    events = FakeEvents(
        {"Name": "a", "EventPattern": pattern},
        {"Name": "own", "EventPattern": pattern},
        {"Name": "tick"},
        {"Name": "lost", "EventPattern": pattern},
        {"Name": "bad", "EventPattern": '{"source": []}'},
    )
    found = meter(events).measure("bus", EVENT)
    bus = counts(found, EventBusName="bus")
    assert (bus["MatchedEvents"], bus["TriggeredRules"], bus["InvocationAttempts"]) == (1, 1, 1)
    assert "FailedInvocations" not in bus  # AWS has it for rules only
    assert counts(found, EventBusName="bus", RuleName="a") == {"MatchedEvents": 1, "TriggeredRules": 1}
    assert counts(found, EventBusName="bus", RuleName="lost")["FailedInvocations"] == 1
    assert {point.dimensions.get("RuleName") for point in found} == {None, "a", "lost"}


def test_an_event_that_no_rule_takes_leaves_nothing() -> None:
    """No zeros are sent, and what is no event at all matches nothing."""
    events = FakeEvents({"Name": "a", "EventPattern": '{"source": ["other"]}'})
    assert meter(events).measure("bus", EVENT) == []
    assert meter(events).measure("bus", "no event") == []


def test_without_an_answer_nothing_is_lost_but_the_count() -> None:
    """The tap goes on reading when the list of rules cannot be had."""
    events = FakeEvents({"Name": "a", "EventPattern": '{"source": ["s"]}'})
    events.broken = True
    assert meter(events).measure("bus", EVENT) == []
