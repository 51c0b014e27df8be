"""Reads rules, targets and what they call from a resolved CloudFormation or SAM template.

Never judges a pattern. Only what the template says is known; a target or a bus that it does not tell is said to be
unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.cfn import find_unresolved
from hookwatch.patterns.emissions import Emission, forwarded, unknown
from hookwatch.patterns.loops.nodes import nodes
from hookwatch.patterns.loops.roles import Roles
from hookwatch.patterns.loops.site import Place, Site, SiteRule, Suppression, Target
from hookwatch.patterns.loops.wiring import Where, arn_of, bus_of, is_bus, items, key_of
from hookwatch.patterns.rules import TemplateRule, find_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.cfn import Resource, Stack

METADATA_KEY = "hookwatch"
"""Where a resource's Metadata says which findings to ignore: `hookwatch: {ignore: [{rule: P012, reason: ...}]}`."""


def read_template(stack: Stack, where: Where) -> Site:
    """Read one resolved template with its nested stacks."""
    walked = list(stack.walk())
    stacks = dict(stack.stacks())
    by_name = dict(walked)
    rules: list[SiteRule] = []
    for rule in find_rules(stack):
        owner = max((name for name in by_name if rule.name == name or rule.name.startswith(f"{name}.")), key=len)
        rules += _rules(rule, owner, by_name[owner], stacks[owner.rpartition(".")[0]], where)
    found = nodes(walked, Roles(walked), where)
    used = {node.key for node in found.values()}
    notes = [f"{node.label}: {node.assumption}" for key in used if (node := found[key]).assumption]
    return Site(tuple(rules), found, _shared(walked, rules), (*stack.notes, *sorted(notes)))


def _rules(rule: TemplateRule, owner: str, resource: Resource, stack: Stack, where: Where) -> Iterator[SiteRule]:
    targets = tuple(_targets(rule, resource, where))
    declared = stack.template.section("Resources").get(resource.logical_id)
    declared = declared if isinstance(declared, dict) else {}
    for pattern in rule.patterns:
        yield SiteRule(
            name=rule.name,
            aliases=(*rule.aliases, owner, resource.logical_id),
            kind=rule.kind,
            text=pattern.text,
            not_judged=pattern.not_judged or "",
            bus=bus_of(rule.bus, where),
            enabled=rule.enabled,
            place=Place(
                file=str(stack.template.path or "template"),
                line=rule.line,
                pointer=f"/Resources/{_escaped(resource.logical_id)}/Properties{pattern.pointer}",
                is_text=isinstance(_at(declared.get("Properties"), pattern.pointer), str),
                template=True,
            ),
            targets=targets,
            suppressions=tuple(_suppressions(declared.get("Metadata"), rule.name.removeprefix(f"{owner}."))),
        )


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _targets(rule: TemplateRule, resource: Resource, where: Where) -> Iterator[Target]:
    match resource.type:
        case "AWS::Events::Rule":
            for number, target in enumerate(items(resource.properties.get("Targets"))):
                yield _target(target, str(target.get("Id") or number), where)
        case "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" | "AWS::Pipes::Pipe":
            yield Target(arn_of(resource, where), rule.name.split(".")[0])
        case "AWS::EventsV2::Subscriber":
            arn = resource.properties.get("TargetArn") or _first_arn(resource.properties.get("Target"))
            if arn is not None:
                yield _target({"Arn": arn}, "target", where)
        case _:
            return


def _first_arn(value: Any) -> Any:
    return value.get("Arn") if isinstance(value, dict) else None


def _target(target: dict[str, Any], name: str, where: Where) -> Target:
    arn = target.get("Arn")
    reasons = [one.reason for one in find_unresolved(arn)]
    if reasons or not isinstance(arn, str):
        return Target(None, name, problem=f"its target {name} is not known: {'; '.join(reasons) or 'it has no Arn'}")
    if is_bus(arn):
        return Target(None, f"bus {arn.rpartition('/')[2]}", (_onto_bus(target, arn, where),))
    return Target(key_of(arn), arn.rpartition(":")[2])


def _onto_bus(target: dict[str, Any], arn: str, where: Where) -> Emission:
    bus = bus_of(arn, where)
    if any(key in target for key in ("Input", "InputPath", "InputTransformer")):
        return unknown(f"puts a changed event on the bus {bus}", bus)
    return forwarded(bus)


def _shared(walked: list[tuple[str, Resource]], rules: list[SiteRule]) -> frozenset[str]:
    """Buses that take events from other accounts (a bus policy) or from other buses (a rule forwards to them)."""
    found = {
        emission.bus.name for rule in rules for target in rule.targets for emission in target.emissions if emission.bus
    }
    for _, resource in walked:
        if resource.type == "AWS::Events::EventBusPolicy":
            found.add(str(resource.properties.get("EventBusName") or "default"))
        if resource.type == "AWS::Events::EventBus" and resource.properties.get("Policy"):
            found.add(str(resource.physical_name))
    return frozenset(found)


def _suppressions(metadata: Any, event: str) -> Iterator[Suppression]:
    ours = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    for entry in items(ours.get("ignore")) if isinstance(ours, dict) else ():
        if entry.get("event") not in (None, event):
            continue
        reason = entry.get("reason")
        yield Suppression(str(entry.get("rule") or ""), reason.strip() if isinstance(reason, str) else "")
