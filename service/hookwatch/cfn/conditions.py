"""The functions that a template's conditions are made of, over values that are already resolved.

Never guesses: a condition with an unresolved part is unresolved, unless the other parts decide it.
"""

from typing import Any

from hookwatch.cfn.values import Unresolved, as_text, find_unresolved


def equal(values: list[Any]) -> bool | Unresolved:
    """Compare two values as CloudFormation does, as texts."""
    fault = next(find_unresolved(values), None)
    if fault is not None:
        return fault
    return as_text(values[0]) == as_text(values[1]) if len(values) == 2 else Unresolved("Fn::Equals needs two values")  # noqa: PLR2004 - two sides


def all_hold(values: list[Any]) -> bool | Unresolved:
    """Tell whether every condition holds."""
    parts = _judged(values)
    if False in parts:
        return False
    return next((part for part in parts if isinstance(part, Unresolved)), True)


def any_holds(values: list[Any]) -> bool | Unresolved:
    """Tell whether at least one condition holds."""
    parts = _judged(values)
    if True in parts:
        return True
    return next((part for part in parts if isinstance(part, Unresolved)), False)


def not_hold(values: list[Any]) -> bool | Unresolved:
    """Turn one condition around."""
    match _judged(values):
        case [bool(holds)]:
            return not holds
        case [Unresolved() as fault]:
            return fault
        case _:
            return Unresolved("Fn::Not needs one condition")


def _judged(values: list[Any]) -> list[bool | Unresolved]:
    return [value if isinstance(value, bool | Unresolved) else Unresolved("not a condition") for value in values]
