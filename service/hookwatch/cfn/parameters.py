"""Which value each parameter of a template has.

Never asks anybody: SSM-typed parameters and parameters without a value stay unresolved.
"""

import re
from dataclasses import dataclass
from typing import Any

from hookwatch.cfn.template import Template
from hookwatch.cfn.values import TemplateError, Unresolved, as_text


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameter values as `Ref` returns them, and the names that need a value and have none."""

    values: dict[str, Any]
    missing: tuple[str, ...]


def bind(template: Template, given: dict[str, Any]) -> Parameters:
    """Give every parameter its value: the given one, else the default.

    Raises:
        TemplateError: Names every given value that the template does not know or does not allow.
    """
    declared = template.section("Parameters")
    faults = [f"there is no parameter {name}{_hint(name, declared)}" for name in given if name not in declared]
    values: dict[str, Any] = {}
    missing: list[str] = []
    for name, declaration in declared.items():
        if not isinstance(declaration, dict):
            faults.append(f"parameter {name} must be a mapping with a Type")
            continue
        raw = given.get(name, declaration.get("Default"))
        if raw is None:
            missing.append(name)
            values[name] = Unresolved(f"parameter {name} has no value and no default")
            continue
        faults += [f"parameter {name}: {fault}" for fault in _faults(declaration, raw)]
        values[name] = _typed(name, str(declaration.get("Type", "String")), raw)
    if faults:
        raise TemplateError("; ".join(faults), template.path)
    return Parameters(values, tuple(missing))


def _hint(name: str, declared: dict[str, Any]) -> str:
    same = [known for known in declared if known.lower() == name.lower()]
    if same:
        return f" (did you mean {same[0]}?)"
    return f" (the template has {', '.join(declared)})" if declared else " (the template has none)"


def _typed(name: str, kind: str, raw: Any) -> Any:
    if isinstance(raw, Unresolved):
        return raw
    if kind.startswith("AWS::SSM::Parameter"):
        return Unresolved(f"parameter {name} is read from SSM at deploy time")
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        items = raw if isinstance(raw, list) else [item.strip() for item in str(as_text(raw)).split(",")]
        return [_number(item) if kind == "List<Number>" else as_text(item) for item in items if item != ""]
    return _number(raw) if kind == "Number" else as_text(raw)


def _number(raw: Any) -> Any:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return raw
    try:
        return int(raw)
    except ValueError:
        try:
            return float(raw)
        except ValueError:
            return Unresolved(f"{raw!r} is not a number")
    except TypeError:
        return Unresolved(f"{raw!r} is not a number")


def _faults(declaration: dict[str, Any], raw: Any) -> list[str]:
    if isinstance(raw, Unresolved):
        return []
    kind = str(declaration.get("Type", "String"))
    many = kind == "CommaDelimitedList" or kind.startswith("List<")
    parts = raw if isinstance(raw, list) else str(as_text(raw)).split(",") if many else [raw]
    if not many and isinstance(raw, list | dict):
        return ["a single value is wanted, not a list or mapping"]
    texts = [str(as_text(part)).strip() if many else str(as_text(part)) for part in parts]
    allowed = [str(as_text(value)) for value in declaration.get("AllowedValues") or []]
    faults = [f"{text!r} is not one of {', '.join(allowed)}" for text in texts if allowed and text not in allowed]
    for text in texts:
        faults += _number_faults(declaration, text) if "Number" in kind else _text_faults(declaration, text)
    return faults


def _number_faults(declaration: dict[str, Any], text: str) -> list[str]:
    value = _number(text)
    if isinstance(value, Unresolved):
        return [value.reason]
    low, high = _number(declaration.get("MinValue")), _number(declaration.get("MaxValue"))
    faults = [f"{text} is under the MinValue {low}"] if isinstance(low, int | float) and value < low else []
    return faults + ([f"{text} is over the MaxValue {high}"] if isinstance(high, int | float) and value > high else [])


def _text_faults(declaration: dict[str, Any], text: str) -> list[str]:
    shortest, longest = _number(declaration.get("MinLength")), _number(declaration.get("MaxLength"))
    faults = []
    if isinstance(shortest, int | float) and len(text) < shortest:
        faults.append(f"shorter than its MinLength {shortest}")
    if isinstance(longest, int | float) and len(text) > longest:
        faults.append(f"longer than its MaxLength {longest}")
    pattern = declaration.get("AllowedPattern")
    try:
        matches = not isinstance(pattern, str) or re.fullmatch(pattern, text) is not None
    except re.error:
        matches = True  # a Java pattern that Python cannot read: CloudFormation will judge it
    return faults if matches else [*faults, f"does not match its AllowedPattern {pattern}"]
