"""What the readers of match expressions share: operands of one type, and their names in reasons.

This module never knows an operator's meaning. Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns import numbers, wildcards
from hookwatch.patterns.errors import Trail, refusal
from hookwatch.patterns.jsontext import show
from hookwatch.patterns.matchers import Wildcard

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Node

TOO_MANY = "Too many elements in numeric expression"
"""event-ruler 2.0.1 says this of `anything-but` as well."""


def string(operand: Node, reason: str, at: Trail) -> str:
    """Take a string, or refuse with the reason given."""
    if not isinstance(operand, str):
        raise refusal(reason, at)
    return operand


def double(literal: bytes, at: Trail) -> float:
    """Take a number that a double holds exactly; event-ruler compares no other."""
    found = numbers.as_double(literal)
    if found is None:
        raise refusal(f"Cannot compare number : {literal.decode()}", at)
    return found


def wildcard(operand: Node, at: Trail) -> Wildcard:
    """Take a wildcard expression."""
    text = string(operand, "wildcard match pattern must be a string", at)
    try:
        return Wildcard(text, wildcards.pieces(text))
    except wildcards.BadWildcard as bad:
        raise refusal(str(bad), at) from None


def token(operand: list[Node], index: int) -> str:
    """Name an element as event-ruler's parser would: the literal, or the bracket it stopped at."""
    if index >= len(operand):
        return "]"
    match operand[index]:
        case str() as text:
            return text
        case list():
            return "["
        case tuple():
            return "{"
        case scalar:
            return show(scalar)
