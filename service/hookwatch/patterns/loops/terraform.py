"""Reads rules and targets from a Terraform plan as JSON (`terraform show -json PLAN`).

Never runs Terraform. Values that are only known after the apply are followed through the configuration's references
where they name a resource of the plan, and are said to be unknown otherwise. Format: developer.hashicorp.com/terraform/
internals/json-format (read 2026-11-22).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.emissions import Bus, Emission, forwarded, unknown
from hookwatch.patterns.loops.policies import PUT_EVENTS, Grant, document, grants
from hookwatch.patterns.loops.site import Node, Place, Site, SiteRule, Suppression, Target
from hookwatch.patterns.loops.terraform_json import Found, mapping, references, resources
from hookwatch.patterns.loops.wiring import DEFAULT_BUS, Where, bus_of, is_bus, key_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAN_BYTES_MAX = 67_108_864
"""A plan that we are willing to read; plans of a few hundred resources take some megabytes."""

_IGNORE = re.compile(r"hookwatch:ignore (P\d{3})(?: \(([^()]*)\))?")
_INDEX = re.compile(r"\[[^\[\]]*\]")


def is_plan(document_: Any) -> bool:
    """Tell whether a JSON document is a Terraform plan."""
    return isinstance(document_, dict) and "planned_values" in document_ and "terraform_version" in document_


def described(description: Any) -> tuple[Suppression, ...]:
    """Read suppressions from a rule's description: `hookwatch:ignore P012 (reason)`."""
    found = _IGNORE.findall(description) if isinstance(description, str) else []
    return tuple(Suppression(one, reason.strip()) for one, reason in found)


def read_plan(plan: dict[str, Any], file: str, where: Where) -> Site:
    """Read the rules of a plan."""
    listed = list(
        resources(mapping(mapping(plan.get("planned_values")).get("root_module")), "/planned_values/root_module")
    )
    referred = dict(references(mapping(mapping(plan.get("configuration")).get("root_module")), ""))
    reader = _Plan(listed, referred, file, where)
    rules = tuple(reader.rule(*one) for one in listed if _selects(one[0]))
    functions = [one for one, _ in listed if one.get("type") == "aws_lambda_function"]
    nodes = {key: reader.function(one, key) for one in functions if (key := reader.key(one))}
    shared = {
        str(mapping(one.get("values")).get("event_bus_name") or DEFAULT_BUS)
        for one, _ in listed
        if one.get("type") in ("aws_cloudwatch_event_permission", "aws_cloudwatch_event_bus_policy")
    }
    forwards = {bus.name for rule in rules for target in rule.targets for one in target.emissions if (bus := one.bus)}
    return Site(rules, nodes, frozenset(shared | forwards))


def _selects(resource: dict[str, Any]) -> bool:
    """A rule with a schedule and no pattern selects no events."""
    values = mapping(resource.get("values"))
    scheduled = values.get("schedule_expression") and not values.get("event_pattern")
    return resource.get("type") == "aws_cloudwatch_event_rule" and not scheduled


class _Plan:
    """The plan's resources by address."""

    def __init__(
        self, resources: list[Found], references: dict[str, dict[str, list[str]]], file: str, where: Where
    ) -> None:
        self._by_address = {str(one.get("address")): one for one, _ in resources}
        self._resources = [one for one, _ in resources]
        self._references, self._file, self._where = references, file, where

    def key(self, resource: dict[str, Any]) -> str:
        """Name a node."""
        arn = mapping(resource.get("values")).get("arn")
        return key_of(arn) or f"terraform:{resource.get('address')}"

    def rule(self, resource: dict[str, Any], pointer: str) -> SiteRule:
        """Read one rule with its targets."""
        values = mapping(resource.get("values"))
        pattern = values.get("event_pattern")
        address = str(resource.get("address"))
        return SiteRule(
            name=address,
            aliases=texts(values.get("name"), resource.get("name")),
            kind="aws_cloudwatch_event_rule",
            text=pattern if isinstance(pattern, str) else None,
            not_judged="" if isinstance(pattern, str) else "its pattern is only known after the apply",
            bus=self._bus(resource, values.get("event_bus_name")),
            enabled=values.get("state") != "DISABLED" and values.get("is_enabled") is not False,
            place=Place(self._file, None, f"{pointer}/values/event_pattern", is_text=True),
            targets=tuple(self._targets(address, values.get("name"))),
            suppressions=described(values.get("description")),
        )

    def function(self, resource: dict[str, Any], key: str) -> Node:
        """Read a function and what its role lets it put."""
        values = mapping(resource.get("values"))
        address = str(resource.get("address"))
        role = self._referred(address, "role", "aws_iam_role")
        found: list[Grant] = []
        assumption = "" if role else "its role is not in the plan, so it is taken to put no events"
        for other in self._resources:
            if other.get("type") != "aws_iam_role_policy" or role is None:
                continue
            text = mapping(other.get("values")).get("policy")
            if self._referred(str(other.get("address")), "role", "aws_iam_role") is role:
                found += _granted(text) if isinstance(text, str) else [Grant(PUT_EVENTS, "*")]
        emissions = [
            unknown(f"{address} may put events on {'any bus' if bus is None else f'the bus {bus}'}", bus)
            for grant in dict.fromkeys(found)
            if grant.action == PUT_EVENTS
            for bus in (bus_of(grant.resource, self._where) if "*" not in grant.resource else None,)
        ]
        names = texts(address, values.get("function_name"), resource.get("name"))
        return Node(key, address, names, (), tuple(emissions), assumption)

    def _targets(self, rule: str, name: Any) -> Iterator[Target]:
        for one in self._resources:
            values, address = mapping(one.get("values")), str(one.get("address"))
            if one.get("type") != "aws_cloudwatch_event_target":
                continue
            mine = self._referred(address, "rule", "aws_cloudwatch_event_rule")
            if mine is not self._by_address.get(rule) and not (mine is None and name and values.get("rule") == name):
                continue
            yield self._target(address, values)

    def _target(self, address: str, values: dict[str, Any]) -> Target:
        arn = values.get("arn")
        bus = self._referred(address, "arn", "aws_cloudwatch_event_bus")
        function = self._referred(address, "arn", "aws_lambda_function")
        if is_bus(arn) or bus is not None:
            named = (
                bus_of(arn, self._where) if is_bus(arn) else Bus(str(mapping((bus or {}).get("values")).get("name")))
            )
            changed = any(values.get(key) for key in ("input", "input_path", "input_transformer"))
            emission: Emission = (
                unknown(f"puts a changed event on the bus {named}", named) if changed else forwarded(named)
            )
            return Target(None, f"bus {named}", (emission,))
        if function is not None:
            return Target(self.key(function), str(function.get("address")))
        if isinstance(arn, str):
            return Target(key_of(arn), arn.rpartition(":")[2])
        return Target(None, address, problem=f"its target {address} is only known after the apply")

    def _bus(self, resource: dict[str, Any], value: Any) -> Bus | None:
        if isinstance(value, str):
            return bus_of(value, self._where)
        bus = self._referred(str(resource.get("address")), "event_bus_name", "aws_cloudwatch_event_bus")
        if bus is not None:
            name = mapping(bus.get("values")).get("name")
            return Bus(name) if isinstance(name, str) else None
        named = "event_bus_name" in self._references.get(_INDEX.sub("", str(resource.get("address"))), {})
        return None if named else Bus(DEFAULT_BUS)

    def _referred(self, address: str, argument: str, kind: str) -> dict[str, Any] | None:
        """Follow an argument's references to a resource of this type in the same module."""
        module = address.rpartition(f"{address.split('.')[-2]}.")[0] if address.count(".") > 1 else ""
        for reference in self._references.get(_INDEX.sub("", address), {}).get(argument, ()):
            parts = reference.split(".")
            if parts[0] == kind and len(parts) > 1:
                wanted = f"{module}{kind}.{parts[1]}"
                for candidate, found in self._by_address.items():
                    if candidate == wanted or _INDEX.sub("", candidate) == _INDEX.sub("", wanted):
                        return found
        return None


def _granted(text: str) -> list[Grant]:
    try:
        return list(grants([document(json.loads(text))]))
    except (ValueError, RecursionError):
        return [Grant(PUT_EVENTS, "*")]
