"""A scalar that several leaves of one field accept, or the proof that there is none.

Never looks at events. Standard library only. Every value is confirmed by the leaves themselves (`Leaf.accepts`), so
that what is called a value is one; `NoValue` is said only where the search over all JSON scalars is complete.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns.languages.automata import TooManyForms
from hookwatch.patterns.languages.strings import GivenUp, common_string
from hookwatch.patterns.matchers import (
    Address,
    AnythingBut,
    Cidr,
    Exists,
    Number,
    Range,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.patterns.jsontext import Scalar
    from hookwatch.patterns.tree import Leaf


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar that all leaves accept (a number is its literal, as in `jsontext`)."""

    scalar: Scalar


@dataclass(frozen=True, slots=True)
class NoValue:
    """No scalar is accepted by all leaves: a proof."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither a value was found nor a proof that there is none."""

    why: str


Found: TypeAlias = Value | NoValue | Undecided


def common_value(leaves: Sequence[Leaf], refusing: Sequence[Leaf] = ()) -> Found:
    """Find a scalar that every leaf accepts and none of `refusing` does.

    Strings are preferred, because most fields hold them. With one leaf in `refusing`, `NoValue` proves that it accepts
    whatever the others accept together.
    """
    if leaves and all(type(matcher) is Text for leaf in (*leaves, *refusing) for matcher in leaf.matchers):
        return _listed(leaves, refusing)
    try:
        text = common_string(leaves, refusing)
    except TooManyForms as many:
        text = GivenUp(str(many))
    if isinstance(text, str):
        return Value(text)
    everyone = [*leaves, *refusing]
    for scalar in (*_literals(everyone), True, False, None):
        if all(leaf.accepts(scalar) for leaf in leaves) and not any(leaf.accepts(scalar) for leaf in refusing):
            return Value(scalar)
    if isinstance(text, GivenUp):
        return Undecided(text.why)
    if all(_may_take_digits(leaf) for leaf in leaves) and any(_has_address(leaf) for leaf in everyone):
        return Undecided("number literals that read as an address are not searched")
    return NoValue()


def _listed(leaves: Sequence[Leaf], refusing: Sequence[Leaf]) -> Found:
    """The plain case, most of all: every leaf lists strings and nothing else."""
    refused = {matcher.text for leaf in refusing for matcher in leaf.matchers if isinstance(matcher, Text)}
    for matcher in leaves[0].matchers:
        assert isinstance(matcher, Text)
        if matcher.text not in refused and all(matcher in leaf.matchers for leaf in leaves[1:]):
            return Value(matcher.text)
    return NoValue()


def _has_address(leaf: Leaf) -> bool:
    return any(isinstance(matcher, Cidr | Address) for matcher in leaf.matchers)


def _may_take_digits(leaf: Leaf) -> bool:
    """Whether the leaf may accept some number literal (event-ruler reads those of addresses as digits)."""
    return any(
        isinstance(matcher, Cidr | Address | Number | Range | AnythingBut)
        or (isinstance(matcher, Exists) and matcher.present)
        for matcher in leaf.matchers
    )


def _literals(leaves: Sequence[Leaf]) -> Iterator[bytes]:
    """Number literals that stand for all others: each bound, its neighbours, and every literal that is written.

    What a leaf accepts changes only at these; between two of them lies the upper neighbour of the lower one. Of the
    literals that no double holds, one that nobody writes stands for all.
    """
    points: set[float] = {0.0}
    beyond = 0
    for literal, bounds in _written_numbers(leaves):
        if literal is not None:
            yield literal
            beyond += not bounds
        points.update(bounds)
    rounded = {float(math.floor(point) + step) for point in points for step in (0, 1) if abs(point) < 2**53}
    for point in sorted(points | rounded, key=abs):
        yield _literal(point)
    for point in sorted(points):
        for neighbour in (math.nextafter(point, -math.inf), math.nextafter(point, math.inf)):
            if math.isfinite(neighbour):
                yield _literal(neighbour)
    for exponent in range(400, 401 + beyond):  # beyond every double: compared by their text alone
        yield f"1e{exponent}".encode()


def _literal(point: float) -> bytes:
    whole = point.is_integer() and abs(point) < 1e15  # noqa: PLR2004 - below, int and repr say the same number
    return (str(int(point)) if whole else repr(point)).encode()


def _written_numbers(leaves: Sequence[Leaf]) -> Iterator[tuple[bytes | None, list[float]]]:
    for leaf in leaves:
        for matcher in leaf.matchers:
            match matcher:
                case Number(literal, key):
                    yield literal, [key] if isinstance(key, float) else []
                case Range(low=low, high=high):
                    yield None, [bound for bound in (low, high) if bound is not None]
                case AnythingBut(inner=inner):
                    keys = [one.key for one in inner if isinstance(one, Number)]
                    yield None, [key for key in keys if isinstance(key, float)]
                case _:
                    pass
