"""All alarms of a stack, moving through time.

Never sleeps and never reads a clock: `step(now_s)` is told the time and catches up with every evaluation that was due
by then, in order. Each metric alarm is evaluated once a period of its own, when the period has ended; composites
follow at once. The test runner and the sandbox use the same engine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.evaluation import Evaluation, evaluate_alarm
from hookwatch.alarms.metrics import MetricSource
from hookwatch.alarms.order import Wiring, named_by, wire
from hookwatch.alarms.rule import children, holds
from hookwatch.alarms.state import AlarmState
from hookwatch.alarms.suppression import Suppression


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """One action at one change of state."""

    at_s: int
    alarm: str
    state: AlarmState
    action: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state; `previous` differs from `state`."""

    at_s: int
    alarm: str
    previous: AlarmState
    state: AlarmState
    reason: str


@dataclass(slots=True)
class _Live:
    """What the engine remembers of one alarm."""

    state: AlarmState
    since_s: int
    next_s: int
    evaluation: Evaluation | None = None
    suppression: Suppression | None = None
    judged: bool = False
    warms_up: bool = False


class Engine:
    """Evaluates alarms as time passes.

    Attributes:
        transitions: Every change of state so far, in order.
        actions: Every action so far, in order.
        left_out: Composites that cannot be judged (an unknown child, a cycle), with the reason.
        not_simulated: Alarms that stay in INSUFFICIENT_DATA because only CloudWatch can compute them.
    """

    def __init__(self, alarms: Iterable[Definition | Unjudgeable], source: MetricSource, start_s: int = 0) -> None:
        """Begin at `start_s` with every alarm in INSUFFICIENT_DATA, as CloudWatch makes them."""
        self._source = source
        self._wiring: Wiring = wire(list(alarms))
        self.left_out: Mapping[str, str] = self._wiring.left_out
        self.not_simulated: Sequence[str] = self._wiring.not_simulated
        self.transitions: list[Transition] = []
        self.actions: list[ActionTaken] = []
        self.now_s = start_s
        self._live = {key: _Live(AlarmState.INSUFFICIENT_DATA, start_s, start_s) for key in self._wiring.not_simulated}
        for alarm in self._wiring.metric_alarms:
            first_s = (start_s // alarm.period_s + 1) * alarm.period_s
            warms_up = alarm.warm_up is not None
            self._live[alarm.id] = _Live(AlarmState.INSUFFICIENT_DATA, start_s, first_s, warms_up=warms_up)
        for composite in self._wiring.composites:
            waits = composite.suppressor
            suppression = Suppression(waits.wait_s, waits.extension_s) if waits is not None else None
            live = _Live(AlarmState.INSUFFICIENT_DATA, start_s, start_s, suppression=suppression)
            self._live[composite.id] = live

    def state(self, alarm_id: str) -> AlarmState:
        """Return an alarm's present state.

        Raises:
            KeyError: The alarm is unknown or left out.
        """
        return self._live[alarm_id].state

    def since_s(self, alarm_id: str) -> int:
        """Return when the present state began."""
        return self._live[alarm_id].since_s

    def evaluation(self, alarm_id: str) -> Evaluation | None:
        """Return the last evaluation of a metric alarm; None before the first, and for composites."""
        return self._live[alarm_id].evaluation

    def suppressed(self, alarm_id: str) -> str:
        """Say why a composite's actions are waiting; empty when none waits."""
        suppression = self._live[alarm_id].suppression
        return suppression.spoken(self.now_s) if suppression is not None else ""

    def step(self, now_s: int) -> list[Transition]:
        """Catch up with `now_s` (seconds) and return what changed; going back in time does nothing."""
        before = len(self.transitions)
        while True:
            due_s = self._next_due_s()
            if due_s is None or due_s > now_s:
                break
            self._tick(due_s)
        self.now_s = max(self.now_s, now_s)
        return self.transitions[before:]

    def _next_due_s(self) -> int | None:
        due = [self._live[alarm.id].next_s for alarm in self._wiring.metric_alarms]
        for composite in self._wiring.composites:
            live = self._live[composite.id]
            if not live.judged and not named_by(composite):
                due.append(live.next_s)
            if live.suppression is not None and live.suppression.until_s is not None:
                due.append(live.suppression.until_s)
        return min(due, default=None)

    def _tick(self, at_s: int) -> None:
        for alarm in self._wiring.metric_alarms:
            live = self._live[alarm.id]
            if live.next_s <= at_s:
                live.next_s += alarm.period_s
                self._evaluate(alarm, live, at_s)
        for composite in self._wiring.composites:
            needed = [self._live[self._wiring.ids[name]] for name in named_by(composite)]
            if not needed or any(live.judged for live in needed):
                self._judge(composite, self._live[composite.id], at_s)

    def _evaluate(self, alarm: AlarmDefinition, live: _Live, at_s: int) -> None:
        live.judged = True
        found = evaluate_alarm(alarm, self._source, at_s, live.state)
        if live.warms_up and alarm.warm_up is not None:
            values = [each.value for each in found.datapoints]
            age_s = at_s - live.since_s
            live.warms_up = not alarm.warm_up.over(age_s, values, alarm.window.evaluation_periods)
        if live.warms_up:
            live.evaluation = replace(found, state=live.state, reason="the alarm is new and warms up")
            return
        live.evaluation = found
        if self._change(alarm, live, live.evaluation.state, live.evaluation.reason, at_s):
            self._act(alarm, live.state, at_s)

    def _judge(self, composite: CompositeDefinition, live: _Live, at_s: int) -> None:
        live.judged = True
        state = AlarmState.ALARM if holds(composite.rule, self._state_of) else AlarmState.OK
        suppression = live.suppression
        if suppression is not None and composite.suppressor is not None:
            in_alarm = self._state_of(composite.suppressor.alarm) is AlarmState.ALARM
            suppression = suppression.suppressor(at_s, in_alarm=in_alarm)
        changed = self._change(composite, live, state, self._because(composite), at_s)
        if suppression is None:
            act = changed
        else:
            suppression = suppression.changed(at_s) if changed else suppression
            live.suppression, act = suppression.due(at_s)
        if act:
            self._act(composite, state, at_s)

    def _state_of(self, name: str) -> AlarmState:
        return self._live[self._wiring.ids[name]].state

    def _because(self, composite: CompositeDefinition) -> str:
        named = list(dict.fromkeys(children(composite.rule)))
        states = [f"{self._wiring.ids[name]} is {self._state_of(name)}" for name in named]
        return ", ".join(states) or "its rule names no alarm"

    def _change(self, alarm: Definition, live: _Live, state: AlarmState, reason: str, at_s: int) -> bool:
        if state is live.state:
            return False
        self.transitions.append(Transition(at_s, alarm.id, live.state, state, reason))
        live.state, live.since_s = state, at_s
        return True

    def _act(self, alarm: Definition, state: AlarmState, at_s: int) -> None:
        self.actions += [ActionTaken(at_s, alarm.id, state, action) for action in alarm.actions.on(state)]
