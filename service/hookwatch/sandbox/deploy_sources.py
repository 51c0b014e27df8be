"""Event sources that the emulator must not run: it would invoke the token archive, fail, and eat the messages.

Never leaves one out: mappings and schedules stay in the emulator with all their settings, where AWS tools can read and
change them, but they name a qualifier of the function that does not exist, and so it skips them (measured 2026-11,
ministack 1.5.33). The sandbox reads them there and runs them itself. Blocking: call it in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

QUALIFIER = "run-by-the-sandbox"
"""A qualifier that no function has; it shows in the FunctionArn of mappings and in the Arn of targets."""

MAPPING = "AWS::Lambda::EventSourceMapping"
ENABLED_OUTPUT = "HookwatchSandboxEnabled"
"""Outputs that tell whether a mapping is to be enabled, resolved by the emulator's own engine."""

FUNCTION = "AWS::Lambda::Function"


def detach(template: dict[str, Any]) -> None:
    """Change a transformed template in place: mappings are made disabled, schedules with a qualified target."""
    functions = {name for name, made in template["Resources"].items() if made.get("Type") == FUNCTION}
    outputs: dict[str, Any] = {}
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource.get("Type") == MAPPING:
            outputs[f"{ENABLED_OUTPUT}{logical_id}"] = _output(properties.get("Enabled", True), resource)
            properties["Enabled"] = False
        elif resource.get("Type") == "AWS::Events::Rule" and "ScheduleExpression" in properties:
            for target in properties.get("Targets", []):
                _qualify(target, functions)
        elif resource.get("Type") == "AWS::Scheduler::Schedule":
            _qualify(properties.get("Target", {}), functions)
    if outputs:
        template["Outputs"] = {**template.get("Outputs", {}), **outputs}


def hold_mappings(client: Any, stack_outputs: Mapping[str, str], resources: Mapping[str, tuple[str, str]]) -> None:
    """Point each mapping at a qualifier that is taken away again, then enable it if the template wants that."""
    for logical_id, (kind, uuid) in resources.items():
        if kind != MAPPING:
            continue
        arn: str = client.get_event_source_mapping(UUID=uuid)["FunctionArn"]
        name = function_name(arn)
        client.create_alias(FunctionName=name, Name=QUALIFIER, FunctionVersion="$LATEST")
        client.update_event_source_mapping(UUID=uuid, FunctionName=f"{name}:{QUALIFIER}", Enabled=False)
        client.delete_alias(FunctionName=name, Name=QUALIFIER)
        if stack_outputs.get(f"{ENABLED_OUTPUT}{logical_id}", "true").lower() == "true":
            client.update_event_source_mapping(UUID=uuid, Enabled=True)


def function_name(arn: str) -> str:
    """Return the name in a function's ARN, with or without a qualifier."""
    return arn.split(":function:", 1)[-1].split(":", 1)[0]


def _qualify(target: dict[str, Any], functions: set[str]) -> None:
    match target.get("Arn"):
        case {"Fn::GetAtt": [str(name), "Arn"]} | {"Fn::GetAtt": str(name)} if name.removesuffix(".Arn") in functions:
            target["Arn"] = {"Fn::Sub": f"${{{name.removesuffix('.Arn')}.Arn}}:{QUALIFIER}"}


def _output(enabled: Any, resource: Mapping[str, Any]) -> dict[str, Any]:
    text = str(enabled).lower() if isinstance(enabled, bool | str) else enabled
    condition = {"Condition": resource["Condition"]} if "Condition" in resource else {}
    return {"Value": {"Fn::Sub": ["${Value}", {"Value": text}]}, **condition}
