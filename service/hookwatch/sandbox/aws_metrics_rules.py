"""AWS/Events data points of rules: what matched each event that really was on a bus.

Never publishes and never invokes. The emulator invokes targets without counting, so each event that the tap received is
matched once more, by `hookwatch.patterns`, against the rules as they are deployed at that moment. Names and dimensions:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-22. A rule on the default bus
has RuleName alone, a rule on another bus has EventBusName and RuleName. Blocking: call it in a thread.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.patterns import InvalidEvent, InvalidPattern, Pattern, compile_pattern
from hookwatch.sandbox.aws_metrics_targets import TargetCheck
from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.deploy_clients import Clients

NAMESPACE = "AWS/Events"
FRESH_S = 1.0
"""How long the list of rules is believed, in real seconds."""

DEFAULT_BUS = "default"


@dataclass(frozen=True, slots=True)
class LiveRule:
    """One enabled rule with a pattern: its compiled pattern (None where it is not valid) and its targets' ARNs."""

    name: str
    pattern: Pattern | None
    targets: tuple[str, ...]

    def matches(self, event: str) -> bool:
        """Tell whether it takes this event, given as JSON text."""
        try:
            return self.pattern is not None and self.pattern.matches(event)
        except InvalidEvent:
            return False


class RuleMeter:
    """Measures what the rules of the buses do with each event."""

    def __init__(self, clients: Clients, own_rule: str) -> None:
        """Leave out `own_rule`, by which the sandbox itself listens: on AWS it would not be there."""
        self._events = clients("events")
        self._targets = TargetCheck(clients)
        self._own_rule = own_rule
        self._rules: dict[str, tuple[float, tuple[LiveRule, ...]]] = {}
        self._compiled: dict[str, Pattern | None] = {}

    def measure(self, bus: str, event: str) -> list[MetricPoint]:
        """Return the data points of one event, given as JSON text, on one bus."""
        matched = [rule for rule in self._on(bus) if rule.matches(event)]
        points = [_point("MatchedEvents", 1, {"EventBusName": bus})] if matched else []
        for rule in matched:
            dimensions = {"RuleName": rule.name} if bus == DEFAULT_BUS else {"EventBusName": bus, "RuleName": rule.name}
            missing = sum(not self._targets.exists(arn) for arn in rule.targets)
            counts = {
                "MatchedEvents": 1,
                "TriggeredRules": 1,
                "Invocations": len(rule.targets),
                "InvocationAttempts": len(rule.targets),
                "SuccessfulInvocationAttempts": len(rule.targets) - missing,
                "FailedInvocations": missing,
            }
            # EventBridge sends none of these as zero.
            points += [_point(name, count, dimensions) for name, count in counts.items() if count]
        return points

    def _on(self, bus: str) -> tuple[LiveRule, ...]:
        read_s, rules = self._rules.get(bus, (float("-inf"), ()))
        if time.monotonic() - read_s > FRESH_S:
            with contextlib.suppress(BotoCoreError, ClientError):  # then what was known a moment ago still serves
                rules = self._read(bus)
            self._rules[bus] = (time.monotonic(), rules)
        return rules

    def _read(self, bus: str) -> tuple[LiveRule, ...]:
        found: list[LiveRule] = []
        page: dict[str, Any] = {}
        while True:
            answer = self._events.list_rules(EventBusName=bus, **page)
            for rule in answer["Rules"]:
                if rule.get("State") == "ENABLED" and rule.get("EventPattern") and rule["Name"] != self._own_rule:
                    listed = self._events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
                    arns = tuple(target["Arn"] for target in listed)
                    found.append(LiveRule(rule["Name"], self._pattern(rule["EventPattern"]), arns))
            if not answer.get("NextToken"):
                return tuple(found)
            page = {"NextToken": answer["NextToken"]}

    def _pattern(self, text: str) -> Pattern | None:
        if text not in self._compiled:
            try:
                self._compiled[text] = compile_pattern(text)
            except InvalidPattern:
                self._compiled[text] = None  # EventBridge would not have taken it
        return self._compiled[text]


def _point(name: str, value: float, dimensions: Mapping[str, str]) -> MetricPoint:
    return MetricPoint(
        namespace=NAMESPACE, name=name, dimensions=dimensions, unit="Count", value=float(value), time_s=time.time()
    )
