"""A013, A014, A015, A029: metrics that will never have a datapoint.

Never asks CloudWatch which metrics exist; the table in `published` says what AWS documents.
"""

import difflib
from collections.abc import Iterator

from hookwatch.alarms.lint.context import DEFAULT_BUS, Context
from hookwatch.alarms.lint.published import PUBLISHED, WHOLE_NAMESPACES
from hookwatch.alarms.math import MetricQuery
from hookwatch.alarms.metrics import Metric
from hookwatch.alarms.queries import HIGH_RESOLUTION_PERIODS_S

_EVENTS = "AWS/Events"


def dimension_findings(metrics: list[MetricQuery], context: Context) -> Iterator[tuple[str, str]]:
    """Yield `(rule, message)` for each metric of one alarm that AWS never publishes like that."""
    for query in metrics:
        metric = query.metric
        known = PUBLISHED.get(metric.namespace, {})
        if metric.namespace.startswith("AWS/") and query.period_s in HIGH_RESOLUTION_PERIODS_S:
            fine = f"{metric.namespace} {metric.name} comes once a minute; with a period of {query.period_s} s"
            yield "A029", f"{fine} most datapoints are missing"
        if metric.name not in known:
            yield from _name(metric, known)
            continue
        names = frozenset(name for name, _ in metric.dimensions)
        if names not in known[metric.name]:
            spoken = " or ".join(sorted(_spoken(group) for group in known[metric.name]))
            message = f"{metric.namespace} {metric.name} is never published with {_spoken(names)}, only with {spoken}"
            yield "A013", message
        elif metric.namespace == _EVENTS and "RuleName" in names:
            yield from _rule(metric, context)


def _spoken(names: frozenset[str]) -> str:
    return "{" + ", ".join(sorted(names)) + "}" if names else "no dimensions"


def _name(metric: Metric, known: dict[str, frozenset[frozenset[str]]]) -> Iterator[tuple[str, str]]:
    if not metric.name:
        return
    spelled = [name for name in known if name.lower() == metric.name.lower()]
    if spelled:
        yield (
            "A015",
            f"{metric.namespace} has no {metric.name}; metric names are case-sensitive, AWS writes {spelled[0]}",
        )
    elif metric.namespace in WHOLE_NAMESPACES:
        near = difflib.get_close_matches(metric.name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield "A015", f"{metric.namespace} publishes no metric {metric.name}{hint}"


def _rule(metric: Metric, context: Context) -> Iterator[tuple[str, str]]:
    values = dict(metric.dimensions)
    rule, bus = values["RuleName"], values.get("EventBusName")
    home = context.buses.get(rule)
    alone = f"{metric.name} with RuleName alone exists only for rules on the default bus"
    if "|" in rule:
        on, name = rule.split("|", 1)
        lacks = "" if bus else f", and EventBusName {on} beside it"
        given = f"RuleName is {rule!r}, which is what Ref gives for a rule on a custom bus"
        yield "A013", f"{given}; the metric carries {name!r}{lacks}. Give the rule an explicit Name and use that"
    elif bus is None and isinstance(home, str) and home != DEFAULT_BUS and home not in context.assumed:
        yield "A013", f"{alone}; the rule {rule} is on {home}. Add the dimension EventBusName {home}"
    elif bus is None and (home is not None or context.custom_bus) and home != DEFAULT_BUS:
        yield "A014", f"{alone}, and this template has a custom bus. Add the dimension EventBusName"
    elif bus is not None and isinstance(home, str) and bus and bus.rsplit("/", 1)[-1] != home:
        yield "A013", f"the rule {rule} is on the bus {home}, not on {bus}"
