"""Reads the operand of `anything-but`: a value, a list of values, or one of four expressions over them.

This module never decides what an event means. Standard library only. The reasons are event-ruler 2.0.1's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns.errors import Trail, refusal
from hookwatch.patterns.matchers import (
    AnythingBut,
    EqualsIgnoreCase,
    Number,
    Prefix,
    Suffix,
    Text,
    Wildcard,
)
from hookwatch.patterns.operands import TOO_MANY, double, string, wildcard

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Node, Pairs

_WRONG_TYPE = "Value of anything-but must be an array or single string/number value."
_MIXED = "Inside anything but list, either all values are number or string, mixed type is not supported"


def anything_but(operand: Node, at: Trail) -> AnythingBut:
    """Read `{"anything-but": operand}`.

    Raises:
        InvalidPattern: with the reason of the service.
    """
    match operand:
        case tuple():
            return _over(operand, at)
        case list():
            inner = tuple([_excluded(item, (at, index)) for index, item in enumerate(operand)])
            if len({type(matcher) for matcher in inner}) != 1:
                raise refusal(_MIXED, at)
            return AnythingBut(inner, is_list=True)
        case str() | bytes():
            return AnythingBut((_excluded(operand, at),), is_list=False)
        case _:
            raise refusal(_WRONG_TYPE, at)


def _excluded(item: Node, at: Trail) -> Text | Number:
    match item:
        case str():
            return Text(item)
        case bytes():
            return Number(item, double(item, at))
        case _:
            raise refusal("Inside anything but list, start|null|boolean is not supported.", at)


def _over(node: Pairs, at: Trail) -> AnythingBut:
    if not node:
        raise refusal("Anything-But expression name not found", at)
    operator, operand = node[0]
    inside: Trail = (at, operator)
    if operator not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
        raise refusal(f"Unsupported anything-but pattern: {operator}", inside)
    if not isinstance(operand, list | str | bytes):
        raise refusal(_WRONG_TYPE, inside)
    if isinstance(operand, list):
        if not operand:
            raise refusal("Empty arrays are not allowed", inside)
        inner = tuple([_inner(operator, item, (inside, index)) for index, item in enumerate(operand)])
    else:
        inner = (_inner(operator, operand, inside),)
    if len(node) > 1:
        raise refusal(TOO_MANY, (at, node[1][0]))
    return AnythingBut(inner, is_list=isinstance(operand, list))


def _inner(operator: str, item: Node, at: Trail) -> Prefix | Suffix | EqualsIgnoreCase | Wildcard:
    match operator:
        case "equals-ignore-case":
            reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            return EqualsIgnoreCase(string(item, reason, at))
        case "wildcard":
            return wildcard(item, at)
        case _:
            text = string(item, "prefix/suffix match pattern must be a string", at)
            if not text:
                raise refusal("Null prefix/suffix not allowed", at)
            return Prefix(text) if operator == "prefix" else Suffix(text)
