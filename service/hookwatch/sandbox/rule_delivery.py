"""One event on its way to one target, as EventBridge carries it: attempts, waits, retries, the end.

Never delivers: the emulator did that already, inside the call that published, once and without a retry. What is carried
out here is what the emulator leaves out. A target that is not there is given up at once, as EventBridge does it; what a
fault fails is tried again by the target's RetryPolicy, in sandbox time. Sources:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html and eb-rule-dlq.html, read
2026-11-27.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.sandbox.faults import FaultKind
from hookwatch.sandbox.rule_dlq import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.sandbox.faults import Fault
    from hookwatch.sandbox.rule_book import LiveRule, LiveTarget

PERMANENT = frozenset({"NO_RESOURCE", "NO_PERMISSIONS", "INVALID_JSON", "INVALID_PARAMETER", "FAILED_TO_ASSUME_ROLE"})
"""Errors after which EventBridge does not try again; every other one it does."""

MAX_BACKOFF_S = 512.0
"""AWS says "exponential back off and jitter" and no numbers: ours doubles from one second, 185 tries within a day,
without the jitter, so that a drill ends the same way every time."""

RETRIES, AGE = "MaximumRetryAttempts", "MaximumEventAgeInSeconds"


@dataclass(frozen=True, slots=True)
class World:
    """What a delivery meets: the faults of its rule, whether its target is there, and its dead-letter queue."""

    strikes: Callable[[str], list[Fault]]
    exists: Callable[[str], bool]
    dead_letter: Callable[[str, DeadLetter], bool]


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event for one target.

    Attributes:
        event: JSON text of the whole event.
        begun_s: When it was taken from the bus, sandbox time.
        before_ms: How long it had been on the bus by then.
        due_s: When it is to be tried, sandbox time.
        attempts: How often its target was tried.
        over: Nothing more happens to it.
    """

    bus: str
    rule: LiveRule
    target: LiveTarget
    event: str
    begun_s: float
    before_ms: float = 0.0
    due_s: float = field(init=False)
    attempts: int = 0
    over: bool = False
    _held: int = 0
    _delayed: bool = False

    def __post_init__(self) -> None:
        """Make it due at once."""
        self.due_s = self.begun_s

    def advance(self, now_s: float, world: World) -> dict[str, float]:
        """Do what is due at `now_s`, sandbox time; returns what happened by the name of its metric."""
        faults = world.strikes(self.rule.name)
        wait_s = sum(fault.seconds or 0.0 for fault in faults if fault.kind is FaultKind.DELAY)
        if wait_s and not self._delayed:
            self._delayed, self.due_s = True, now_s + wait_s
            return {}
        struck = next((fault for fault in faults if fault.kind is not FaultKind.DELAY), None)
        if struck is not None and struck.kind is FaultKind.THROTTLE:
            return self._throttled(now_s, world)
        return self._attempt(now_s, world, struck)

    def _throttled(self, now_s: float, world: World) -> dict[str, float]:
        self._held += 1
        happened: Counter[str] = Counter(ThrottledRules=1)
        if now_s - self.begun_s >= self.target.max_age_s:
            self._give_up(happened, world, "THROTTLING", "the rule was throttled as the sandbox was told to", AGE)
        else:
            self.due_s = now_s + _backoff_s(self._held)
        return dict(happened)

    def _attempt(self, now_s: float, world: World, struck: Fault | None) -> dict[str, float]:
        clock_s = time.perf_counter()
        waited_ms = self.before_ms + (now_s - self.begun_s) * 1000
        first, self.attempts = self.attempts == 0, self.attempts + 1
        happened: Counter[str] = Counter(InvocationAttempts=1, RetryInvocationAttempts=int(not first))
        code, message = "", ""
        if struck is not None:
            code, message = struck.code or "ERROR_FROM_TARGET", "the sandbox fails this target as it was told to"
        elif not world.exists(self.target.arn):
            code, message = "NO_RESOURCE", "the target does not exist"
        if not code:
            self.over = True
            happened.update(SuccessfulInvocationAttempts=1, Invocations=1)
        elif code in PERMANENT:
            self._give_up(happened, world, code, message, "")
        elif self.attempts > self.target.max_retries:
            self._give_up(happened, world, code, message, RETRIES)
        elif now_s - self.begun_s >= self.target.max_age_s:
            self._give_up(happened, world, code, message, AGE)
        else:
            self.due_s = min(now_s + _backoff_s(self.attempts), self.begun_s + self.target.max_age_s)
        ended_ms = waited_ms + (time.perf_counter() - clock_s) * 1000
        latencies: dict[str, float] = {}
        if first:
            latencies = {
                "IngestiontoInvocationStartLatency": waited_ms,
                "IngestiontoInvocationCompleteLatency": ended_ms,
            }
        if not code:
            latencies["IngestionToInvocationSuccessLatency"] = ended_ms
        return {**happened, **latencies}

    def _give_up(self, happened: Counter[str], world: World, code: str, message: str, exhausted: str) -> None:
        self.over = True
        happened.update(Invocations=1, FailedInvocations=1)
        if self.target.dlq_arn is None:
            return
        letter = DeadLetter(
            event=self.event,
            rule_arn=self.rule.arn,
            target_arn=self.target.arn,
            code=code,
            message=message,
            exhausted=exhausted,
            retries=max(0, self.attempts - 1),
        )
        sent = world.dead_letter(self.target.dlq_arn, letter)
        happened["InvocationsSentToDlq" if sent else "InvocationsFailedToBeSentToDlq"] += 1


def _backoff_s(failures: int) -> float:
    return float(min(MAX_BACKOFF_S, 2.0 ** min(failures - 1, 16)))
