"""Multiplies `$or` out: what a pattern asks for, part by part, becomes alternatives of leaves.

This module never reads JSON and never sees an event. Standard library only. Alternatives are counted before any is
made, so a pattern with a million of them costs no more than its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns.tree import Alternative, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMBINATIONS_MAX = 1_000
"""Alternatives that `$or` may multiply out to (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-create-pattern-operators.html, facts read 2026-11)."""


@dataclass(frozen=True, slots=True)
class Or:
    """A `$or`: each branch is what one object of its array asks for."""

    branches: tuple[tuple[Part, ...], ...]


Part: TypeAlias = Leaf | Or


def combinations(parts: Iterable[Part]) -> int:
    """Count the alternatives, up to one above `COMBINATIONS_MAX`."""
    total = 1
    for part in parts:
        if isinstance(part, Or):
            total *= sum(combinations(branch) for branch in part.branches)
            if total > COMBINATIONS_MAX:
                return COMBINATIONS_MAX + 1
    return total


def multiply_out(parts: Iterable[Part]) -> tuple[Alternative, ...]:
    """Make the alternatives; call `combinations` first."""
    return tuple(Alternative(tuple(_sorted(rule))) for rule in _multiplied(parts, [{}]))


def _multiplied(parts: Iterable[Part], rules: list[dict[str, Leaf]]) -> list[dict[str, Leaf]]:
    """Add the parts to every rule.

    Of two leaves with one path the later counts; `$or` branches override what stood before them, and what follows
    overrides the branches (event-ruler 2.0.1, and the service: recorded answer `multi_key`).
    """
    for part in parts:
        if isinstance(part, Leaf):
            for rule in rules:
                rule[part.path] = part
        else:
            rules = [added for branch in part.branches for added in _multiplied(branch, [dict(rule) for rule in rules])]
    return rules


def all_leaves(parts: Iterable[Part]) -> Iterator[Leaf]:
    """Give every leaf that was written, those that others override included."""
    for part in parts:
        if isinstance(part, Leaf):
            yield part
        else:
            yield from all_leaves(chain.from_iterable(part.branches))


def _sorted(rule: dict[str, Leaf]) -> list[Leaf]:
    """Sort as Java sorts strings: by UTF-16 code unit, which differs from Python's order only beyond ASCII."""
    paths = sorted(rule)
    if not all(map(str.isascii, paths)):
        paths.sort(key=lambda path: path.encode("utf-16-be", "surrogatepass"))
    return [rule[path] for path in paths]
