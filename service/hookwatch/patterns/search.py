"""Decides whether one alternative of a pattern matches what was found in an event, array elements kept together.

This module never reads JSON. Standard library only. Leaves are visited in the order of their paths. A value may be
chosen for a leaf only if it stands in the same element of every array as the values chosen before it; exists: false
holds where no value of the path could be chosen (event-ruler's order-dependent rule, facts measured 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns.errors import InvalidEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hookwatch.patterns.fields import Found, Membership
    from hookwatch.patterns.jsontext import Scalar
    from hookwatch.patterns.tree import Leaf

CHOICES_MAX = 200_000
"""Combinations of array elements that one alternative may try: well under a second. Elements of one array cost
their number; only an event with many duplicate keys, each an array of objects, can pass this."""

_Chosen: TypeAlias = frozenset[tuple[int, int]]
_NOTHING: _Chosen = frozenset()


def holds(leaves: Sequence[Leaf], found: Found) -> bool:
    """Tell whether every leaf can be satisfied by one consistent choice.

    Raises:
        InvalidEvent: more than `CHOICES_MAX` combinations.
    """
    in_arrays, open_question = 0, False
    for leaf in leaves:
        values = found.get(leaf.path)
        if values is None:
            if not leaf.may_be_absent:
                return False
            continue
        in_array = any(member for _, member in values)
        in_arrays += in_array
        if not _any_accepted(leaf, values):
            if not (in_array and leaf.may_be_absent):
                return False
            open_question = True  # it may still be absent from the elements that other paths choose
    if in_arrays <= 1:
        return not open_question
    return first_failure(leaves, found) is None


def _any_accepted(leaf: Leaf, values: Iterable[tuple[Scalar, Membership]]) -> bool:
    for value, _ in values:  # noqa: SIM110 - a generator costs a third of the time here
        if leaf.accepts(value):
            return True
    return False


def first_failure(leaves: Sequence[Leaf], found: Found) -> int | None:
    """Give the index of the first leaf that no consistent choice can satisfy, None if there is none.

    Choices are tried depth first, so an event that matches is mostly done at the first of each; what has failed once
    is never tried again.

    Raises:
        InvalidEvent: more than `CHOICES_MAX` combinations.
    """
    columns = _columns(leaves, found)
    open_choices = [columns[0].after(_NOTHING)]
    tried: set[tuple[int, _Chosen]] = set()
    deepest = spent = 0
    while open_choices:
        index = len(open_choices)
        for state in open_choices[-1]:
            spent += 1
            if spent > CHOICES_MAX:
                raise InvalidEvent(
                    f"more than {CHOICES_MAX} combinations of array elements at {leaves[index - 1].path!r}"
                )
            if (index, state) in tried:
                continue
            tried.add((index, state))
            if index == len(leaves):
                return None
            deepest = max(deepest, index)
            open_choices.append(columns[index].after(state))
            break
        else:
            open_choices.pop()
    return deepest


def _columns(leaves: Sequence[Leaf], found: Found) -> list[_Column]:
    """Prepare each leaf's choices; a choice in an array that no later leaf stands in is forgotten at once."""
    later: set[int] = set()
    columns: list[_Column] = []
    for leaf in reversed(leaves):
        values = found.get(leaf.path, [])
        columns.append(_Column(leaf, values, frozenset(later)))
        later.update(array for _, member in values for array, _ in member)
    return columns[::-1]


class _Column:
    """What can be chosen for one leaf, given what is chosen already."""

    __slots__ = ("_accepted", "_every", "_needed")

    def __init__(self, leaf: Leaf, values: Sequence[tuple[Scalar, Membership]], needed: frozenset[int]) -> None:
        self._accepted = _Hits(dict.fromkeys(member for value, member in values if leaf.accepts(value)))
        self._every = _Hits(dict.fromkeys(member for _, member in values)) if leaf.may_be_absent else None
        self._needed = needed

    def after(self, state: _Chosen) -> Iterator[_Chosen]:
        """Give the states that this leaf can leave behind."""
        chosen = dict(state)
        if self._every is not None and not any(True for _ in self._every.beside(chosen)):
            yield self._keep(state)
        for member in self._accepted.beside(chosen):
            yield self._keep(state.union(member))

    def _keep(self, state: _Chosen) -> _Chosen:
        return frozenset(pair for pair in state if pair[0] in self._needed) if state else state


class _Hits:
    """Memberships as a tree, outermost array first, so that what clashes with earlier choices is never visited."""

    __slots__ = ("here", "inside")

    def __init__(self, members: Iterable[Membership]) -> None:
        self.here: Membership | None = None
        self.inside: dict[int, dict[int, _Hits]] = {}
        for member in members:
            node = self
            for array, element in member:
                elements = node.inside.setdefault(array, {})
                if element not in elements:
                    elements[element] = _Hits(())
                node = elements[element]
            node.here = member

    def beside(self, chosen: dict[int, int]) -> Iterator[Membership]:
        """Give the memberships that do not clash with the elements chosen already."""
        if self.here is not None:
            yield self.here
        for array, elements in self.inside.items():
            if array not in chosen:
                for node in elements.values():
                    yield from node.beside(chosen)
            elif chosen[array] in elements:
                yield from elements[chosen[array]].beside(chosen)
