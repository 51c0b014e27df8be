"""Typed reading of one resource's properties, collecting every fault with the id of its lint rule.

Never raises: a property that cannot be read gives a harmless value and a fault, and the alarm is then not judged.
"""

import math
from dataclasses import dataclass
from typing import Any

from hookwatch.cfn import find_unresolved

WRONG_VALUE = "A008"
NOT_SIMULATED = "A030"
UNRESOLVED = "A031"
"""Rules of `lint` for faults that any property can have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an alarm cannot be judged.

    Attributes:
        message: A clause without a full stop.
        rule: Id of the lint rule that reports it.
        simulated: False when CloudWatch would take it and only we cannot compute it.
    """

    message: str
    rule: str
    simulated: bool = True


class Properties:
    """Reads values as CloudFormation coerces them (`"5"` is a number).

    Attributes:
        raw: The resolved properties.
        faults: Every fault so far; shared with the parts that are read through `part`.
    """

    def __init__(self, raw: dict[str, Any], faults: list[Fault] | None = None, where: str = "") -> None:
        self.raw = raw
        self.faults: list[Fault] = faults if faults is not None else []
        self._where = where

    def part(self, raw: Any, where: str = "") -> "Properties":
        """Read a mapping inside this one; `where` goes in front of its faults."""
        return Properties(raw if isinstance(raw, dict) else {}, self.faults, self._where + where)

    def fault(self, message: str, rule: str = WRONG_VALUE, *, simulated: bool = True) -> None:
        """Note a fault."""
        self.faults.append(Fault(self._where + message, rule, simulated))

    def text(self, name: str, *, one_of: frozenset[str] | None = None, default: str | None = None) -> str:
        """Read a text; without `default` it must be there."""
        value = self._value(name, default)
        if value is None:
            return ""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.fault(f"{name} is no text")
            return ""
        if one_of is not None and str(value) not in one_of:
            self.fault(f"{name} {value!r} is none of {', '.join(sorted(one_of))}")
        return str(value)

    def number(self, name: str, *, default: float | None = None) -> float:
        """Read a finite number."""
        value = self._value(name, default)
        if value is None:
            return 0.0
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            self.fault(f"{name} {value!r} is no number")
            return 0.0
        return number

    def whole(self, name: str, *, least: int, default: int | None = None) -> int:
        """Read a whole number of at least `least`."""
        before = len(self.faults)
        number = self.number(name, default=default)
        if len(self.faults) == before and (number != int(number) or number < least):
            self.fault(f"{name} {number:g} must be a whole number of at least {least}")
        return max(least, int(number))

    def _value(self, name: str, default: Any) -> Any:
        value = self.raw.get(name, default)
        if value is None:
            self.fault(f"{name} is missing")
            return None
        unresolved = next(find_unresolved(value), None)
        if unresolved is not None:
            self.fault(f"{name} is unresolved: {unresolved.reason}", UNRESOLVED)
            return None
        return value
