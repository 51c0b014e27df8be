"""A compiled event pattern, ready to be asked about events.

This module never compiles (see `compiler`) and never explains (see `explanation`). Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hookwatch.patterns import jsontext, wildcards
from hookwatch.patterns.errors import InvalidEvent
from hookwatch.patterns.fields import Found, Interest, find
from hookwatch.patterns.matchers import AnythingBut, Wildcard
from hookwatch.patterns.search import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookwatch.patterns.jsontext import Pairs
    from hookwatch.patterns.tree import Alternative, Leaf


@dataclass(frozen=True, slots=True)
class Pattern:
    """One event pattern.

    Attributes:
        alternatives: what `$or` multiplies out to; one if there is no `$or`. Any of them may match.
        text: the JSON that it was compiled from.
        or_is_a_field: the pattern has a `$or` that EventBridge reads as an ordinary field name, because its value
            does not have the form that the operator needs.
        interest: the paths that an event is searched for.
    """

    alternatives: tuple[Alternative, ...]
    text: str = field(repr=False)
    or_is_a_field: bool = False
    interest: Interest = field(default_factory=Interest, repr=False, compare=False)

    def matches(self, event: str | Mapping[str, Any]) -> bool:
        """Tell whether EventBridge would send this event to the rule's targets.

        Args:
            event: JSON text, which keeps number literals and duplicate keys, or a mapping.

        Raises:
            InvalidEvent: not a JSON object, or beyond the bounds of `jsontext` and `search`.
        """
        found = self.find(self.read(event))
        return any(holds(alternative.leaves, found) for alternative in self.alternatives)

    def read(self, event: str | Mapping[str, Any]) -> Pairs:
        """Read an event.

        Raises:
            InvalidEvent: not a JSON object.
        """
        try:
            node = jsontext.read(event if isinstance(event, str) else jsontext.write(event))
        except jsontext.NotJson as broken:
            raise InvalidEvent(str(broken)) from None
        if not isinstance(node, tuple):
            raise InvalidEvent("an event is a JSON object")
        return node

    def find(self, event: Pairs) -> Found:
        """Collect what an event, as `read` gives it, has on this pattern's paths."""
        return find(event, self.interest)

    @property
    def size_characters(self) -> int:
        """Length of the compact JSON, which is what EventBridge limits."""
        return len(jsontext.compact(self.text))

    def leaves(self) -> Iterator[Leaf]:
        """Give each distinct leaf once, in the order of the alternatives."""
        seen: set[tuple[str, str]] = set()
        for alternative in self.alternatives:
            for leaf in alternative.leaves:
                if (leaf.path, leaf.pointer) not in seen:
                    seen.add((leaf.path, leaf.pointer))
                    yield leaf

    def complexity(self) -> int:
        """Give the wildcard complexity of the most complex field, counted up to just above the limit."""
        by_path: dict[str, set[wildcards.Pieces]] = {}
        for leaf in self.leaves():
            by_path.setdefault(leaf.path, set()).update(wildcard_pieces(leaf))
        return max((wildcards.complexity(tuple(sorted(found))) for found in by_path.values() if found), default=0)


def wildcard_pieces(leaf: Leaf) -> set[wildcards.Pieces]:
    """Give the wildcard expressions of a leaf, those under anything-but included."""
    found: set[wildcards.Pieces] = set()
    for matcher in leaf.matchers:
        match matcher:
            case Wildcard():
                found.add(matcher.pieces)
            case AnythingBut(inner=inner):
                found.update(excluded.pieces for excluded in inner if isinstance(excluded, Wildcard))
            case _:
                pass
    return found
