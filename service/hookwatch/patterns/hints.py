"""Says in one sentence why a value or an absence does not satisfy a leaf, and what was probably meant.

This module never decides a match: it is asked after the decision. Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns.jsontext import show
from hookwatch.patterns.matchers import (
    AnythingBut,
    Constant,
    EqualsIgnoreCase,
    Exists,
    Matcher,
    Number,
    Prefix,
    Range,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hookwatch.patterns.jsontext import Node, Scalar
    from hookwatch.patterns.tree import Leaf

_NAMES_SHOWN = 5
_CHARACTERS_SHOWN = 80
_PATHS_MAX = 20_000
"""Paths of an event that are looked through for a better name; an event of 256 KiB has at most about 30,000."""


def why_absent(leaf: Leaf, paths: Sequence[str]) -> str:
    """Explain a leaf for which the event has no scalar at all. `paths` are all scalar paths of the event."""
    below = sorted({path[len(leaf.path) + 1 :].split(".")[0] for path in paths if path.startswith(f"{leaf.path}.")})
    if below:
        more = ", ..." if len(below) > _NAMES_SHOWN else ""
        return f"the field is an object ({', '.join(below[:_NAMES_SHOWN])}{more}); only its fields can be matched"
    folded = leaf.path.casefold().replace("_", "-")
    for path in paths:
        if path.casefold().replace("_", "-") == folded:
            return f"no such field; the event has {path}, and names are compared exactly"
    name = leaf.path.rpartition(".")[2]
    for path in paths:
        if path.rpartition(".")[2] == name:
            return f"no such field; the event has {path}"
    if all(isinstance(matcher, AnythingBut) for matcher in leaf.matchers):
        return "no such field; anything-but needs the field to exist"
    return "no such field (an empty object or array counts as absent)"


def why_refused(leaf: Leaf, values: Iterable[Scalar]) -> str:
    """Explain a leaf whose values are all refused."""
    values = list(values)
    if all(isinstance(matcher, Exists) for matcher in leaf.matchers):
        return "the field exists and has to be absent"
    for matcher in leaf.matchers:
        for value in values:
            if reason := _near_miss(matcher, value):
                return reason
    wanted = {_kind(matcher) for matcher in leaf.matchers} - {None}
    found = {_type(value) for value in values}
    if wanted and not wanted & found and all(_kind(matcher) for matcher in leaf.matchers):
        return f"the value is {_list(found)}, wanted is {_list(wanted)}"
    one = len(values) == 1
    subject = f"the value is {_some(map(show, values))}" if one else f"none of {len(values)} values is accepted"
    return f"{subject}, wanted is {_some(matcher.wanted() for matcher in leaf.matchers)}"


def scalar_paths(event: Node) -> list[str]:
    """Give the paths of an event's scalars, each once, at most `_PATHS_MAX`."""
    seen: dict[str, None] = {}
    waiting: list[tuple[str | None, Node]] = [(None, event)]
    while waiting and len(seen) < _PATHS_MAX:
        path, node = waiting.pop()
        if isinstance(node, tuple):
            waiting += [(key if path is None else f"{path}.{key}", value) for key, value in reversed(node)]
        elif isinstance(node, list):
            waiting += [(path, value) for value in reversed(node)]
        elif path is not None:
            seen.setdefault(path)
    return list(seen)


def _near_miss(matcher: Matcher, value: Scalar) -> str | None:
    match matcher, value:
        case Text(text), str() if text.casefold() == value.casefold():
            return f"{show(value)} differs from {show(text)} only in case"
        case Text(text), str() if text.strip() == value.strip():
            return f"{show(value)} differs from {show(text)} only in white space"
        case Prefix(text) | Suffix(text) | Wildcard(text), str() if _also_ignoring_case(matcher, value):
            return f"{show(value)} would fit {matcher.wanted()} if case were ignored ({show(text)} is compared exactly)"
        case Text(text), bytes() | bool() | None if text == show(value):
            return f"the value is {_type(value)} {show(value)}, wanted is the string {show(text)}"
        case Number() | Constant() | Range(), str() if _reads_as(matcher, value):
            return f"the value is the string {show(value)}, wanted is {_kind(matcher)}"
        case _:
            return None


def _also_ignoring_case(matcher: Matcher, value: str) -> bool:
    match matcher:
        case Prefix(text):
            return value.casefold().startswith(text.casefold())
        case Suffix(text):
            return value.casefold().endswith(text.casefold())
        case Wildcard():
            lowered = tuple(piece.casefold() for piece in matcher.pieces)
            return Wildcard(matcher.text, lowered).accepts(value.casefold())
        case _:
            return False


def _reads_as(matcher: Number | Constant | Range, value: str) -> bool:
    if isinstance(matcher, Constant):
        return value == show(matcher.value)
    try:
        float(value)
    except ValueError:
        return False
    return matcher.accepts(value.strip().encode())


def _type(value: Scalar) -> str:
    match value:
        case str():
            return "a string"
        case bytes():
            return "a number"
        case bool():
            return "a boolean"
        case None:
            return "null"


def _kind(matcher: Matcher) -> str | None:
    """Name the type that a matcher wants; None where it takes several."""
    match matcher:
        case Number() | Range():
            return "a number"
        case Constant(value):
            return _type(value)
        case Text() | Prefix() | Suffix() | EqualsIgnoreCase() | Wildcard():
            return "a string"
        case _:
            return None


def _some(texts: Iterable[str]) -> str:
    """Join JSON texts, the first few of them and the beginning of each."""
    shown = [text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}..." for text in texts]
    more = f" or {len(shown) - _NAMES_SHOWN} more" if len(shown) > _NAMES_SHOWN else ""
    return " or ".join(shown[:_NAMES_SHOWN]) + more


def _list(names: Iterable[str | None]) -> str:
    return " or ".join(sorted(filter(None, names)))
