"""Turns one entry of a pattern's array into a matcher, or says why EventBridge would refuse it.

This module never follows fields and never reads text: it is given nodes of `jsontext`. Standard library only. The
reasons are event-ruler 2.0.1's own words, because they are what the service answers with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns import addresses, numbers
from hookwatch.patterns.errors import Trail, refusal
from hookwatch.patterns.exclusions import anything_but
from hookwatch.patterns.matchers import (
    Address,
    Cidr,
    Constant,
    EqualsIgnoreCase,
    Exists,
    Matcher,
    Number,
    Prefix,
    Suffix,
    Text,
)
from hookwatch.patterns.numeric import numeric
from hookwatch.patterns.operands import TOO_MANY, string, wildcard

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.patterns.jsontext import Node, Pairs

_ONE_KEY = "Only one key allowed in match expression"


def entry(node: Node, at: Trail) -> Matcher:
    """Read one entry of an array.

    Raises:
        InvalidPattern: with the reason of the service and the place `at`.
    """
    match node:
        case str():
            digits = addresses.digits(node)
            return Text(node) if digits is None else Address(node, digits)
        case bytes():
            return Number(node, numbers.key(node))
        case tuple():
            return _expression(node, at)
        case list():
            raise refusal("Match value must be String, number, true, false, or null", at)
        case _:
            return Constant(node)


def _expression(node: Pairs, at: Trail) -> Matcher:
    if not node:
        raise refusal("Match expression name not found", at)
    operator, operand = node[0]
    inside: Trail = (at, operator)
    reader = _READERS.get(operator)
    if reader is None:
        raise refusal(f"Unrecognized match type {operator}", inside)
    found = reader(operand, inside)
    if len(node) > 1:
        raise refusal(TOO_MANY if operator in ("numeric", "anything-but") else _ONE_KEY, (at, node[1][0]))
    return found


def _prefix(operand: Node, at: Trail) -> Prefix:
    return Prefix(*_affix(operand, "prefix", at))


def _suffix(operand: Node, at: Trail) -> Suffix:
    return Suffix(*_affix(operand, "suffix", at))


def _exactly(operand: Node, at: Trail) -> Text:
    return Text(string(operand, "exact match pattern must be a string", at))


def _ignoring_case(operand: Node, at: Trail) -> EqualsIgnoreCase:
    return EqualsIgnoreCase(string(operand, "equals-ignore-case match pattern must be a string", at))


def _exists(operand: Node, at: Trail) -> Exists:
    if not isinstance(operand, bool):
        raise refusal("exists match pattern must be either true or false.", at)
    return Exists(operand)


def _cidr(operand: Node, at: Trail) -> Cidr:
    text = string(operand, "prefix match pattern must be a string", at)  # event-ruler's slip: it says prefix
    try:
        return Cidr(text, *addresses.block(text))
    except addresses.NotAnAddress as not_an_address:
        raise refusal(str(not_an_address), at) from None


def _affix(operand: Node, name: str, at: Trail) -> tuple[str, bool]:
    if not isinstance(operand, tuple):
        return string(operand, f"{name} match pattern must be a string", at), False
    if not operand:
        raise refusal(f"{name.capitalize()} expression name not found", at)
    operator, inner = operand[0]
    if operator != "equals-ignore-case":
        raise refusal(f"Unsupported {name} pattern: {operator}", (at, operator))
    text = string(inner, "equals-ignore-case match pattern must be a string", (at, operator))
    if len(operand) > 1:
        raise refusal(_ONE_KEY, (at, operand[1][0]))
    return text, True


_READERS: dict[str, Callable[[Node, Trail], Matcher]] = {
    "exactly": _exactly,
    "prefix": _prefix,
    "suffix": _suffix,
    "numeric": numeric,
    "anything-but": anything_but,
    "exists": _exists,
    "cidr": _cidr,
    "equals-ignore-case": _ignoring_case,
    "wildcard": wildcard,
}
