"""Finds the event patterns of a template: rules, SAM events, subscribers of the newer bus, pipes.

This module never judges a pattern and never calls AWS. What the template alone cannot tell stays said: such a rule
carries the reason instead of a pattern.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.cfn import find_unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.cfn import Resource, Stack

_SAM_SOURCES = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_SAM_EVENTS = ("EventBridgeRule", "CloudWatchEvent")


@dataclass(frozen=True, slots=True)
class RulePattern:
    """One pattern of a rule.

    Attributes:
        text: the pattern as JSON text; None where it is not known.
        not_judged: why it is not known, or why it cannot be judged against an event; None otherwise.
        pointer: JSON pointer to the pattern within its resource's Properties.
    """

    text: str | None
    not_judged: str | None
    pointer: str


@dataclass(frozen=True, slots=True)
class TemplateRule:
    """Something in a template that selects events by pattern.

    Attributes:
        name: qualified logical id; a SAM event is `Function.Event`, inside a nested stack `Stack.Function.Event`.
        aliases: other names that a user may know it by (SAM's generated logical id, the Name property).
        kind: the resource type, or `AWS::Serverless::Function EventBridgeRule`.
        patterns: usually one; a pipe matches if any does, a subscriber if all do.
        needs: whether one or every pattern has to match.
        bus: what the template says about the bus; None is the default bus.
        enabled: False where the template switches the rule off.
        line: 1-based line of the resource in its template, when known.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    patterns: tuple[RulePattern, ...]
    needs: Literal["one", "every"] = "one"
    bus: Any = None
    enabled: bool = True
    line: int | None = None

    def is_called(self, name: str) -> bool:
        """Tell whether a user who says `name` means this rule."""
        return name == self.name or name in self.aliases


def find_rules(stack: Stack) -> list[TemplateRule]:
    """List the rules of a resolved template and its nested stacks, in document order.

    Rules with a schedule and no pattern select no events and are left out.
    """
    return [rule for name, resource in stack.walk() for rule in _of_resource(name, resource)]


def _of_resource(name: str, resource: Resource) -> Iterator[TemplateRule]:
    properties = resource.properties
    match resource.type:
        case "AWS::Events::Rule":
            if "EventPattern" in properties:
                yield _rule(name, resource, properties)
        case "AWS::EventsV2::Subscriber":
            yield _subscriber(name, resource)
        case "AWS::Pipes::Pipe":
            if pipe := _pipe(name, resource):
                yield pipe
        case kind if kind in _SAM_SOURCES:
            yield from _sam_events(name, resource)
        case _:
            return


def _rule(name: str, resource: Resource, properties: dict[str, Any]) -> TemplateRule:
    return TemplateRule(
        name=name,
        aliases=_names(resource.logical_id, properties.get("Name")),
        kind=resource.type,
        patterns=(_pattern(properties["EventPattern"], "/EventPattern"),),
        bus=properties.get("EventBusName"),
        enabled=properties.get("State") != "DISABLED",
        line=resource.line,
    )


def _sam_events(name: str, resource: Resource) -> Iterator[TemplateRule]:
    events = resource.properties.get("Events")
    if not isinstance(events, dict):
        return
    for key, event in events.items():
        if not isinstance(event, dict) or event.get("Type") not in _SAM_EVENTS:
            continue
        properties = event.get("Properties")
        if not isinstance(properties, dict):
            properties = {"Pattern": properties}
        yield TemplateRule(
            name=f"{name}.{key}",
            aliases=_names(f"{resource.logical_id}.{key}", f"{resource.logical_id}{key}", properties.get("RuleName")),
            kind=f"{resource.type} {event['Type']}",
            patterns=(_pattern(properties.get("Pattern"), f"/Events/{key}/Properties/Pattern"),),
            bus=properties.get("EventBusName"),
            enabled=properties.get("State") != "DISABLED" and properties.get("Enabled") is not False,
            line=resource.line,
        )


def _subscriber(name: str, resource: Resource) -> TemplateRule:
    """A subscriber of the newer custom bus: every filter has to match; without filters it takes every event."""
    configuration = resource.properties.get("FilterConfiguration")
    place = "/FilterConfiguration"
    if isinstance(configuration, dict):
        configuration, place = configuration.get("Filters"), f"{place}/Filters"
    if configuration is None:
        patterns: tuple[RulePattern, ...] = ()
    elif isinstance(configuration, list):
        patterns = tuple(_filter(item, f"{place}/{index}") for index, item in enumerate(configuration))
    else:
        patterns = (_pattern(configuration, place),)
    return TemplateRule(
        name=name,
        aliases=_names(resource.logical_id, resource.properties.get("Name")),
        kind=resource.type,
        patterns=patterns,
        needs="every",
        bus=resource.properties.get("EventBusArn"),
        enabled=resource.properties.get("State") != "DISABLED",
        line=resource.line,
    )


def _filter(item: Any, place: str) -> RulePattern:
    if isinstance(item, dict) and item.get("Scope", "DATA") != "DATA":
        return RulePattern(None, f"its scope is {item['Scope']}, which is not part of the event", f"{place}/Pattern")
    return _pattern(item.get("Pattern") if isinstance(item, dict) else item, f"{place}/Pattern")


def _pipe(name: str, resource: Resource) -> TemplateRule | None:
    """A pipe's filters; they are asked about the source's record as it is given."""
    source = resource.properties.get("SourceParameters")
    criteria = source.get("FilterCriteria") if isinstance(source, dict) else source
    filters = criteria.get("Filters") if isinstance(criteria, dict) else criteria
    if filters is None:
        return None
    place = "/SourceParameters/FilterCriteria/Filters"
    items = filters if isinstance(filters, list) else [filters]
    return TemplateRule(
        name=name,
        aliases=_names(resource.logical_id, resource.properties.get("Name")),
        kind=resource.type,
        patterns=tuple(_filter(item, f"{place}/{index}") for index, item in enumerate(items)),
        enabled=resource.properties.get("DesiredState") != "STOPPED",
        line=resource.line,
    )


def _pattern(value: Any, pointer: str) -> RulePattern:
    reasons = sorted({unresolved.reason for unresolved in find_unresolved(value)})
    if reasons:
        return RulePattern(None, f"the template alone does not tell: {'; '.join(reasons)}", pointer)
    match value:
        case str():
            return RulePattern(value, None, pointer)
        case dict():
            try:
                return RulePattern(json.dumps(value, ensure_ascii=False, allow_nan=False), None, pointer)
            except (TypeError, ValueError) as error:
                return RulePattern(None, f"the pattern has no JSON form: {error}", pointer)
        case None:
            return RulePattern(None, "there is no pattern", pointer)
        case _:
            return RulePattern(json.dumps(value, default=str), None, pointer)


def _names(*candidates: Any) -> tuple[str, ...]:
    return tuple(name for name in candidates if isinstance(name, str))
