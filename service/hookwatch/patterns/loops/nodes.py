"""What a template's functions, state machines, topics, queues and pipes do when they are called.

Never judges; what a template cannot tell becomes an unknown emission or an assumption that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.patterns.emissions import Bus, Emission, unknown
from hookwatch.patterns.loops.code import Entry, literal_entries
from hookwatch.patterns.loops.policies import PUT_EVENTS, Grant
from hookwatch.patterns.loops.site import Node
from hookwatch.patterns.loops.wiring import DEFAULT_BUS, Where, arn_of, bus_of, is_bus, items, key_of, texts
from hookwatch.patterns.matchers import Matcher, Prefix, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.cfn import Resource
    from hookwatch.patterns.loops.roles import Roles

_RUNS = (
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
    "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::StateMachine",
)
_CALLED = (*_RUNS, "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Pipes::Pipe")


def nodes(walked: Sequence[tuple[str, Resource]], roles: Roles, where: Where) -> dict[str, Node]:
    """Give every node by its key."""
    called = [
        (name, resource, key)
        for name, resource in walked
        if resource.type in _CALLED and (key := arn_of(resource, where))
    ]
    links = list(_links(walked, where))
    keys = [key for _, _, key in called]
    buses = _buses(walked, where)
    found: dict[str, Node] = {}
    for name, resource, key in called:
        calls = [to for source, to in links if source == key]
        emissions: list[Emission] = []
        assumption = ""
        if resource.type in _RUNS:
            grants, assumption = roles.of(resource)
            calls += [other for other in keys if other != key and _may_call(grants, other)]
            emissions += _narrowed(name, literal_entries(resource), list(_may_put(name, grants, buses)), where)
        emissions += _destinations(name, resource, walked, where)
        if resource.type == "AWS::Pipes::Pipe":
            emissions += _piped(name, resource, where)
        aliases = texts(resource.logical_id, resource.physical_name, key)
        found[key] = Node(key, name, aliases, tuple(dict.fromkeys(calls)), tuple(emissions), assumption)
    return found


def _may_call(grants: Sequence[Grant], arn: str) -> bool:
    service = arn.split(":")[2]
    return any(grant.action.startswith(service) and grant.covers(arn) for grant in grants)


def _may_put(name: str, grants: Sequence[Grant], buses: dict[str, Bus]) -> Iterator[Emission]:
    """One emission for each bus that a grant of PutEvents covers; an open grant covers a bus nobody knows too."""
    for grant in grants:
        if grant.action != PUT_EVENTS:
            continue
        limits: dict[str, tuple[Matcher, ...]] = {}
        if grant.source:
            limits["source"] = grant.source
        if grant.detail_type:
            limits["detail_type"] = grant.detail_type
        covered = [bus for arn, bus in buses.items() if grant.covers(arn)]
        label = f"{name} may put events"
        if grant.resource == "*":
            yield unknown(f"{label} on any bus", None, **limits)
        elif covered:
            for bus in covered:
                yield unknown(f"{label} on the bus {bus}", bus, **limits)


def _narrowed(name: str, entries: Sequence[Entry], allowed: list[Emission], where: Where) -> Iterator[Emission]:
    """Replace "may put anything" by what the function's own code says, if it says it."""
    if not entries:
        yield from allowed
        return
    for entry in entries:
        for emission in allowed:
            bus = bus_of(entry.bus, where) if entry.bus else emission.bus
            if emission.bus is not None and bus is not None and emission.bus.same(bus) is False:
                continue
            limits: dict[str, tuple[Matcher, ...]] = {}
            if entry.source is not None:
                limits["source"] = (Text(entry.source),)
            if entry.detail_type is not None:
                limits["detail_type"] = (Text(entry.detail_type),)
            what = f"{entry.source or 'a computed source'}, {entry.detail_type or 'a computed type'}"
            yield unknown(f"{name} puts {what} on the bus {bus or '(computed)'} (read from its code)", bus, **limits)


def _buses(walked: Sequence[tuple[str, Resource]], where: Where) -> dict[str, Bus]:
    """Every bus that somebody could name here, by ARN."""
    found = {DEFAULT_BUS}
    for _, resource in walked:
        if resource.type == "AWS::Events::EventBus" and isinstance(resource.physical_name, str):
            found.add(resource.physical_name)
        for value in (resource.properties.get("EventBusName"), *_sam_buses(resource)):
            bus = bus_of(value, where)
            if bus is not None and not bus.where:
                found.add(bus.name)
    return {f"arn:aws:events:{where.region}:{where.account}:event-bus/{name}": Bus(name) for name in sorted(found)}


def _sam_buses(resource: Resource) -> Iterator[Any]:
    events = resource.properties.get("Events")
    for event in items(list(events.values())) if isinstance(events, dict) else ():
        properties = event.get("Properties")
        if isinstance(properties, dict) and "EventBusName" in properties:
            yield properties["EventBusName"]


def _links(walked: Sequence[tuple[str, Resource]], where: Where) -> Iterator[tuple[str, str]]:
    """Who hands what it gets to whom: subscriptions, event source mappings, pipes."""
    for _, resource in walked:
        properties = resource.properties
        own = arn_of(resource, where) or ""
        pairs: list[tuple[Any, Any]] = []
        match resource.type:
            case "AWS::SNS::Subscription":
                pairs = [(properties.get("TopicArn"), properties.get("Endpoint"))]
            case "AWS::SNS::Topic":
                pairs = [(own, one.get("Endpoint")) for one in items(properties.get("Subscription"))]
            case "AWS::Lambda::EventSourceMapping":
                function = properties.get("FunctionName")
                if isinstance(function, str) and not function.startswith("arn:"):
                    function = f"arn:aws:lambda:{where.region}:{where.account}:function:{function}"
                pairs = [(properties.get("EventSourceArn"), function)]
            case "AWS::Pipes::Pipe":
                pairs = [(properties.get("Source"), own), (own, properties.get("Target"))]
            case "AWS::Serverless::Function":
                pairs = [(source, own) for source in _sam_sources(properties.get("Events"))]
            case _:
                continue
        for source, target in pairs:
            if (start := key_of(source)) and (end := key_of(target)):
                yield start, end


def _sam_sources(events: Any) -> Iterator[Any]:
    for event in items(list(events.values())) if isinstance(events, dict) else ():
        properties = event.get("Properties")
        if isinstance(properties, dict):
            yield properties.get("Topic" if event.get("Type") == "SNS" else "Queue")


def _destinations(
    name: str, resource: Resource, walked: Sequence[tuple[str, Resource]], where: Where
) -> Iterator[Emission]:
    """Lambda destinations that are buses: the result of every asynchronous call is an event with source `lambda`."""
    configurations = (
        [resource.properties.get("EventInvokeConfig")] if resource.type == "AWS::Serverless::Function" else []
    )
    for _, other in walked:
        called = other.properties.get("FunctionName")
        if other.type == "AWS::Lambda::EventInvokeConfig" and called in (
            resource.physical_name,
            arn_of(resource, where),
        ):
            configurations.append(other.properties)
    for configuration in items(configurations):
        destinations = configuration.get("DestinationConfig")
        for when, destination in destinations.items() if isinstance(destinations, dict) else ():
            arn = destination.get("Destination") if isinstance(destination, dict) else None
            if is_bus(arn):
                bus = bus_of(arn, where)
                label = f"{name} reports {when} to the bus {bus}"
                yield Emission(label, bus, (("source", (Text("lambda"),)),), certain=False)


def _piped(name: str, resource: Resource, where: Where) -> Iterator[Emission]:
    """A pipe into a bus: source and detail-type are its parameters, or its own name."""
    target = resource.properties.get("Target")
    if not is_bus(target):
        return
    parameters = resource.properties.get("TargetParameters")
    given = parameters.get("EventBridgeEventBusParameters") if isinstance(parameters, dict) else None
    given = given if isinstance(given, dict) else {}
    source = given.get("Source")
    matchers: tuple[Matcher, ...] = (Prefix("Pipe "),) if source is None else _stated(source)
    bus = bus_of(target, where)
    fields = (("source", matchers), ("detail-type", _stated(given.get("DetailType"))))
    yield Emission(f"{name} puts what it reads on the bus {bus}", bus, fields)


def _stated(value: Any) -> tuple[Matcher, ...]:
    """A parameter's text, if it is not taken from the record (`$.path`, `<$.path>`)."""
    if isinstance(value, str) and not value.startswith("$") and "<$" not in value:
        return (Text(value),)
    return (Prefix(""),)
