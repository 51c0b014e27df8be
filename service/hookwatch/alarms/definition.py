"""What an alarm is, apart from any template.

Never evaluates and never reads a file; `reading` makes these from a resolved template.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from hookwatch.alarms.math import ExpressionQuery, MetricQuery, Query, period_of
from hookwatch.alarms.math.queries import inputs
from hookwatch.alarms.properties import Fault
from hookwatch.alarms.rule import Rule
from hookwatch.alarms.state import AlarmState, MissingData, Window
from hookwatch.alarms.warmup import WarmUp

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "at least"),
    "GreaterThanThreshold": (operator.gt, "over"),
    "LessThanThreshold": (operator.lt, "under"),
    "LessThanOrEqualToThreshold": (operator.le, "at most"),
}
"""Comparisons with a fixed threshold, and how they are spoken. The three band comparisons are not simulated."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What an alarm does on a change of state; ARNs, or the spoken reason of an unresolved one."""

    alarm: tuple[str, ...] = ()
    ok: tuple[str, ...] = ()
    insufficient_data: tuple[str, ...] = ()
    enabled: bool = True

    def on(self, state: AlarmState) -> tuple[str, ...]:
        """Return what is done on entering a state."""
        if not self.enabled:
            return ()
        match state:
            case AlarmState.ALARM:
                return self.alarm
            case AlarmState.OK:
                return self.ok
            case AlarmState.INSUFFICIENT_DATA:
                return self.insufficient_data

    def any(self) -> bool:
        """Tell whether the alarm does anything at all."""
        return self.enabled and bool(self.alarm or self.ok or self.insufficient_data)


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """A metric alarm that can be evaluated.

    Attributes:
        id: Logical id, `Stack.Id` when nested.
        name: Physical name, as composite rules call it.
        queries: Its metrics and expressions by id.
        watched: Id of the query that is compared.
        comparison: A key of `COMPARISONS`.
        threshold: What it is compared with.
        window: M of N.
        missing: Treatment of missing data.
        ignore_low_samples: Whether a percentile of too few samples keeps the state.
        actions: What it does.
        description: Its text; empty when there is none.
        warm_up: How long it waits after it was made; None when it judges at once.
    """

    id: str
    name: str
    queries: dict[str, Query]
    watched: str
    comparison: str
    threshold: float
    window: Window
    missing: MissingData
    ignore_low_samples: bool
    actions: Actions
    description: str
    warm_up: WarmUp | None = None

    @property
    def period_s(self) -> int:
        """Period of the watched series in seconds."""
        return period_of(self.queries[self.watched], self.queries)

    @property
    def inputs(self) -> list[MetricQuery]:
        """Every metric that the watched series is made of."""
        return inputs(self.queries[self.watched], self.queries)

    @property
    def expression(self) -> str | None:
        """The watched expression; None when a plain metric is watched."""
        query = self.queries[self.watched]
        return query.text if isinstance(query, ExpressionQuery) else None

    def breaches(self, value: float) -> bool:
        """Compare one datapoint with the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)

    def condition(self) -> str:
        """Say the threshold, for example `over 5`."""
        return f"{COMPARISONS[self.comparison][1]} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class Suppressor:
    """An action suppressor: the alarm's name or ARN and the two periods in seconds."""

    alarm: str
    wait_s: int
    extension_s: int


@dataclass(frozen=True, slots=True)
class CompositeDefinition:
    """A composite alarm that can be evaluated; `rule` names alarms by name or ARN."""

    id: str
    name: str
    rule: Rule
    text: str
    suppressor: Suppressor | None
    actions: Actions
    description: str


@dataclass(frozen=True, slots=True)
class Unjudgeable:
    """An alarm that cannot be evaluated here.

    Attributes:
        id: Logical id, `Stack.Id` when nested.
        name: Physical name, or its logical id when even that is unresolved.
        faults: Why; never empty.
    """

    id: str
    name: str
    faults: tuple[Fault, ...]

    @property
    def simulated(self) -> bool:
        """False when CloudWatch would take it and only we cannot compute it."""
        return all(fault.simulated for fault in self.faults)

    @property
    def why(self) -> str:
        """Every reason in one line."""
        return "; ".join(fault.message for fault in self.faults)


Definition = AlarmDefinition | CompositeDefinition
