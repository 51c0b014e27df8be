"""The faults that are in force: what was asked for, whom each strikes, how often it did.

Never touches a connection: it answers "what happens to this call?" and the proxy carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_DELAY_S = 900.0
"""Ours: no AWS client of a Lambda function can wait longer than its 15 minutes."""

ANY_OPERATION = "*"
"""Every operation that the functions call; it does not mean `Invoke`, by which they are called themselves, nor the
targets of rules."""

INVOKE = "Invoke"
RULE_TARGET = "RuleTarget"
"""No operation of AWS's: what EventBridge does with the target of a rule."""


class FaultKind(StrEnum):
    """What can be done to a call."""

    THROTTLE = "throttle"
    ERROR = "error"
    ENTRY_ERROR = "entry-error"
    DELAY = "delay"
    CUT = "cut"
    GARBLE = "garble"
    LOSE = "lose"
    CRASH = "crash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it was asked for.

    Attributes:
        operation: Name of an AWS operation, or `*`.
        kind: What happens.
        rate: Probability for each call, or for each entry of an entry-error.
        code: AWS error code; None means the usual one of its kind.
        seconds: How long a delay waits, or how long a function runs before it crashes.
        function: For `Invoke` only: the provider or name of the one function that it strikes; None is all.
        rule: For `RuleTarget` only: the name of the one rule that it strikes; None is all.
    """

    operation: str
    kind: FaultKind
    rate: float = 1.0
    code: str | None = None
    seconds: float | None = None
    function: str | None = None
    rule: str | None = None

    @property
    def sentence(self) -> str:
        """What an error that it causes says."""
        return f"The sandbox's fault proxy fails {self.operation} as it was told to."


@dataclass(slots=True)
class Placed:
    """A fault in force."""

    id: str
    fault: Fault
    hits: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        shown: dict[str, Any] = {
            "id": self.id,
            "operation": self.fault.operation,
            "fault": self.fault.kind.value,
            "rate": self.fault.rate,
            "hits": self.hits,
        }
        if self.fault.code is not None:
            shown["code"] = self.fault.code
        if self.fault.seconds is not None:
            shown["seconds"] = self.fault.seconds
        if self.fault.function is not None:
            shown["function"] = self.fault.function
        if self.fault.rule is not None:
            shown["rule"] = self.fault.rule
        return shown


@dataclass(slots=True)
class FaultTable:
    """All faults in force, in the order in which they were placed."""

    random: Random = field(default_factory=Random)
    _placed: dict[str, Placed] = field(default_factory=dict)
    _count: int = 0

    def add(self, fault: Fault) -> Placed:
        """Put a fault in force."""
        self._count += 1
        placed = Placed(f"f{self._count}", fault)
        self._placed[placed.id] = placed
        return placed

    def listed(self) -> list[Placed]:
        """Return all faults, oldest first."""
        return list(self._placed.values())

    def clear(self, fault_id: str | None = None) -> int:
        """Lift one fault, or all; returns how many were lifted."""
        gone = [fault_id] if fault_id is not None else list(self._placed)
        return sum(self._placed.pop(key, None) is not None for key in gone)

    def draw(self, operation: str) -> list[Fault]:
        """Throw the dice for one call; returns what strikes it, entry-errors excepted."""
        return [
            placed.fault
            for placed in self._matching(operation)
            if placed.fault.kind is not FaultKind.ENTRY_ERROR and self._strikes(placed)
        ]

    def draw_entry(self, operation: str) -> Fault | None:
        """Throw the dice for one entry of a call; returns the entry-error that strikes it."""
        for placed in self._matching(operation):
            if placed.fault.kind is FaultKind.ENTRY_ERROR and self._strikes(placed):
                return placed.fault
        return None

    def draw_invoke(self, names: Collection[str]) -> list[Fault]:
        """Throw the dice for one invocation of a function, which is known by any of `names`."""
        return [
            placed.fault
            for placed in self._placed.values()
            if placed.fault.operation == INVOKE and placed.fault.function in (None, *names) and self._strikes(placed)
        ]

    def draw_target(self, rule: str) -> list[Fault]:
        """Throw the dice for one attempt at a target of a rule; may be called in any thread."""
        return [
            placed.fault
            for placed in tuple(self._placed.values())
            if placed.fault.operation == RULE_TARGET and placed.fault.rule in (None, rule) and self._strikes(placed)
        ]

    def _matching(self, operation: str) -> list[Placed]:
        return [placed for placed in self._placed.values() if placed.fault.operation in (operation, ANY_OPERATION)]

    def _strikes(self, placed: Placed) -> bool:
        struck = self.random.random() < placed.fault.rate
        placed.hits += struck
        return struck
