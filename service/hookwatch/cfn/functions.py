"""CloudFormation's intrinsic functions over plain values.

Never looks a name up by itself: the `Scope` that resolves a stack answers `Ref`, `Fn::GetAtt` and conditions.
Every function returns a value or `Unresolved`; none raises.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html,
read 2026-11-22.
"""

import re
from collections.abc import Callable
from typing import Any, Protocol

from hookwatch.cfn import conditions, texts
from hookwatch.cfn.values import Unresolved, as_text, contains_unresolved

NO_VALUE = object()
"""What `Ref AWS::NoValue` gives: the key or list item that holds it disappears."""

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:([a-z-]+):")


class Scope(Protocol):
    """What a function may ask about its stack."""

    def ref(self, name: str) -> Any:
        """Return the value of `Ref`."""

    def get_att(self, logical_id: str, attribute: str) -> Any:
        """Return the value of `Fn::GetAtt`."""

    def condition(self, name: str) -> bool | Unresolved:
        """Tell whether a named condition holds."""

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return a section of Mappings."""


def resolve_value(value: Any, scope: Scope) -> Any:
    """Resolve every function inside a value; the input is left as it is."""
    match value:
        case dict() if len(value) == 1 and (name := next(iter(value))) in FUNCTIONS:
            return FUNCTIONS[name](value[name], scope)
        case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            return Unresolved(f"{next(iter(value))} is not simulated")
        case dict():
            items = {key: resolve_value(item, scope) for key, item in value.items()}
            return {key: item for key, item in items.items() if item is not NO_VALUE}
        case list():
            return [item for item in (resolve_value(item, scope) for item in value) if item is not NO_VALUE]
        case str() if found := _DYNAMIC_REFERENCE.search(value):
            return Unresolved(f"a {found.group(1)} dynamic reference is read at deploy time")
        case _:
            return value


def _ref(argument: Any, scope: Scope) -> Any:
    if argument == "AWS::NoValue":
        return NO_VALUE
    return scope.ref(argument) if isinstance(argument, str) else Unresolved("Ref needs a name")


def _get_att(argument: Any, scope: Scope) -> Any:
    match resolve_value(argument, scope):
        case [str(logical_id), str(attribute)]:
            return scope.get_att(logical_id, attribute)
        case [str(logical_id), *parts] if parts and all(isinstance(part, str) for part in parts):
            return scope.get_att(logical_id, ".".join(parts))
        case _:
            return Unresolved("Fn::GetAtt needs a logical id and an attribute")


def _sub(argument: Any, scope: Scope) -> Any:
    match argument:
        case str(text):
            variables: dict[str, Any] = {}
        case [str(text), dict(given)]:
            variables = {key: resolve_value(item, scope) for key, item in given.items()}
        case _:
            return Unresolved("Fn::Sub needs a text, or a text and a mapping")
    faults: list[Unresolved] = []

    def replacement(found: re.Match[str]) -> str:
        name = found.group(1)
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        name = name.strip()
        if name in variables:
            value = variables[name]
        elif "." in name:
            value = scope.get_att(*name.split(".", 1))
        else:
            value = scope.ref(name)
        text = as_text(value)
        if isinstance(text, Unresolved):
            faults.append(text)
            return ""
        return text

    result = _PLACEHOLDER.sub(replacement, text)
    if faults:
        return faults[0]
    return resolve_value(result, scope) if "{{resolve:" in result else result


def _find_in_map(argument: Any, scope: Scope) -> Any:
    default: list[Any] = []
    keys = argument
    if isinstance(argument, list) and argument and isinstance(argument[-1], dict) and "DefaultValue" in argument[-1]:
        default, keys = [resolve_value(argument[-1]["DefaultValue"], scope)], argument[:-1]
    match resolve_value(keys, scope):
        case [str(name), first, second] if not contains_unresolved([first, second]):
            section = scope.mapping(name)
            row = section.get(str(as_text(first))) if section is not None else None
            if isinstance(row, dict) and str(as_text(second)) in row:
                return resolve_value(row[str(as_text(second))], scope)
            return default[0] if default else Unresolved(f"the mapping {name} has no {first}.{second}")
        case other:
            return texts.fault(other, "Fn::FindInMap needs a mapping and two keys")


def _if(argument: Any, scope: Scope) -> Any:
    match argument:
        case [str(name), when_true, when_false]:
            holds = scope.condition(name)
            return holds if isinstance(holds, Unresolved) else resolve_value(when_true if holds else when_false, scope)
        case _:
            return Unresolved("Fn::If needs a condition and two values")


def _of_resolved(function: Callable[[Any], Any]) -> Callable[[Any, Scope], Any]:
    return lambda argument, scope: function(resolve_value(argument, scope))


def _logic(judge: Callable[[list[Any]], bool | Unresolved]) -> Callable[[Any, Scope], Any]:
    def function(argument: Any, scope: Scope) -> Any:
        items = argument if isinstance(argument, list) else [argument]
        return judge([resolve_value(item, scope) for item in items])

    return function


def _condition(argument: Any, scope: Scope) -> Any:
    # {"Condition": name} is a function inside Conditions; elsewhere (an IAM statement) it holds a mapping.
    return scope.condition(argument) if isinstance(argument, str) else {"Condition": resolve_value(argument, scope)}


def _known_only_to_aws(what: str) -> Callable[[Any, Scope], Any]:
    return lambda argument, _scope: Unresolved(f"{what}{_naming(argument)} is only known to AWS")


def _naming(argument: Any) -> str:
    return f" {argument!r}" if isinstance(argument, str) and argument else ""


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Condition": _condition,
    "Fn::And": _logic(conditions.all_hold),
    "Fn::Base64": _of_resolved(texts.to_base64),
    "Fn::Cidr": _known_only_to_aws("the network range of Fn::Cidr"),
    "Fn::Equals": _logic(conditions.equal),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _known_only_to_aws("the zone list of Fn::GetAZs"),
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _known_only_to_aws("the exported value"),
    "Fn::Join": _of_resolved(texts.join),
    "Fn::Length": _of_resolved(texts.length),
    "Fn::Not": _logic(conditions.not_hold),
    "Fn::Or": _logic(conditions.any_holds),
    "Fn::Select": _of_resolved(texts.select),
    "Fn::Split": _of_resolved(texts.split),
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _of_resolved(texts.to_json_string),
    "Fn::Transform": _known_only_to_aws("the output of a macro"),
    "Ref": _ref,
}
