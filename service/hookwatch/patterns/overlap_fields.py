"""Which fields of an event hold one value: the envelope's by EventBridge's contract, GitHub's by its schemas.

Never compares patterns. A field that is not known to hold one value may be an array, or stand in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.patterns.knowledge import GITHUB, Event, github_event
from hookwatch.patterns.matchers import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.patterns.tree import Leaf

ONE_STRING = frozenset({"version", "id", "detail-type", "source", "account", "time", "region"})
"""Envelope fields that are one string each (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-events-structure.html, facts read 2026-11)."""

_DETAIL = "detail."


@dataclass(frozen=True, slots=True)
class Single:
    """Answers for the events that satisfy some leaves."""

    events: tuple[Event, ...]
    declared: frozenset[str]

    def one_value(self, path: str) -> bool:
        """Tell whether the field never holds, and never stands in, an array."""
        if path in ONE_STRING or path in self.declared:
            return True
        inner = path.removeprefix(_DETAIL)
        return inner != path and bool(self.events) and all(event.holds_one_value(inner) for event in self.events)

    def apart_from_arrays(self, path: str, groups: Sequence[Sequence[Leaf]]) -> bool:
        """Tell whether the absence of a field cannot depend on array elements that other leaves choose.

        event-ruler judges exists: false against the elements chosen so far, so a leaf beside it, below an object that
        may be an array, could make the field absent for one pattern and present for another.
        """
        shared = [above for above in _above(path) if not self._is_object(above)]
        if not shared:
            return True
        lowest = f"{shared[0]}."
        others = [leaf.path for group in groups for leaf in group if leaf.path != path]
        return not any(other.startswith(lowest) for other in others)

    def _is_object(self, path: str) -> bool:
        if path == "detail":
            return True  # PutEvents takes a JSON object as detail and nothing else
        if any(one.startswith(f"{path}.") for one in self.declared):
            return True
        inner = path.removeprefix(_DETAIL)
        return inner != path and bool(self.events) and all(event.is_plain_object(inner) for event in self.events)


def known_single(groups: Sequence[Sequence[Leaf]], declared: frozenset[str]) -> Single:
    """Find out which GitHub events satisfy the leaves, if only such events do."""
    for group in groups:
        if (events := github_events_of(group)) is not None:
            return Single(events, declared)
    return Single((), declared)


def github_events_of(leaves: Sequence[Leaf]) -> tuple[Event, ...] | None:
    """Give the GitHub events that a group of leaves selects; None if it may select others, or unknown ones."""
    by_path = {leaf.path: leaf for leaf in leaves}
    sources, types = exact_texts(by_path.get("source")), exact_texts(by_path.get("detail-type"))
    if sources != (GITHUB,) or not types:
        return None
    events = [github_event(name) for name in types]
    known = tuple(event for event in events if event is not None)
    return known if len(known) == len(events) else None


def exact_texts(leaf: Leaf | None) -> tuple[str, ...]:
    """Give the strings that a leaf lists, if it lists nothing else; () otherwise."""
    if leaf is None or not all(isinstance(matcher, Text) for matcher in leaf.matchers):
        return ()
    return tuple(dict.fromkeys(matcher.text for matcher in leaf.matchers if isinstance(matcher, Text)))


def _above(path: str) -> list[str]:
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]
