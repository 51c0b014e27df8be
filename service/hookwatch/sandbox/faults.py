"""The faults that are in force: what was asked for, whom each strikes, how often it did.

Never touches a connection: it answers "what happens to this call?" and the proxy carries it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DELAY_S = 900.0
"""Ours: no AWS client of a Lambda function can wait longer than its 15 minutes."""

ANY_OPERATION = "*"
_OPERATION = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,127}")


class FaultKind(StrEnum):
    """What can be done to a call."""

    THROTTLE = "throttle"
    ERROR = "error"
    ENTRY_ERROR = "entry-error"
    DELAY = "delay"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it was asked for.

    Attributes:
        operation: Name of an AWS operation, or `*`.
        kind: What happens.
        rate: Probability for each call, or for each entry of an entry-error.
        code: AWS error code; None means the usual one of its kind.
        seconds: How long a delay waits.
    """

    operation: str
    kind: FaultKind
    rate: float = 1.0
    code: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class BadFault:
    """A request for a fault that makes no sense, and the sentence that says why."""

    sentence: str


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

    def _matching(self, operation: str) -> list[Placed]:
        return [placed for placed in self._placed.values() if placed.fault.operation in (operation, ANY_OPERATION)]

    def _strikes(self, placed: Placed) -> bool:
        struck = self.random.random() < placed.fault.rate
        placed.hits += struck
        return struck


def parse_fault(document: object) -> Fault | BadFault:
    """Read a fault out of parsed JSON."""
    if not isinstance(document, dict):
        return BadFault('the body must be one JSON object, such as {"operation": "PutEvents", "fault": "throttle"}')
    if unknown := sorted(map(str, document.keys() - {"operation", "fault", "rate", "code", "seconds"})):
        return BadFault(f"unknown key {', '.join(unknown)}; known are operation, fault, rate, code and seconds")
    operation, kind = document.get("operation"), document.get("fault")
    if not isinstance(operation, str) or not (operation == ANY_OPERATION or _OPERATION.fullmatch(operation)):
        return BadFault("operation must be the name of an AWS operation, such as PutEvents or GetSecretValue, or *")
    if kind not in list(FaultKind):
        return BadFault(f"fault must be one of {', '.join(FaultKind)}")
    return _parse_rest(operation, FaultKind(kind), document)


def _parse_rest(operation: str, kind: FaultKind, document: Mapping[str, Any]) -> Fault | BadFault:
    rate, code, seconds = document.get("rate", 1.0), document.get("code"), document.get("seconds")
    if not _is_number(rate) or not 0 <= rate <= 1:
        return BadFault("rate must be a number from 0 to 1: the share of calls that it strikes")
    if kind is FaultKind.ENTRY_ERROR and operation not in ("PutEvents", ANY_OPERATION):
        return BadFault("entry-error fails single entries, and only PutEvents has entries")
    if kind is FaultKind.DELAY:
        if seconds is None or not _is_number(seconds) or not 0 < seconds <= MAX_DELAY_S:
            return BadFault(f"delay needs seconds: a number above 0 and up to {MAX_DELAY_S:.0f}")
    elif seconds is not None:
        return BadFault("seconds belongs to delay only")
    if code is not None and kind in (FaultKind.DELAY, FaultKind.CUT):
        return BadFault("code belongs to throttle, error and entry-error only")
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        return BadFault("code must be an AWS error code, such as AccessDeniedException")
    return Fault(
        operation=operation,
        kind=kind,
        rate=float(rate),
        code=code,
        seconds=None if seconds is None else float(seconds),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
