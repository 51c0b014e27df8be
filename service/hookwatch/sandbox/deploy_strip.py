"""Leaves out of a template what ministack cannot hold, and says so.

Never changes what remains, except for references to what was left out: they become readable placeholders, so that a
dashboard that names a composite alarm still deploys. Knows nothing of SAM: it reads transformed templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_model import Stripped

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_TYPE = "ministack 1.5.33 does not know this type, and would refuse the whole stack"

UNSUPPORTED_TYPES: Mapping[str, str] = {
    # Facts measured 2026-11; other types that ministack refuses are found when it says so.
    "AWS::Budgets::Budget": _NO_TYPE,
    "AWS::CE::AnomalyMonitor": _NO_TYPE,
    "AWS::CE::AnomalySubscription": _NO_TYPE,
    "AWS::CloudWatch::AnomalyDetector": _NO_TYPE,
    "AWS::CloudWatch::CompositeAlarm": _NO_TYPE,
    "AWS::CloudWatch::InsightRule": _NO_TYPE,
    "AWS::Events::ApiDestination": _NO_TYPE,
    "AWS::Events::Archive": _NO_TYPE,
    "AWS::Events::Connection": _NO_TYPE,
    "AWS::Events::EventBusPolicy": _NO_TYPE,
    "AWS::Logs::QueryDefinition": _NO_TYPE,
    "AWS::SSM::Document": _NO_TYPE,
    "AWS::XRay::Group": _NO_TYPE,
    "AWS::XRay::SamplingRule": _NO_TYPE,
}

METRIC_MATH = "ministack 1.5.33 refuses alarms on metric math (Metrics) and would roll the stack back"

_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(slots=True)
class Strip:
    """What was left out of one template.

    Attributes:
        template: The template that can be deployed.
        stripped: What was left out.
        conditions: Logical id to the name of the condition under which it would have been made.
    """

    template: dict[str, Any]
    stripped: list[Stripped] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)


def strip(template: Mapping[str, Any], refused: Mapping[str, str] | None = None) -> Strip:
    """Return the template without what cannot be held here.

    Args:
        template: A CloudFormation template in long form, already transformed.
        refused: Further types and the reason why each cannot be held.
    """
    unsupported = {**UNSUPPORTED_TYPES, **(refused or {})}
    result = Strip(template={**template, "Resources": {}})
    for logical_id, resource in template.get("Resources", {}).items():
        reason = _reason(resource, unsupported)
        if reason is None:
            result.template["Resources"][logical_id] = resource
            continue
        result.stripped.append(Stripped(logical_id, str(resource.get("Type")), reason))
        if isinstance(condition := resource.get("Condition"), str):
            result.conditions[logical_id] = condition
    gone = {item.logical_id for item in result.stripped}
    if gone:
        result.template["Resources"] = {
            name: _without_dependency(_placeheld(resource, gone), gone)
            for name, resource in result.template["Resources"].items()
        }
        if "Outputs" in template:
            result.template["Outputs"] = _placeheld(template["Outputs"], gone)
    return result


def refused_types(message: str) -> dict[str, str]:
    """Return the types that an error of ministack's says it does not know."""
    found = re.search(r"Unrecognized resource types: \[([^\]]*)\]", message)
    return {name.strip(): _NO_TYPE for name in found[1].split(",") if name.strip()} if found else {}


def _reason(resource: Mapping[str, Any], unsupported: Mapping[str, str]) -> str | None:
    kind = resource.get("Type")
    if kind == "AWS::CloudWatch::Alarm" and "Metrics" in resource.get("Properties", {}):
        return METRIC_MATH
    return unsupported.get(str(kind))


def _placeholder(logical_id: str, attribute: str = "") -> str:
    return f"stripped-{logical_id}{'.' + attribute if attribute else ''}"


def _placeheld(node: Any, gone: set[str]) -> Any:
    match node:
        case {"Ref": str(name)} if name in gone:
            return _placeholder(name)
        case {"Fn::GetAtt": [str(name), *rest]} if name in gone:
            return _placeholder(name, ".".join(map(str, rest)))
        case {"Fn::GetAtt": str(path)} if path.split(".")[0] in gone:
            return _placeholder(*path.split(".", 1))
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _substituted(text, gone)}
        case {"Fn::Sub": [str(text), dict(names)]}:
            return {"Fn::Sub": [_substituted(text, gone - names.keys()), _placeheld(names, gone)]}
        case dict():
            return {key: _placeheld(value, gone) for key, value in node.items()}
        case list():
            return [_placeheld(value, gone) for value in node]
        case _:
            return node


def _substituted(text: str, gone: set[str]) -> str:
    return _SUB.sub(lambda found: _placeholder(found[1], found[2] or "") if found[1] in gone else found[0], text)


def _without_dependency(resource: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    if "DependsOn" not in resource:
        return resource
    wanted = resource["DependsOn"]
    left = [name for name in ([wanted] if isinstance(wanted, str) else wanted) if name not in gone]
    return {
        **{key: value for key, value in resource.items() if key != "DependsOn"},
        **({"DependsOn": left} if left else {}),
    }
