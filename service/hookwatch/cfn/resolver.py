"""Fills parameters, conditions and functions into a template.

Never reads anything but the template and the nested templates beside it. Resolution is lazy, so that resources,
outputs and nested stacks may refer to each other in any order; what refers to itself is unresolved.
"""

from pathlib import Path
from typing import Any

from hookwatch.cfn import names
from hookwatch.cfn.functions import NO_VALUE, resolve_value
from hookwatch.cfn.nested import nested_template
from hookwatch.cfn.parameters import Parameters, bind
from hookwatch.cfn.stack import Resource, Stack
from hookwatch.cfn.template import Template
from hookwatch.cfn.values import TemplateError, Unresolved, as_text

DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "123456789012"
DEFAULT_STACK_NAME = "hookwatch"


def resolve(  # noqa: PLR0913 - what CloudFormation is told, and two switches
    template: Template,
    parameters: dict[str, Any] | None = None,
    region: str = DEFAULT_REGION,
    account: str = DEFAULT_ACCOUNT,
    stack_name: str = DEFAULT_STACK_NAME,
    *,
    every_resource: bool = False,
    every_condition: bool = False,
) -> Stack:
    """Fill in parameters, conditions and functions.

    With `every_resource` no resource is left out by its condition (`Fn::If` still follows it), so that what these
    parameters switch off can be read too. With `every_condition` each condition is taken as true in `Fn::If` as well,
    so that a text put together from optional parts has them all.

    Raises:
        TemplateError: A given parameter is unknown or not allowed, or the template's form is wrong.
    """
    place = names.Place(region, str(account))
    resolver = _Resolver(template, bind(template, parameters or {}), place, stack_name, frozenset())
    resolver.every_resource, resolver.every_condition = every_resource, every_condition
    return resolver.stack()


class _Resolver:
    """Resolves one stack lazily, so that resources, outputs and nested stacks may refer to each other."""

    def __init__(
        self, template: Template, parameters: Parameters, place: names.Place, stack_name: str, above: frozenset[Path]
    ) -> None:
        self._template, self._parameters, self._place, self._name = template, parameters, place, stack_name
        self._above = above | {template.path.resolve()} if template.path is not None else above
        self.every_resource = self.every_condition = False
        self._declared = template.section("Resources")
        self._conditions: dict[str, bool | Unresolved] = {}
        self._properties: dict[str, dict[str, Any]] = {}
        self._children: dict[str, Stack | None] = {}
        self._open: set[tuple[str, str]] = set()
        self._notes: list[str] = []

    def stack(self) -> Stack:
        resources: dict[str, Resource] = {}
        children: dict[str, Stack] = {}
        for logical_id, declared in self._declared.items():
            if not isinstance(declared, dict) or not isinstance(declared.get("Type"), str):
                self._notes.append(f"{logical_id} is left out: it is no resource with a Type")
                continue
            holds = self._holds(declared)
            if holds is False:
                continue
            resources[logical_id] = self._resource(logical_id, declared["Type"], holds=holds)
            child = self._child(logical_id)
            if child is not None:
                children[logical_id] = child
        outputs = {name: self._output(name) for name in self._template.section("Outputs")}
        return Stack(
            self._name,
            self._template,
            self._parameters.values,
            self._parameters.missing,
            resources,
            {name: value for name, value in outputs.items() if value is not NO_VALUE},
            children,
            tuple(dict.fromkeys(self._notes)),
        )

    def ref(self, name: str) -> Any:
        if name in self._parameters.values:
            return self._parameters.values[name]
        if name.startswith("AWS::"):
            found = names.pseudo_parameter(name, self._name, self._place)
            return NO_VALUE if found is None else found
        declared = self._living(name)
        if isinstance(declared, Unresolved):
            return declared
        physical = self._physical_name(name)
        if isinstance(physical, Unresolved):
            return physical
        return names.ref(declared["Type"], physical, self._resolved_properties(name), self._place)

    def get_att(self, logical_id: str, attribute: str) -> Any:
        declared = self._living(logical_id)
        if isinstance(declared, Unresolved):
            return declared
        if attribute.startswith("Outputs."):
            child = self._child(logical_id)
            wanted = attribute.removeprefix("Outputs.")
            if child is None or wanted not in child.outputs:
                return Unresolved(f"the output {wanted} of the nested stack {logical_id} is not known here")
            return child.outputs[wanted]
        physical = self._physical_name(logical_id)
        if isinstance(physical, Unresolved):
            return physical
        properties = self._resolved_properties(logical_id)
        return names.attribute(declared["Type"], physical, properties, attribute, self._place)

    def condition(self, name: str) -> bool | Unresolved:
        if self.every_condition and name in self._template.section("Conditions"):
            return True
        if name not in self._conditions:
            declared = self._template.section("Conditions")
            if name not in declared:
                return Unresolved(f"there is no condition {name}")
            if not self._enter("condition", name):
                return Unresolved(f"the condition {name} depends on itself")
            value = resolve_value(declared[name], self)
            self._open.discard(("condition", name))
            fault = Unresolved(f"the condition {name} is no condition")
            self._conditions[name] = value if isinstance(value, bool | Unresolved) else fault
        return self._conditions[name]

    def mapping(self, name: str) -> dict[str, Any] | None:
        value = self._template.section("Mappings").get(name)
        return value if isinstance(value, dict) else None

    def _enter(self, kind: str, name: str) -> bool:
        if (kind, name) in self._open:
            return False
        self._open.add((kind, name))
        return True

    def _holds(self, declared: dict[str, Any]) -> bool | Unresolved:
        name = declared.get("Condition")
        return self.condition(name) if isinstance(name, str) and not self.every_resource else True

    def _living(self, logical_id: str) -> dict[str, Any] | Unresolved:
        declared = self._declared.get(logical_id)
        if not isinstance(declared, dict) or not isinstance(declared.get("Type"), str):
            return Unresolved(f"there is no parameter or resource {logical_id}")
        if self._holds(declared) is False:
            return Unresolved(f"the resource {logical_id} is left out by its condition {declared['Condition']}")
        return declared

    def _resource(self, logical_id: str, kind: str, *, holds: bool | Unresolved) -> Resource:
        line = self._template.lines.get(logical_id)
        properties = self._resolved_properties(logical_id)
        physical = self._physical_name(logical_id)
        return Resource(logical_id, kind, properties, holds, physical, self.ref(logical_id), line)

    def _resolved_properties(self, logical_id: str) -> dict[str, Any]:
        if logical_id not in self._properties:
            declared = self._declared[logical_id].get("Properties") or {}
            if not isinstance(declared, dict) or not self._enter("properties", logical_id):
                return {}
            resolved = resolve_value(declared, self)
            self._open.discard(("properties", logical_id))
            if not isinstance(resolved, dict):
                self._notes.append(f"the properties of {logical_id} cannot be read: {resolved}")
                resolved = {}
            self._properties[logical_id] = resolved
        return self._properties[logical_id]

    def _physical_name(self, logical_id: str) -> str | Unresolved:
        declared = self._declared[logical_id]
        key = names.name_property(declared["Type"])
        properties = declared.get("Properties")
        if key and isinstance(properties, dict) and key in properties:
            if not self._enter("name", logical_id):
                return Unresolved(f"the name of {logical_id} depends on itself")
            explicit = resolve_value(properties[key], self)
            self._open.discard(("name", logical_id))
            if explicit is not NO_VALUE:
                return as_text(explicit)
        return names.drawn(declared["Type"], self._name, logical_id)

    def _output(self, name: str) -> Any:
        declared = self._template.section("Outputs")[name]
        if not isinstance(declared, dict):
            return Unresolved(f"the output {name} has no Value")
        if self._holds(declared) is False:
            return NO_VALUE
        return resolve_value(declared.get("Value"), self)

    def _child(self, logical_id: str) -> Stack | None:
        if logical_id not in self._children:
            self._children[logical_id] = None  # while it is being resolved its outputs are unknown
            self._children[logical_id] = self._resolve_child(logical_id)
        return self._children[logical_id]

    def _resolve_child(self, logical_id: str) -> Stack | None:
        kind, properties = self._declared[logical_id]["Type"], self._resolved_properties(logical_id)
        template = nested_template(kind, properties, self._template, self._above)
        if not isinstance(template, Template):
            if template:
                self._notes.append(f"the nested stack {logical_id} is left out: {template}")
            return None
        given = properties.get("Parameters")
        try:
            parameters = bind(template, given if isinstance(given, dict) else {})
        except TemplateError as error:
            self._notes.append(f"the nested stack {logical_id} is left out: {error}")
            return None
        if parameters.missing:
            self._notes.append(f"the nested stack {logical_id} gets no value for {', '.join(parameters.missing)}")
        resolver = _Resolver(template, parameters, self._place, f"{self._name}-{logical_id}", self._above)
        resolver.every_resource, resolver.every_condition = self.every_resource, self.every_condition
        return resolver.stack()
