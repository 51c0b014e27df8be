"""What an alarm will do: how soon it can fire, and what silence does to it.

Never looks at data. The answers are no phrases about the settings but the state machine itself, run on made-up
datapoints, so that they cannot disagree with what a test of the alarm shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.order import alarm_name
from hookwatch.alarms.rule import All, AtLeast, InState, Rule
from hookwatch.alarms.rule import Any as Either
from hookwatch.alarms.state import AlarmState, decide

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400

_Known = Mapping[str, Definition | Unjudgeable]
_BREACH: list[bool | None] = [True]
_GOOD: list[bool | None] = [False]
_SILENCE: list[bool | None] = [None]


@dataclass(frozen=True, slots=True)
class Forecast:
    """How soon a metric alarm can fire (seconds, and in words), and what missing data does, in one sentence."""

    soonest_s: int
    soonest: str
    missing_data: str


def foresee(alarm: AlarmDefinition) -> Forecast:
    """Run the state machine of one alarm on made-up datapoints."""
    after_good = _periods_to_alarm(alarm, _GOOD)
    fires_on_silence = _state_after(alarm, _SILENCE, [], 0, AlarmState.OK) is AlarmState.ALARM
    after_silence = after_good if fires_on_silence else _periods_to_alarm(alarm, _SILENCE)
    fastest = min(after_good, after_silence)
    soonest_s = fastest * alarm.period_s
    soonest = (
        f"{spoken_s(soonest_s)} after the first breaching period begins ({fastest} x {alarm.period_s} s), "
        "plus the delay of the metric"
    )
    if after_good != after_silence:
        past = "out of silence" if after_silence > after_good else "behind steady data"
        soonest += f"; {past} it takes {max(after_good, after_silence)} periods"
    healthy = _when_data_stops(alarm, _GOOD, AlarmState.OK)
    failing = _when_data_stops(alarm, _BREACH, AlarmState.ALARM)
    missing = (
        f"Treated as {alarm.missing}: when data stops after healthy data, the alarm {healthy}; "
        f"when it stops during an ALARM, it {failing}."
    )
    if alarm.warm_up is not None:
        early = "" if alarm.warm_up.whole else ", or until its window is full of data"
        missing += f" A new alarm says nothing for {spoken_s(alarm.warm_up.length_s)}{early}."
    return Forecast(soonest_s, soonest, missing)


def spoken_s(seconds: int) -> str:
    """Say a length of time in its largest whole unit."""
    for size, word in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def _state_after(
    alarm: AlarmDefinition, past: list[bool | None], newer: list[bool | None], count: int, previous: AlarmState
) -> AlarmState:
    length = alarm.window.range_periods
    return decide([*past * length, *newer * count][-length:], alarm.window, alarm.missing, previous).state


def _periods_to_alarm(alarm: AlarmDefinition, past: list[bool | None]) -> int:
    """Return how many breaching periods in a row behind such a past bring the alarm to ALARM."""
    counts = range(1, alarm.window.evaluation_periods)
    firing = (n for n in counts if _state_after(alarm, past, _BREACH, n, AlarmState.OK) is AlarmState.ALARM)
    return next(firing, alarm.window.evaluation_periods)


def _when_data_stops(alarm: AlarmDefinition, past: list[bool | None], state: AlarmState) -> str:
    now = state
    for count in range(1, alarm.window.range_periods + 1):
        now = _state_after(alarm, past, _SILENCE, count, now)
        if now is not state:
            return f"goes to {now} after {count} periods ({spoken_s(count * alarm.period_s)})"
    return f"stays {state}"


def rule_soonest_s(rule: Rule, by_name: _Known, above: frozenset[str]) -> int | None:
    """Return the least time until a rule can hold; None when a child cannot be told."""
    match rule:
        case InState() if rule.state is AlarmState.ALARM:
            return _child_soonest_s(rule.alarm, by_name, above)
        case AtLeast() if rule.state is AlarmState.ALARM and not rule.negated:
            times = sorted(t for t in (_child_soonest_s(name, by_name, above) for name in rule.alarms) if t is not None)
            return times[rule.wanted - 1] if len(times) >= rule.wanted else None
        case All():
            parts = [rule_soonest_s(part, by_name, above) for part in rule.parts]
            return None if None in parts else max((part for part in parts if part is not None), default=0)
        case Either():
            known = [rule_soonest_s(part, by_name, above) for part in rule.parts]
            return min((part for part in known if part is not None), default=None)
        case _:
            return 0


def _child_soonest_s(name: str, by_name: _Known, above: frozenset[str]) -> int | None:
    child = by_name.get(alarm_name(name))
    match child:
        case AlarmDefinition():
            return foresee(child).soonest_s
        case CompositeDefinition() if child.name not in above:
            return rule_soonest_s(child.rule, by_name, above | {child.name})
        case _:
            return None
