"""What a check may know about the template around an alarm.

Never checks. Built once per template from the resolved stack.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hookwatch.alarms.definition import CompositeDefinition, Definition, Unjudgeable
from hookwatch.alarms.order import alarm_name, named_by
from hookwatch.cfn import Resource, Unresolved

DEFAULT_BUS = "default"


@dataclass(frozen=True, slots=True)
class Context:
    """The alarms and event rules of a template with its nested stacks.

    Attributes:
        alarms: Every alarm by qualified id, read.
        buses: Bus of every event rule by the rule's physical name; `default`, a name, or unresolved.
        custom_bus: Whether the template makes or names a custom bus anywhere.
        parameter_values: Texts that came in as parameters; such a name may live outside the template.
        absent: Names of alarms that these parameters leave out.
        assumed: Stand-ins for parameters without a value.
    """

    alarms: Mapping[str, Definition | Unjudgeable]
    buses: Mapping[str, str | Unresolved]
    custom_bus: bool
    parameter_values: frozenset[str]
    absent: frozenset[str]
    assumed: frozenset[str] = frozenset()

    def acting_parents(self, name: str, seen: frozenset[str] = frozenset()) -> list[CompositeDefinition]:
        """Return the composites above an alarm, at any height, that take an action."""
        found: list[CompositeDefinition] = []
        for alarm in self.alarms.values():
            if not isinstance(alarm, CompositeDefinition) or alarm.name in seen:
                continue
            if name in {alarm_name(child) for child in named_by(alarm)}:
                found += [alarm] if alarm.actions.any() else []
                found += self.acting_parents(alarm.name, seen | {name, alarm.name})
        return found


def rule_buses(walked: list[tuple[str, Resource]]) -> dict[str, str | Unresolved]:
    """Return the bus of every AWS::Events::Rule by its physical name."""
    buses: dict[str, str | Unresolved] = {}
    for _, resource in walked:
        if resource.type == "AWS::Events::Rule" and isinstance(resource.physical_name, str):
            bus = resource.properties.get("EventBusName", DEFAULT_BUS)
            buses[resource.physical_name] = bus if isinstance(bus, Unresolved) else str(bus).rsplit("/", 1)[-1]
    return buses
