"""A live bus is read by three read-only calls, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.patterns.lint.run import lint
from hookwatch.patterns.loops.live import LiveError, read_bus

BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/orders"


class FakeEvents:
    """One bus with rules on two pages; counts nothing, remembers what it was asked."""

    def __init__(self, *, policy: str | None = None, broken: str = "") -> None:
        self.policy, self.broken = policy, broken
        self.asked: list[str] = []

    def _say(self, call: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(call)
        if call == self.broken:
            raise RuntimeError("AccessDeniedException: not allowed")
        return answer

    def describe_event_bus(self, **arguments: Any) -> Any:
        return self._say("describe", {"Name": arguments["Name"], "Arn": BUS, "Policy": self.policy})

    def list_rules(self, **arguments: Any) -> Any:
        pattern = json.dumps({"source": ["acme.shop"], "detail-type": ["Order placed"]})
        first = {"Name": "self", "EventBusName": "orders", "EventPattern": pattern, "State": "ENABLED"}
        off = {"Name": "off", "EventBusName": "orders", "EventPattern": "{}", "State": "DISABLED"}
        off["Description"] = "hookwatch:ignore P012 (one account)"
        schedule = {"Name": "nightly", "ScheduleExpression": "rate(1 day)"}
        if "NextToken" in arguments:
            return self._say("rules", {"Rules": [off, schedule]})
        return self._say("rules", {"Rules": [first], "NextToken": "more"})

    def list_targets_by_rule(self, **arguments: Any) -> Any:
        targets = [{"Id": "bus", "Arn": BUS}] if arguments["Rule"] == "self" else []
        return self._say("targets", {"Targets": targets})


def test_every_page_is_read_and_a_loop_is_found():
    """All rules with a pattern are read; the one that sends to its own bus is a loop, with the account as a fix."""
    client = FakeEvents()
    site = read_bus(client, "orders")
    assert [rule.name for rule in site.rules] == ["self", "off"]
    assert client.asked.count("rules") == 2
    linted = lint(site)
    found = {(one.rule.name, one.found.id): one for one in linted.findings}
    assert ("self", "P030") in found
    assert ("off", "P001") in found
    assert found["self", "P012"].found.patch[0]["value"] == ["111122223333"]
    assert found["self", "P012"].rule.place.file == "bus orders"


def test_a_bus_with_a_policy_is_shared():
    """Account and region are asked for as a warning where a policy lets others put events."""
    linted = lint(read_bus(FakeEvents(policy="{}"), "orders"))
    assert {one.severity for one in linted.findings if one.found.id == "P012"} == {"warning"}


@pytest.mark.parametrize("call", ["describe", "rules", "targets"])
def test_a_call_that_fails_is_said(call: str):
    """What AWS refuses becomes one error that names the call."""
    with pytest.raises(LiveError, match="AccessDenied"):
        read_bus(FakeEvents(broken=call), "orders")
