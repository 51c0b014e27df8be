"""Runs every check over a template with its nested stacks.

Never stops at the first finding. Alarms that the given parameters leave out are checked too, from a second reading in
which no resource is left out. Composites of the second reading have every optional part of their rule, or whoever is
told of an absent alarm would not be found.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hookwatch.alarms.definition import AlarmDefinition, CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.lint.alarm_checks import alarm_findings
from hookwatch.alarms.lint.budget_checks import budget_findings
from hookwatch.alarms.lint.composite_checks import composite_findings
from hookwatch.alarms.lint.context import DEFAULT_BUS, Context, rule_buses
from hookwatch.alarms.lint.dimension_checks import dimension_findings
from hookwatch.alarms.lint.missing_checks import missing_findings
from hookwatch.alarms.lint.placeholders import placeholders
from hookwatch.alarms.lint.rules import RULES, Finding
from hookwatch.alarms.properties import Properties
from hookwatch.alarms.queries import read_queries
from hookwatch.alarms.reading import ALARM_TYPES, COMPOSITE_ALARM, METRIC_ALARM, read_alarm
from hookwatch.cfn import Resource, Stack, Template, TemplateError, Unresolved, load, resolve

BUDGET = "AWS::Budgets::Budget"
_Checked = tuple[str, str]


def lint_file(path: Path, parameters: dict[str, Any] | None = None) -> list[Finding] | str:
    """Lint one template file; a text is the reason why it could not be read."""
    try:
        return lint_template(load(path), parameters)
    except TemplateError as error:
        return str(error)


def lint_template(template: Template, parameters: dict[str, Any] | None = None) -> list[Finding]:
    """Lint a template.

    Raises:
        TemplateError: A parameter is unknown or not allowed, or the template's form is wrong.
    """
    assumed = placeholders(template, parameters or {})
    given = {**assumed, **(parameters or {})}
    stack = resolve(template, given)
    everything = resolve(template, given, every_resource=True)
    present = {key for key, _ in stack.walk()}
    generous = dict(resolve(template, given, every_resource=True, every_condition=True).walk())
    walked = [
        (key, generous.get(key, item) if item.type == COMPOSITE_ALARM else item) for key, item in everything.walk()
    ]
    full = {key: resource for key, resource in walked if key not in present}
    context = _context(list(stack.walk()), stack, frozenset(_names(full)), frozenset(assumed.values()))
    files = {prefix: str(part.template.path or "template") for prefix, part in everything.stacks()}
    findings: list[Finding] = []
    for key, resource in stack.walk():
        findings += _findings(key, resource, files, _all_checks(key, resource, context))
    absent = _context(walked, everything, frozenset(), frozenset(assumed.values()))
    for key, resource in full.items():
        findings += _findings(key, resource, files, _all_checks(key, resource, absent))
    return sorted(findings, key=lambda found: (found.file, found.line or 0, found.logical_id, found.rule))


def _names(resources: dict[str, Resource]) -> Iterator[str]:
    for resource in resources.values():
        if resource.type in ALARM_TYPES and isinstance(resource.physical_name, str):
            yield resource.physical_name


def _context(
    walked: list[tuple[str, Resource]], stack: Stack, absent: frozenset[str], assumed: frozenset[str]
) -> Context:
    buses = rule_buses(walked)
    makes_bus = any(resource.type == "AWS::Events::EventBus" for _, resource in walked)
    given = {str(value) for _, part in stack.stacks() for value in part.parameters.values()}
    return Context(
        alarms={key: read_alarm(key, resource) for key, resource in walked if resource.type in ALARM_TYPES},
        buses=buses,
        custom_bus=makes_bus or any(isinstance(bus, Unresolved) or bus != DEFAULT_BUS for bus in buses.values()),
        parameter_values=frozenset(given),
        absent=absent,
        assumed=assumed,
    )


def _findings(key: str, resource: Resource, files: dict[str, str], found: Iterator[_Checked]) -> list[Finding]:
    file = files[key.rpartition(".")[0]]
    unique = dict.fromkeys(found)
    return [Finding(file, resource.line, key, rule, RULES[rule].severity, message) for rule, message in unique]


def _all_checks(key: str, resource: Resource, context: Context) -> Iterator[_Checked]:
    if resource.type == BUDGET:
        yield from budget_findings(resource.properties)
    if resource.type not in ALARM_TYPES:
        return
    alarm = context.alarms[key]
    yield from _faults(alarm)
    if resource.type == METRIC_ALARM:
        metrics = read_queries(Properties(resource.properties)).metrics
        yield from dimension_findings(metrics, context)
    match alarm:
        case AlarmDefinition():
            yield from missing_findings(alarm)
        case CompositeDefinition():
            yield from composite_findings(alarm, context)
        case Unjudgeable():
            pass
    yield from alarm_findings(alarm, resource, context)


def _faults(alarm: Definition | Unjudgeable) -> Iterator[_Checked]:
    if isinstance(alarm, Unjudgeable):
        for fault in alarm.faults:
            yield fault.rule, fault.message
