"""How CloudWatch turns the datapoints of an evaluation range into an alarm's state.

Never fetches data and never takes an action: breaching, not breaching and missing in, a state out.
Source: "How alarm state is evaluated when data is missing" with its two tables, and "Avoiding premature transitions
to alarm state", in AlarmThatSendsEmail.md of awsdocs/amazon-cloudwatch-user-guide at b355497 (2023-05-17, the last
public revision) and its 2018 revision, read 2026-11-22.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

EXTRA_PERIODS = 2
"""How many periods more than EvaluationPeriods CloudWatch looks back.

AWS publishes no formula. Its tables look back 5 periods for 3, and a one-day, one-period alarm was measured to need
about three days of silence (observability facts, 2026-11); both are EvaluationPeriods + 2.
"""


class AlarmState(StrEnum):
    """The three states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class MissingData(StrEnum):
    """The four treatments of missing data, as TreatMissingData spells them."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True, slots=True)
class Window:
    """How many datapoints an alarm wants: M (`datapoints_to_alarm`) of N (`evaluation_periods`)."""

    evaluation_periods: int
    datapoints_to_alarm: int

    @property
    def range_periods(self) -> int:
        """Length of the evaluation range in periods."""
        return self.evaluation_periods + EXTRA_PERIODS


@dataclass(frozen=True, slots=True)
class Decision:
    """A state and how it came about.

    Attributes:
        state: The new state.
        used: Positions in the range of the real datapoints that were judged.
        filled: How many datapoints had to be filled in.
        why: One clause, without a full stop.
    """

    state: AlarmState
    used: tuple[int, ...]
    filled: int
    why: str


def decide(breaching: Sequence[bool | None], window: Window, treatment: MissingData, previous: AlarmState) -> Decision:
    """Judge an evaluation range.

    Args:
        breaching: Oldest first, one entry a period; None is missing.
        window: M of N.
        treatment: What fills a missing datapoint.
        previous: The state before, kept by `ignore`.
    """
    wanted, needed = window.evaluation_periods, window.datapoints_to_alarm
    real = [position for position, value in enumerate(breaching) if value is not None][-wanted:]
    count = sum(1 for position in real if breaching[position])
    filled = wanted - len(real)
    used = tuple(real)
    spoken = f"{count} of {len(real)} datapoints breach, {needed} of {wanted} are needed"
    if filled == 0 or count >= needed:
        return Decision(AlarmState.ALARM if count >= needed else AlarmState.OK, used, filled, spoken)
    match treatment:
        case MissingData.BREACHING:
            state = AlarmState.ALARM if count + filled >= needed else AlarmState.OK
            return Decision(state, used, filled, f"{spoken}; {filled} missing taken as breaching")
        case MissingData.NOT_BREACHING:
            return Decision(AlarmState.OK, used, filled, f"{spoken}; {filled} missing taken as not breaching")
        case _ if count < len(real):
            return Decision(AlarmState.OK, used, filled, f"{spoken}; a datapoint does not breach")
        case MissingData.IGNORE:
            return Decision(previous, used, filled, f"{spoken}; missing data keeps the state")
        case _:
            return _all_missing_or_breaching(breaching, used, needed, filled)


def _all_missing_or_breaching(
    breaching: Sequence[bool | None], used: tuple[int, ...], needed: int, filled: int
) -> Decision:
    """Apply the rule against premature alarms: one fresh breach after silence is not enough, an old one is."""
    if not used:
        return Decision(AlarmState.INSUFFICIENT_DATA, used, filled, "every datapoint is missing")
    age = len(breaching) - used[0]
    if age >= needed:
        why = f"the oldest datapoint breaches, is {age} periods old, and nothing newer says otherwise"
        return Decision(AlarmState.ALARM, used, filled, why)
    why = f"only {len(used)} fresh datapoint(s), all breaching; too early to tell"
    return Decision(AlarmState.INSUFFICIENT_DATA, used, filled, why)
