"""Reads the operand of `numeric`: one comparison, or a lower bound followed by an upper one.

This module never compares numbers with events. Standard library only. The reasons are event-ruler 2.0.1's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns.errors import Trail, refusal
from hookwatch.patterns.jsontext import show
from hookwatch.patterns.matchers import Range
from hookwatch.patterns.operands import TOO_MANY, double, token

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Node


def _bound(operand: list[Node], index: int, operator: str, at: Trail) -> float:
    literal = operand[index] if index < len(operand) else None
    if not isinstance(literal, bytes):
        name = "equals" if operator == "=" else operator
        raise refusal(f"Value of {name} must be numeric", at if index >= len(operand) else (at, index))
    return double(literal, (at, index))


def numeric(operand: Node, at: Trail) -> Range:
    """Read `{"numeric": operand}`."""
    if not isinstance(operand, list):
        raise refusal("Value of numeric must be an array.", at)
    operator = operand[0] if operand else None
    if not isinstance(operator, str):
        raise refusal(f"Invalid member in numeric match: {token(operand, 0)}", at)
    if operator not in ("=", ">=", ">", "<=", "<"):
        raise refusal(f"Unrecognized numeric range operator: {operator}", (at, 0))
    first = _bound(operand, 1, operator, at)
    written = "[" + ",".join(_written(item) for item in operand) + "]"
    if operator in (">", ">=") and len(operand) > 2:  # noqa: PLR2004 - a lower bound, then an upper one
        return _closed_above(operand, first, written, at)
    if len(operand) > 2:  # noqa: PLR2004 - one operator, one number
        raise refusal(TOO_MANY, (at, 2))
    match operator:
        case "=":
            return Range(first, low_open=False, high=first, high_open=False, written=written)
        case ">" | ">=":
            return Range(first, low_open=operator == ">", high=None, high_open=False, written=written)
        case _:
            return Range(None, low_open=False, high=first, high_open=operator == "<", written=written)


def _closed_above(operand: list[Node], low: float, written: str, at: Trail) -> Range:
    operator = operand[2]
    if not isinstance(operator, str):
        raise refusal(f"Bad value in numeric range: {token(operand, 2)}", (at, 2))
    if operator not in ("<", "<="):
        raise refusal(f"Bad numeric range operator: {operator}", (at, 2))
    high = _bound(operand, 3, operator, at)
    if len(operand) > 4:  # noqa: PLR2004 - two operators, two numbers
        raise refusal("Too many terms in numeric range expression", (at, 4))
    if low >= high:
        raise refusal("Bottom must be less than top", at)
    return Range(low, operand[0] == ">", high, operator == "<", written)


def _written(node: Node) -> str:
    return show(node) if not isinstance(node, list | tuple) else "..."
