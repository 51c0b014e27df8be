"""The rule of a composite alarm, judged.

Never looks an alarm up: the caller gives the state of each name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hookwatch.alarms.state import AlarmState


@dataclass(frozen=True, slots=True)
class RuleFault:
    """Why a rule cannot be read; `column` is the 1-based character."""

    message: str
    column: int

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class InState:
    """True while the alarm is in the state."""

    alarm: str
    state: AlarmState


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True while enough of the alarms are (or, `negated`, are not) in the state; `wanted` is a count."""

    wanted: int
    state: AlarmState
    negated: bool
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The other way round."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class All:
    """AND."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """OR."""

    parts: tuple["Rule", ...]


Rule = InState | AtLeast | Constant | Not | All | Any


def holds(rule: Rule, state_of: Callable[[str], AlarmState]) -> bool:
    """Judge a rule; `state_of` is asked with the name or ARN as the rule writes it."""
    match rule:
        case Constant():
            return rule.value
        case InState():
            return state_of(rule.alarm) is rule.state
        case AtLeast():
            return sum((state_of(name) is rule.state) is not rule.negated for name in rule.alarms) >= rule.wanted
        case Not():
            return not holds(rule.part, state_of)
        case All():
            return all(holds(part, state_of) for part in rule.parts)
        case Any():
            return any(holds(part, state_of) for part in rule.parts)


def children(rule: Rule) -> Iterator[str]:
    """Yield every alarm that a rule names, in reading order, with repeats."""
    match rule:
        case InState():
            yield rule.alarm
        case AtLeast():
            yield from rule.alarms
        case Not():
            yield from children(rule.part)
        case All() | Any():
            for part in rule.parts:
                yield from children(part)
        case Constant():
            return
