"""The rules of a bus as they are deployed at this moment.

Never changes a rule and never invokes a target. A list of rules is believed for a second. Blocking: call it in a
thread.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.patterns import InvalidEvent, InvalidPattern, Pattern, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

FRESH_S = 1.0
"""How long the list of rules is believed, in real seconds."""

MAX_RETRIES = 185
MAX_AGE_S = 86_400
"""What a target has that says nothing of its own (API_RetryPolicy.html, read 2026-11-27)."""


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """One target: how often and for how long it is tried again, and where its failed events go."""

    arn: str
    max_retries: int = MAX_RETRIES
    max_age_s: int = MAX_AGE_S
    dlq_arn: str | None = None


@dataclass(frozen=True, slots=True)
class LiveRule:
    """One enabled rule with a pattern: its compiled pattern (None where it is not valid) and its targets."""

    name: str
    arn: str
    pattern: Pattern | None
    targets: tuple[LiveTarget, ...]

    def matches(self, event: str) -> bool:
        """Tell whether it takes this event, given as JSON text."""
        try:
            return self.pattern is not None and self.pattern.matches(event)
        except InvalidEvent:
            return False


class RuleBook:
    """The enabled rules of every bus, but for one."""

    def __init__(self, events: Any, own_rule: str) -> None:
        """Read by this client; leave out `own_rule`."""
        self._events = events
        self._own_rule = own_rule
        self._rules: dict[str, tuple[float, tuple[LiveRule, ...]]] = {}
        self._compiled: dict[str, Pattern | None] = {}

    def on(self, bus: str) -> tuple[LiveRule, ...]:
        """Return the rules of a bus; what was known a moment ago when they cannot be read."""
        read_s, rules = self._rules.get(bus, (float("-inf"), ()))
        if time.monotonic() - read_s > FRESH_S:
            with contextlib.suppress(BotoCoreError, ClientError):
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
                    targets = tuple(_target(target) for target in listed)
                    pattern = self._pattern(rule["EventPattern"])
                    found.append(LiveRule(rule["Name"], rule.get("Arn", ""), pattern, targets))
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


def _target(target: Mapping[str, Any]) -> LiveTarget:
    policy = target.get("RetryPolicy") or {}
    return LiveTarget(
        arn=target["Arn"],
        max_retries=int(policy.get("MaximumRetryAttempts", MAX_RETRIES)),
        max_age_s=int(policy.get("MaximumEventAgeInSeconds", MAX_AGE_S)),
        dlq_arn=(target.get("DeadLetterConfig") or {}).get("Arn"),
    )
