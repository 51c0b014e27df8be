"""What one entry of a pattern's array accepts: the leaves of the syntax tree.

This module never parses JSON and never sees a whole event: a matcher is given one scalar of one field. Standard
library only. Every matcher is a frozen value with `accepts(value)` and `wanted()`, the JSON it was written as, so
that linters and provers can take it apart with `match`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns import addresses, numbers
from hookwatch.patterns.jsontext import show
from hookwatch.patterns.texts import EqualsIgnoreCase, Prefix, Suffix, Text, Wildcard

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Scalar

__all__ = [
    "Address",
    "AnythingBut",
    "Cidr",
    "Constant",
    "EqualsIgnoreCase",
    "Exists",
    "Matcher",
    "Number",
    "Prefix",
    "Range",
    "Suffix",
    "Text",
    "Wildcard",
]

_HEX_RUN = re.compile(rb"[0-9A-F]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Equals this IP address, however it is written: a string of the pattern that has the form of an address.

    event-ruler normalises such strings, so "10.0.0.1" also accepts "10.0.0.01".
    """

    text: str
    digits: str

    def accepts(self, value: Scalar) -> bool:
        """Strings that are addresses; and, as in event-ruler, number literals with the same digits."""
        return (found := _digits(value)) is not None and found.startswith(self.digits)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return show(self.text)


@dataclass(frozen=True, slots=True)
class Number:
    """Equals this number (see `numbers`)."""

    literal: bytes
    key: numbers.Key

    def accepts(self, value: Scalar) -> bool:
        """Numbers only."""
        return isinstance(value, bytes) and (value == self.literal or numbers.key(value) == self.key)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return show(self.literal)


@dataclass(frozen=True, slots=True)
class Constant:
    """Equals null, true or false."""

    value: bool | None

    def accepts(self, value: Scalar) -> bool:
        """The same constant only."""
        return value is self.value

    def wanted(self) -> str:
        """The JSON of this entry."""
        return show(self.value)


@dataclass(frozen=True, slots=True)
class Range:
    """Lies between two numbers; None is no bound. Only literals that a double holds exactly can lie in a range."""

    low: float | None
    low_open: bool
    high: float | None
    high_open: bool
    written: str

    def accepts(self, value: Scalar) -> bool:
        """Numbers only."""
        if not isinstance(value, bytes) or (number := numbers.as_double(value)) is None:
            return False
        if self.low is not None and (number < self.low or (self.low_open and number == self.low)):
            return False
        return self.high is None or number < self.high or (not self.high_open and number == self.high)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return f'{{"numeric":{self.written}}}'


@dataclass(frozen=True, slots=True)
class Cidr:
    """Is an IP address of this block (see `addresses`)."""

    text: str
    first: str
    last: str

    def accepts(self, value: Scalar) -> bool:
        """Strings that are addresses; and, as in event-ruler, number literals that read as digits of the block."""
        return (found := _digits(value)) is not None and addresses.within(found, self.first, self.last)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return f'{{"cidr":{show(self.text)}}}'


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there with any scalar (`present`), or is not. Absence is judged by the search, not here."""

    present: bool

    def accepts(self, value: Scalar) -> bool:  # noqa: ARG002 - every matcher is asked the same way
        """Any scalar, null included, if it has to exist."""
        return self.present

    def wanted(self) -> str:
        """The JSON of this entry."""
        return f'{{"exists":{show(self.present)}}}'


Inner: TypeAlias = Text | Number | Prefix | Suffix | EqualsIgnoreCase | Wildcard


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """The field is there, and this value of it is accepted by none of `inner`, which are all of one type."""

    inner: tuple[Inner, ...]
    is_list: bool

    def accepts(self, value: Scalar) -> bool:
        """Any scalar; null, booleans and values of another type pass."""
        return not any(matcher.accepts(value) for matcher in self.inner)

    def wanted(self) -> str:
        """The JSON of this entry."""
        texts = [show(matcher.literal if isinstance(matcher, Number) else matcher.text) for matcher in self.inner]
        operand = f"[{','.join(texts)}]" if self.is_list else texts[0]
        operator = _OPERATOR_NAMES.get(type(self.inner[0]))
        return f'{{"anything-but":{operand}}}' if operator is None else f'{{"anything-but":{{"{operator}":{operand}}}}}'


_OPERATOR_NAMES: dict[type, str] = {
    Prefix: "prefix",
    Suffix: "suffix",
    EqualsIgnoreCase: "equals-ignore-case",
    Wildcard: "wildcard",
}

Matcher: TypeAlias = (
    Text
    | Address
    | Number
    | Constant
    | Prefix
    | Suffix
    | EqualsIgnoreCase
    | Wildcard
    | Range
    | Cidr
    | Exists
    | AnythingBut
)


def _digits(value: Scalar) -> str | None:
    if isinstance(value, str):
        return addresses.digits(value)
    run = _HEX_RUN.match(value) if isinstance(value, bytes) else None
    return run[0].decode() if run else None
