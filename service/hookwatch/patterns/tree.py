"""A compiled event pattern as data: alternatives of leaves, each leaf a path and what its value may be.

This module never reads text and never sees an event. Standard library only. Everything here is frozen; linters and
provers may take it apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.patterns import numbers
from hookwatch.patterns.errors import Trail, pointer
from hookwatch.patterns.matchers import Address, AnythingBut, Cidr, Exists, Matcher, Number, Range

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Scalar


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of a pattern.

    Attributes:
        path: names from the root, joined by dots. EventBridge knows no other path: {"a.b": ..} is {"a": {"b": ..}}.
        matchers: a value has to be accepted by one of these (or the field be absent, where one is exists: false).
        trail: where the array stands in the pattern; `pointer` renders it.
    """

    path: str
    matchers: tuple[Matcher, ...]
    trail: Trail = field(default=None, compare=False, repr=False)

    @property
    def pointer(self) -> str:
        """JSON pointer to the array in the pattern."""
        return pointer(self.trail)

    @property
    def may_be_absent(self) -> bool:
        """Whether one of the matchers is exists: false."""
        return any(isinstance(matcher, Exists) and not matcher.present for matcher in self.matchers)

    def accepts(self, value: Scalar) -> bool:
        """Tell whether one of the matchers accepts this value of the field."""
        matchers = self._for_number(value) if isinstance(value, bytes) else self.matchers
        for matcher in matchers:  # noqa: SIM110 - a generator costs a third of the time here
            if matcher.accepts(value):
                return True
        return False

    def _for_number(self, literal: bytes) -> tuple[Matcher, ...]:
        """Leave out the address matchers where event-ruler reads the literal as a number rather than as digits."""
        if not any(isinstance(matcher, Cidr | Address) for matcher in self.matchers):
            return self.matchers
        if not any(map(_numeric, self.matchers)) or numbers.as_double(literal) is None:
            return self.matchers
        return tuple(matcher for matcher in self.matchers if not isinstance(matcher, Cidr | Address))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to match: all of these leaves, each path once, sorted as event-ruler visits them.

    The order matters for exists: false, which is judged against the array elements chosen by the leaves before it.
    """

    leaves: tuple[Leaf, ...]

    def leaf(self, path: str) -> Leaf | None:
        """Find the leaf of a path."""
        return next((leaf for leaf in self.leaves if leaf.path == path), None)


def _numeric(matcher: Matcher) -> bool:
    match matcher:
        case Number(key=float()) | Range() | AnythingBut(inner=(Number(), *_)):
            return True
        case _:
            return False
