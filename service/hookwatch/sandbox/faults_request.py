"""A fault as somebody asks for it, read and checked.

Never places it. What has no meaning for the wanted kind of fault is left aside and named in `ignored`, so that a script
may send the same fields for every kind and still sees a misspelt one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.faults import ANY_OPERATION, INVOKE, MAX_DELAY_S, RULE_TARGET, Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATION = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,127}")

OF_INVOKE = (FaultKind.CRASH, FaultKind.THROTTLE, FaultKind.DELAY)
"""What can happen to an invocation; every other kind happens to a call that the function makes."""

OF_TARGET = (FaultKind.THROTTLE, FaultKind.ERROR, FaultKind.DELAY)
"""What can happen to the target of a rule."""

WITH_CODE = (FaultKind.THROTTLE, FaultKind.ERROR, FaultKind.ENTRY_ERROR)


@dataclass(frozen=True, slots=True)
class BadFault:
    """A request for a fault that makes no sense, and the sentence that says why."""

    sentence: str


@dataclass(frozen=True, slots=True)
class WantedFault:
    """A fault to place, and the names of the fields that have no meaning for it."""

    fault: Fault
    ignored: tuple[str, ...]


def parse_fault(document: object) -> WantedFault | BadFault:
    """Read a fault out of parsed JSON; a field that is null counts as left out."""
    if not isinstance(document, dict):
        return BadFault('the body must be one JSON object, such as {"operation": "PutEvents", "fault": "throttle"}')
    given = {key: value for key, value in document.items() if value is not None}
    operation, kind = given.get("operation"), given.get("fault")
    if not isinstance(operation, str) or not (operation == ANY_OPERATION or _OPERATION.fullmatch(operation)):
        return BadFault("operation must be the name of an AWS operation, such as PutEvents or GetSecretValue, or *")
    if kind not in list(FaultKind):
        return BadFault(f"fault must be one of {', '.join(FaultKind)}")
    if problem := _misplaced(operation, FaultKind(kind)):
        return BadFault(problem)
    return _parse_rest(operation, FaultKind(kind), given)


def _misplaced(operation: str, kind: FaultKind) -> str | None:
    if kind is FaultKind.ENTRY_ERROR and operation not in ("PutEvents", ANY_OPERATION):
        return "entry-error fails single entries, and only PutEvents has entries"
    if kind is FaultKind.CRASH and operation != INVOKE:
        return "crash kills a function, so its operation is Invoke"
    if operation == INVOKE and kind not in OF_INVOKE:
        return f"an invocation can only {', '.join(OF_INVOKE)}"
    if operation == RULE_TARGET and kind not in OF_TARGET:
        return f"what happens to the target of a rule is one of {', '.join(OF_TARGET)}"
    return None


def _parse_rest(operation: str, kind: FaultKind, given: Mapping[str, Any]) -> WantedFault | BadFault:
    meant = {"operation", "fault", "rate", *_meant(operation, kind)}
    used = {key: value for key, value in given.items() if key in meant}
    code, function, rule = used.get("code"), used.get("function"), used.get("rule")
    rate: Any = used.get("rate", 1.0)
    seconds: Any = used.get("seconds")
    if not _is_number(rate) or not 0 <= rate <= 1:
        return BadFault("rate must be a number from 0 to 1: the share of calls that it strikes")
    wanted = kind is FaultKind.DELAY or seconds is not None
    if wanted and (not _is_number(seconds) or not 0 < seconds <= MAX_DELAY_S):
        return BadFault(f"{kind} needs seconds: a number above 0 and up to {MAX_DELAY_S:.0f}")
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        return BadFault("code must be an AWS error code, such as AccessDeniedException")
    if function is not None and not (isinstance(function, str) and function):
        return BadFault("function must be the provider or the name of a function")
    if rule is not None and not (isinstance(rule, str) and rule):
        return BadFault("rule must be the name of a rule")
    fault = Fault(
        operation=operation,
        kind=kind,
        rate=float(rate),
        code=code,
        seconds=None if seconds is None else float(seconds),
        function=function,
        rule=rule,
    )
    return WantedFault(fault, tuple(sorted(map(str, given.keys() - meant))))


def _meant(operation: str, kind: FaultKind) -> list[str]:
    """Return the further fields that have a meaning for this fault."""
    if operation == INVOKE:
        return ["function", *(["seconds"] if kind in (FaultKind.DELAY, FaultKind.CRASH) else [])]
    if operation == RULE_TARGET:
        return [
            "rule",
            *(["seconds"] if kind is FaultKind.DELAY else []),
            *(["code"] if kind is FaultKind.ERROR else []),
        ]
    return [*(["seconds"] if kind is FaultKind.DELAY else []), *(["code"] if kind in WITH_CODE else [])]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
