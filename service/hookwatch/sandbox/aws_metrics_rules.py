"""AWS/Events data points of rules: what became of each event that really was on a bus.

Never publishes and never invokes. The emulator invokes targets without counting, so each event that the tap received is
matched once more, by `hookwatch.patterns`, against the rules as they are deployed at that moment; `rule_delivery` then
carries out what the emulator leaves out (retries, dead-letter queues). Blocking: call it in a thread, any thread.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from hookwatch.sandbox.aws_metrics_targets import TargetCheck
from hookwatch.sandbox.rule_book import RuleBook
from hookwatch.sandbox.rule_delivery import Delivery, World
from hookwatch.sandbox.rule_dlq import DeadLetterQueues
from hookwatch.sandbox.rule_points import matched, points

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookwatch.sandbox.clock import Clock
    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.faults import FaultTable
    from hookwatch.sandbox.lambda_model import MetricPoint
    from hookwatch.sandbox.rule_book import LiveRule

MAX_WAITING = 10_000
"""Ours: events that wait for another try; whatever comes after them is tried once."""

MAX_KNOWN = 10_000
"""Ours: events of which it is remembered which rules sent them on."""

_TO_A_BUS = ":event-bus/"


class RuleMeter:
    """Measures what the rules of the buses do with each event."""

    def __init__(self, clients: Clients, own_rule: str, faults: FaultTable, clock: Clock) -> None:
        """Leave out `own_rule`, by which the sandbox itself listens: on AWS it would not be there."""
        self._book = RuleBook(clients("events"), own_rule)
        self._clock = clock
        self._world = World(faults.draw_target, TargetCheck(clients).exists, DeadLetterQueues(clients).send)
        self._waiting: list[Delivery] = []
        self._sent_on: OrderedDict[tuple[str, str], set[str]] = OrderedDict()
        self._lock = threading.Lock()

    def measure(self, bus: str, event: str, before_ms: float = 0.0) -> list[MetricPoint]:
        """Return the data points of one event, given as JSON text, that had been on one bus for so long."""
        with self._lock:
            taken = [rule for rule in self._book.on(bus) if rule.matches(event)]
            if not taken:
                return []
            looped = self._looped(bus, event, taken)
            found = [matched(bus)]
            for rule in taken:
                if rule.name in looped:
                    found += points(bus, rule.name, {"MatchedEvents": 1, "DeadLetterInvocations": len(rule.targets)})
                    continue
                found += points(bus, rule.name, {"MatchedEvents": 1, "TriggeredRules": 1})
                found += self._advance(
                    Delivery(
                        bus=bus,
                        rule=rule,
                        target=target,
                        event=event,
                        begun_s=self._clock.now_s(),
                        before_ms=before_ms,
                    )
                    for target in rule.targets
                )
            return found

    @property
    def due(self) -> bool:
        """Whether an event is to be tried again by now."""
        now_s = self._clock.now_s()
        return any(delivery.due_s <= now_s for delivery in tuple(self._waiting))  # without the lock: it never waits

    def retry(self) -> list[MetricPoint]:
        """Try again what is due; returns the data points."""
        now_s = self._clock.now_s()
        with self._lock:
            due = [delivery for delivery in self._waiting if delivery.due_s <= now_s]
            self._waiting = [delivery for delivery in self._waiting if delivery.due_s > now_s]
            return list(self._advance(due))

    def _advance(self, deliveries: Iterable[Delivery]) -> Iterator[MetricPoint]:
        for delivery in deliveries:
            happened = delivery.advance(self._clock.now_s(), self._world)
            if not delivery.over and len(self._waiting) < MAX_WAITING:
                self._waiting.append(delivery)
            yield from points(delivery.bus, delivery.rule.name, happened)

    def _looped(self, bus: str, event: str, taken: list[LiveRule]) -> set[str]:
        """Return which of the rules sent this very event on before: the emulator stops those, as EventBridge does."""
        event_id = _event_id(event)
        if not event_id:
            return set()
        before = self._sent_on.setdefault((bus, event_id), set())
        looped = {rule.name for rule in taken if rule.name in before}
        before |= {rule.name for rule in taken if any(_TO_A_BUS in target.arn for target in rule.targets)}
        while len(self._sent_on) > MAX_KNOWN:
            self._sent_on.popitem(last=False)
        return looped


def _event_id(event: str) -> str:
    try:
        return str(json.loads(event)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
