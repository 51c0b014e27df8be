"""One evaluation of one metric alarm.

Never remembers: the previous state comes in, the new one goes out. The caller decides when to evaluate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hookwatch.alarms.definition import AlarmDefinition
from hookwatch.alarms.math import MetricQuery, evaluate
from hookwatch.alarms.metrics import MetricSource
from hookwatch.alarms.state import AlarmState, decide
from hookwatch.alarms.statistics import Statistic, parse_statistic


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One period of the evaluation range.

    Attributes:
        start_s: Start of the period.
        value: Its value; None is missing.
        breaching: Whether the value breaches; None when missing.
        used: Whether it was among those that decided.
    """

    start_s: int
    value: float | None
    breaching: bool | None
    used: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        state: The state after it.
        reason: One sentence without a full stop.
        datapoints: The whole evaluation range, oldest first.
        filled: How many datapoints were filled in by the treatment of missing data.
    """

    state: AlarmState
    reason: str
    datapoints: tuple[Datapoint, ...]
    filled: int


def evaluate_alarm(definition: AlarmDefinition, source: MetricSource, now_s: int, previous: AlarmState) -> Evaluation:
    """Evaluate over the periods that ended by `now_s` (seconds).

    Args:
        definition: The alarm.
        source: Answers for its metrics.
        now_s: The time; the running period is not looked at.
        previous: The state before, which `ignore` keeps.
    """
    period_s, window = definition.period_s, definition.window
    end_s = now_s // period_s * period_s
    starts = range(end_s - window.range_periods * period_s, end_s, period_s)
    found = evaluate(definition.watched, definition.queries, source, starts.start, end_s)
    points = found[0].points if found else {}
    values = [points.get(at) for at in starts]
    breaching = [None if value is None else definition.breaches(value) for value in values]
    decision = decide(breaching, window, definition.missing, previous)
    state, why = decision.state, decision.why
    short = _too_few_samples(definition, source, starts) if definition.ignore_low_samples else ""
    if short:
        state, why = previous, short
    datapoints = tuple(
        Datapoint(at, value, breaks, position in decision.used)
        for position, (at, value, breaks) in enumerate(zip(starts, values, breaching, strict=True))
    )
    return Evaluation(state, f"{why}; breaching is {definition.condition()}", datapoints, decision.filled)


def _too_few_samples(definition: AlarmDefinition, source: MetricSource, starts: Sequence[int]) -> str:
    """Say why a percentile is not significant; empty when it is, or when there is nothing to count.

    AWS counts the samples "during the evaluation period"; we count those of the last N periods together.
    """
    query = definition.queries[definition.watched]
    statistic = parse_statistic(query.statistic) if isinstance(query, MetricQuery) else None
    if not isinstance(query, MetricQuery) or not isinstance(statistic, Statistic) or not statistic.samples_needed():
        return ""
    metric, period_s = query.metric, query.period_s
    first = starts[-definition.window.evaluation_periods]
    counted = source.query(
        metric.namespace,
        metric.name,
        dict(metric.dimensions),
        "SampleCount",
        period_s,
        first,
        starts[-1] + period_s,
        query.unit,
    )
    total = sum(value for _, value in counted)
    needed = statistic.samples_needed()
    if not 0 < total < needed:
        return ""
    return f"{total:g} samples are too few for {statistic.text} ({needed} are needed), so the state is kept"
