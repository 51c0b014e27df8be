"""Finds in an event what a pattern asks about: per path, each scalar and the array elements it stands in.

This module never decides a match. Standard library only. As in event-ruler: keys are joined by dots, every
duplicate key counts, empty objects and empty arrays leave nothing behind, and a scalar that is itself an element of
an array belongs to that array's field but not to an element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.patterns.jsontext import Node, Pairs, Scalar

Membership: TypeAlias = tuple[tuple[int, int], ...]
"""The (array, element) pairs that a value stands in, outermost first; () outside of every array."""

Found: TypeAlias = dict[str, list[tuple["Scalar", Membership]]]


class Interest:
    """The paths that a pattern asks about, as a tree of names.

    Attributes:
        path: the path that ends here, if one does.
        children: what may follow, by name. Names never contain a dot: {"a.b": ..} and {"a": {"b": ..}} are one path.
    """

    __slots__ = ("children", "path")

    def __init__(self) -> None:
        self.path: str | None = None
        self.children: dict[str, Interest] = {}

    @classmethod
    def of(cls, paths: Iterable[str]) -> Interest:
        """Build the tree of these paths."""
        root = cls()
        for path in paths:
            node = root
            for name in path.split("."):
                child = node.children.get(name)
                if child is None:
                    child = node.children[name] = cls()
                node = child
            node.path = path
        return root

    def below(self, key: str) -> Interest | None:
        """Follow a key that contains dots."""
        node: Interest | None = self
        for name in key.split("."):
            node = None if node is None else node.children.get(name)
        return node


class _Walk:
    """One walk through one event."""

    __slots__ = ("_arrays", "found")

    def __init__(self) -> None:
        self._arrays = 0
        self.found: Found = {}

    def into_object(self, pairs: Pairs, interest: Interest, member: Membership) -> None:
        children = interest.children
        for key, value in pairs:
            child = children.get(key)
            if child is None and (not children or "." not in key or (child := interest.below(key)) is None):
                continue
            if isinstance(value, tuple):
                self.into_object(value, child, member)
            elif isinstance(value, list):
                self._into_array(value, child, member)
            elif child.path is not None:
                self.found.setdefault(child.path, []).append((value, member))

    def _into_array(self, items: list[Node], interest: Interest, member: Membership) -> None:
        array = self._arrays
        self._arrays += 1
        for index, value in enumerate(items):
            if isinstance(value, tuple):
                self.into_object(value, interest, (*member, (array, index)))
            elif isinstance(value, list):
                self._into_array(value, interest, (*member, (array, index)))
            elif interest.path is not None:
                self.found.setdefault(interest.path, []).append((value, member))


def find(event: Pairs, interest: Interest) -> Found:
    """Walk the event once and collect the scalars of the paths of interest."""
    walk = _Walk()
    walk.into_object(event, interest, ())
    return walk.found
