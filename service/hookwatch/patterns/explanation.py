"""Explains a verdict: for every path of a pattern what is wanted, what the event has, and why that is not it.

This module never decides differently from `Pattern.matches`: it asks the same leaves and the same search. Standard
library only.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.hints import scalar_paths, why_absent, why_refused
from hookwatch.patterns.jsontext import show
from hookwatch.patterns.search import first_failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.patterns.fields import Found
    from hookwatch.patterns.pattern import Pattern
    from hookwatch.patterns.tree import Alternative, Leaf

VALUES_SHOWN = 20
"""Values of one path that an explanation repeats; an array can have thousands."""


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """What became of one path.

    Attributes:
        path: names from the root, joined by dots.
        pointer: JSON pointer to the array in the pattern.
        wanted: the entries of that array, as JSON values.
        found: the event's values on that path (the first `VALUES_SHOWN`), as JSON values; empty if it is absent.
        matched: whether this path is satisfied, with the array elements chosen by the paths before it.
        why: the reason, where it is not; "" otherwise.
    """

    path: str
    pointer: str
    wanted: tuple[Any, ...]
    found: tuple[Any, ...]
    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class AlternativeVerdict:
    """What became of one alternative of `$or`; a pattern without `$or` has one."""

    matched: bool
    paths: tuple[PathVerdict, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on one event, and the verdicts that it is made of."""

    matched: bool
    alternatives: tuple[AlternativeVerdict, ...]

    @property
    def closest(self) -> AlternativeVerdict:
        """The alternative that matched, or the one that fails on the fewest paths."""
        return min(self.alternatives, key=lambda one: (not one.matched, sum(not path.matched for path in one.paths)))

    @property
    def paths(self) -> tuple[PathVerdict, ...]:
        """The verdicts of the closest alternative."""
        return self.closest.paths

    def as_json(self) -> dict[str, Any]:
        """Give the explanation as plain data for `json.dumps`; `paths` are those of the closest alternative."""
        return {**asdict(self), "paths": [asdict(path) for path in self.paths]}


def explain_compiled(pattern: Pattern, event: str | Mapping[str, Any]) -> Explanation:
    """Explain a compiled pattern's verdict on an event.

    Raises:
        InvalidEvent: as `Pattern.matches` does.
    """
    node = pattern.read(event)
    found = pattern.find(node)
    paths = scalar_paths(node)
    alternatives = tuple(_alternative(alternative, found, paths) for alternative in pattern.alternatives)
    return Explanation(any(alternative.matched for alternative in alternatives), alternatives)


def _alternative(alternative: Alternative, found: Found, paths: Sequence[str]) -> AlternativeVerdict:
    stuck = first_failure(alternative.leaves, found)
    verdicts = tuple(_path(leaf, found, paths, stuck=index == stuck) for index, leaf in enumerate(alternative.leaves))
    return AlternativeVerdict(stuck is None, verdicts)


def _path(leaf: Leaf, found: Found, paths: Sequence[str], *, stuck: bool) -> PathVerdict:
    values = [value for value, _ in found.get(leaf.path, [])]
    if not values:
        why = "" if leaf.may_be_absent else why_absent(leaf, paths)
    elif any(leaf.accepts(value) for value in values):
        why = _ELSEWHERE if stuck else ""
    elif leaf.may_be_absent and not stuck and all(member for _, member in found[leaf.path]):
        why = ""
    else:
        why = why_refused(leaf, values)
    shown = tuple(_json(show(value)) for value in values[:VALUES_SHOWN])
    wanted = tuple(_json(matcher.wanted()) for matcher in leaf.matchers)
    return PathVerdict(leaf.path, leaf.pointer, wanted, shown, not why, why)


_ELSEWHERE = (
    "a value is accepted, but it stands in another array element than the values that satisfy the paths before it"
)


def _json(text: str) -> Any:
    """Read the JSON of one entry or value; a number that Python cannot hold stays the text that it is."""
    value = json.loads(text)
    return text if isinstance(value, float) and not math.isfinite(value) else value
