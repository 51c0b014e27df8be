"""The alarms of the deployed template, evaluated as sandbox time passes.

Never sleeps and never notifies anybody: `step` is called by `cloud_pulse`, and the actions that CloudWatch would have
taken are written down, for `cloud_pulse` to carry out. The engine is the one that tests alarms (`hookwatch.alarms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.alarms import AlarmDefinition, AlarmState, Engine, Unjudgeable, read_alarms
from hookwatch.alarms.math import ExpressionQuery
from hookwatch.alarms.properties import NOT_SIMULATED, Fault
from hookwatch.alarms.reading import COMPOSITE_ALARM
from hookwatch.sandbox.alarms_template import UnreadTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hookwatch.alarms import ActionTaken, Definition, MetricSource, Transition
    from hookwatch.alarms.evaluation import Evaluation
    from hookwatch.cfn import Stack
    from hookwatch.sandbox.insight_rule import UnreadRule

SETTLE_S = 10
"""Sandbox seconds between the end of a period and its evaluation. A data point is stamped with the start of its
delivery and comes with its end, up to nine seconds later in our template; CloudWatch itself takes longer than that."""


class LiveAlarms:
    """Every alarm of a stack, nested stacks included.

    Attributes:
        alarms: Definitions by qualified id, in template order.
        composites: Which of them are composite alarms.
        problem: Why there are no alarms although the template may have some; empty otherwise.
    """

    def __init__(
        self,
        stack: Stack | UnreadTemplate,
        source: MetricSource,
        start_s: float,
        unread: Sequence[UnreadRule] = (),
    ) -> None:
        """Begin at `start_s`, Unix time, with every alarm in INSUFFICIENT_DATA; `unread` rules are not computed."""
        self.alarms: Mapping[str, Definition | Unjudgeable] = {}
        self.composites: frozenset[str] = frozenset()
        self.problem = ""
        match stack:
            case UnreadTemplate(reason):
                self.problem = f"the template's alarms cannot be read: {reason}"
            case _:
                self.alarms = {key: _without(alarm, unread) for key, alarm in read_alarms(stack).alarms.items()}
                self.composites = frozenset(key for key, resource in stack.walk() if resource.type == COMPOSITE_ALARM)
        self._engine = Engine(self.alarms.values(), source, int(start_s))
        self._carried_out = 0

    def step(self, now_s: float) -> Sequence[Transition]:
        """Evaluate all that is due at `now_s`, sandbox time, and return what changed."""
        return self._engine.step(int(now_s) - SETTLE_S)

    @property
    def transitions(self) -> Sequence[Transition]:
        """Every change of state so far, oldest first."""
        return self._engine.transitions

    def fresh_actions(self) -> list[ActionTaken]:
        """Return the actions since the last time, oldest first."""
        fresh = self._engine.actions[self._carried_out :]
        self._carried_out += len(fresh)
        return fresh

    def changes(self, alarm_id: str) -> Iterator[Transition]:
        """Return an alarm's changes of state, newest first."""
        return (change for change in reversed(self._engine.transitions) if change.alarm == alarm_id)

    def unsimulated(self, alarm_id: str) -> str:
        """Say why an alarm cannot be judged here; empty when it can."""
        alarm = self.alarms[alarm_id]
        return alarm.why if isinstance(alarm, Unjudgeable) else self._engine.left_out.get(alarm_id, "")

    def state(self, alarm_id: str) -> AlarmState:
        """Return an alarm's state; INSUFFICIENT_DATA when it cannot be judged."""
        return AlarmState.INSUFFICIENT_DATA if self.unsimulated(alarm_id) else self._engine.state(alarm_id)

    def since_s(self, alarm_id: str) -> int | None:
        """Return since when it is in that state, sandbox time; None when it cannot be judged."""
        return None if self.unsimulated(alarm_id) else self._engine.since_s(alarm_id)

    def evaluation(self, alarm_id: str) -> Evaluation | None:
        """Return the last evaluation of a metric alarm; None before the first, and for the others."""
        return None if self.unsimulated(alarm_id) else self._engine.evaluation(alarm_id)

    def suppressed(self, alarm_id: str) -> str:
        """Say why a composite's actions wait; empty when none waits."""
        return "" if self.unsimulated(alarm_id) else self._engine.suppressed(alarm_id)

    def actions(self, alarm_id: str) -> list[ActionTaken]:
        """Return the actions that CloudWatch would have taken, newest first."""
        return [taken for taken in reversed(self._engine.actions) if taken.alarm == alarm_id]


def _without(alarm: Definition | Unjudgeable, unread: Sequence[UnreadRule]) -> Definition | Unjudgeable:
    """Return an alarm as it is, unless it is on a Contributor Insights rule that is not computed here."""
    if not isinstance(alarm, AlarmDefinition):
        return alarm
    texts = [query.text for query in alarm.queries.values() if isinstance(query, ExpressionQuery)]
    for rule in unread:
        if any("INSIGHT_RULE_METRIC" in text and rule.name in text for text in texts):
            fault = Fault(f"its rule {rule.name} is not computed: {rule.reason}", NOT_SIMULATED, simulated=False)
            return Unjudgeable(alarm.id, alarm.name, (fault,))
    return alarm
