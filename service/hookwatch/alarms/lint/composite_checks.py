"""A010, A011, A028: composites and their children.

Never judges a state.
"""

from collections.abc import Iterator

from hookwatch.alarms.definition import CompositeDefinition
from hookwatch.alarms.lint.context import Context
from hookwatch.alarms.order import alarm_name, named_by


def composite_findings(composite: CompositeDefinition, context: Context) -> Iterator[tuple[str, str]]:
    """Yield `(rule, message)` for one composite."""
    names = {alarm.name for alarm in context.alarms.values()}
    for written in named_by(composite):
        name = alarm_name(written)
        if name in names or written in context.parameter_values or name in context.parameter_values:
            continue
        if name in context.absent:
            yield "A010", f"it names {name}, which these parameters leave out"
        else:
            yield "A010", f"it names {name}, which this template does not make"
    if composite.name in _below(composite, context):
        yield "A011", "it depends on itself; CloudWatch stops evaluating a circle of composites"
    yield from _twice(composite, context)


def _below(composite: CompositeDefinition, context: Context) -> set[str]:
    by_name = {alarm.name: alarm for alarm in context.alarms.values()}
    open_names = [alarm_name(name) for name in named_by(composite)]
    found: set[str] = set()
    while open_names:
        name = open_names.pop()
        if name in found:
            continue
        found.add(name)
        child = by_name.get(name)
        if isinstance(child, CompositeDefinition):
            open_names += [alarm_name(item) for item in named_by(child)]
    return found


def _twice(composite: CompositeDefinition, context: Context) -> Iterator[tuple[str, str]]:
    by_name = {alarm.name: alarm for alarm in context.alarms.values()}
    suppressor = alarm_name(composite.suppressor.alarm) if composite.suppressor is not None else ""
    for name in dict.fromkeys(alarm_name(item) for item in named_by(composite)):
        child = by_name.get(name)
        actions = getattr(child, "actions", None)
        if actions is None or child is None or name == suppressor or not actions.enabled:
            continue
        shared = sorted(set(actions.alarm) & set(composite.actions.alarm))
        if shared and composite.actions.enabled:
            yield "A028", f"{child.id} below it notifies {shared[0]} too, so one cause pages twice"
