"""An alarm in plain words.

Never judges whether it is a good alarm (`lint` does). How soon it fires and what silence does come from `foresight`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.foresight import foresee, rule_soonest_s, spoken_s
from hookwatch.alarms.math import ExpressionQuery, MetricQuery
from hookwatch.alarms.metrics import INSIGHT_NAMESPACE
from hookwatch.alarms.order import alarm_name
from hookwatch.alarms.prices import PRICES_READ, Price
from hookwatch.alarms.rule import All, AtLeast, Constant, InState, Not, Rule
from hookwatch.alarms.rule import Any as Either
from hookwatch.alarms.state import AlarmState


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an alarm does, in sentences.

    Attributes:
        alarm: Qualified id.
        fires: What brings it to ALARM.
        soonest: How soon that can be.
        soonest_s: The same in seconds; None when it cannot be told.
        missing_data: What missing data does.
        actions: What it does then.
        price: What it costs, with the source of the price.
        price_usd: The same in USD a month.
        description: Its own words.
    """

    alarm: str
    fires: str
    soonest: str
    soonest_s: int | None
    missing_data: str
    actions: str
    price: str
    price_usd: float
    description: str


def explain(
    alarm: Definition | Unjudgeable, price: Price, others: Mapping[str, Definition | Unjudgeable]
) -> Explanation:
    """Explain one alarm; `others` are all alarms by qualified id, for composites."""
    priced = f"{price} [{PRICES_READ}]"
    match alarm:
        case Unjudgeable():
            unknown = "unknown"
            return Explanation(
                alarm.id, f"Cannot be told: {alarm.why}.", unknown, None, unknown, unknown, priced, price.usd, ""
            )
        case AlarmDefinition():
            forecast = foresee(alarm)
            soonest, missing = forecast.soonest, forecast.missing_data
            soonest_s: int | None = forecast.soonest_s
            fires = _fires(alarm)
        case CompositeDefinition():
            by_name = {other.name: other for other in others.values()}
            soonest_s = rule_soonest_s(alarm.rule, by_name, frozenset({alarm.name}))
            soonest = "unknown"
            if soonest_s is not None:
                soonest = f"{spoken_s(soonest_s)} after the fault begins, with its children"
            names = {name: other.id for name, other in by_name.items()}
            fires = f"ALARM while {_rule(alarm.rule, names)}."
            missing = "A composite has no data of its own; its children decide."
    actions = _actions(alarm)
    return Explanation(alarm.id, fires, soonest, soonest_s, missing, actions, priced, price.usd, alarm.description)


def _fires(alarm: AlarmDefinition) -> str:
    window = alarm.window
    if window.evaluation_periods == 1:
        share = "one datapoint"
    elif window.datapoints_to_alarm == window.evaluation_periods:
        share = f"{window.datapoints_to_alarm} datapoints in a row"
    else:
        share = f"{window.datapoints_to_alarm} of the last {window.evaluation_periods} datapoints"
    verb = "is" if window.evaluation_periods == 1 else "are"
    return f"ALARM when {share} ({spoken_s(alarm.period_s)} each) of {_watched(alarm)} {verb} {alarm.condition()}."


def _watched(alarm: AlarmDefinition) -> str:
    query = alarm.queries[alarm.watched]
    if isinstance(query, MetricQuery):
        return _metric(query)
    parts = [f"{other.id} is {_query(other)}" for other in alarm.queries.values() if other.id != query.id]
    return query.text + (f" (where {', '.join(parts)})" if parts else "")


def _query(query: MetricQuery | ExpressionQuery) -> str:
    return _metric(query) if isinstance(query, MetricQuery) else query.text


def _metric(query: MetricQuery) -> str:
    namespace = "" if query.metric.namespace == INSIGHT_NAMESPACE else f"{query.metric.namespace} "
    pairs = ", ".join(f"{name}={value}" for name, value in sorted(query.metric.dimensions))
    return f"the {query.statistic} of {namespace}{query.metric.name}" + (f" ({pairs})" if pairs else "")


def _rule(rule: Rule, ids: Mapping[str, str]) -> str:
    def spoken(name: str) -> str:
        return ids.get(alarm_name(name), alarm_name(name))

    match rule:
        case Constant():
            return "always" if rule.value else "never"
        case InState():
            return f"{spoken(rule.alarm)} is {rule.state}"
        case AtLeast():
            word = "not " if rule.negated else ""
            return f"at least {rule.wanted} of {', '.join(map(spoken, rule.alarms))} are {word}{rule.state}"
        case Not():
            return f"not ({_rule(rule.part, ids)})"
        case All():
            parts = [(_rule(part, ids), isinstance(part, Either)) for part in rule.parts]
            return " and ".join(f"({text})" if either else text for text, either in parts)
        case Either():
            return " or ".join(_rule(part, ids) for part in rule.parts)


def _actions(alarm: Definition) -> str:
    if not alarm.actions.any():
        return "none of its own"
    parts = [(state, alarm.actions.on(state)) for state in AlarmState]
    text = "; ".join(f"on {state}: {', '.join(actions)}" for state, actions in parts if actions)
    if isinstance(alarm, CompositeDefinition) and alarm.suppressor is not None:
        waits = alarm.suppressor
        text += (
            f"; they wait {waits.wait_s} s for {alarm_name(waits.alarm)}, are held back while that is in ALARM "
            f"and {waits.extension_s} s longer"
        )
    return text
