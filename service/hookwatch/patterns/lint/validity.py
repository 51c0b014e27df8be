"""P001 to P003, P041 and P042: what EventBridge refuses, and what was probably meant.

Never judges what a valid pattern selects.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.compiler import CHARACTERS_MAX, TOO_COMPLEX
from hookwatch.patterns.fixes import Patch, move, pointer, replace
from hookwatch.patterns.lint.rules import Found
from hookwatch.patterns.wildcards import COMPLEXITY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.patterns.jsontext import Node
    from hookwatch.patterns.lint.subject import Subject

CHARACTERS_QUOTA = 2_048
"""Characters of compact JSON that every account may use (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-quota.html, facts read 2026-11); up to `CHARACTERS_MAX` on request."""

COMPLEXITY_ACCEPTED = 9
"""The largest wildcard complexity that was seen accepted (facts measured 2026-11)."""

OPERATORS = (
    "prefix",
    "suffix",
    "anything-but",
    "numeric",
    "exists",
    "cidr",
    "equals-ignore-case",
    "wildcard",
)
DUPLICATES_SHOWN = 20
_DEPTH_MAX = 100


def validity(subject: Subject) -> Iterator[Found]:
    """Check whether EventBridge takes the pattern."""
    if subject.invalid is not None:
        yield _refused(subject)
    elif subject.pattern is not None:
        size = subject.pattern.size_characters
        if size > CHARACTERS_QUOTA:
            message = (
                f"{size} characters of compact JSON: accounts may use {CHARACTERS_QUOTA} unless the quota was raised "
                f"(at most to {CHARACTERS_MAX}); prefix, suffix and numeric ranges are shorter than lists"
            )
            yield Found("P002", message)
        complexity = subject.pattern.complexity()
        if complexity > COMPLEXITY_ACCEPTED:
            message = (
                f"wildcard complexity {complexity} of one field: {COMPLEXITY_ACCEPTED} was seen accepted, "
                f"{COMPLEXITY_LIMIT + 1} refused; prefix and suffix cost nothing"
            )
            yield Found("P003", message)
    yield from _quoted_operands(subject.node)
    yield from _duplicates(subject.node)


def _refused(subject: Subject) -> Found:
    invalid = subject.invalid
    assert invalid is not None
    hint = f" ({invalid.hint})" if invalid.hint else ""
    message = f"Event pattern is not valid. Reason: {invalid.reason}{hint}"
    if "characters of compact JSON" in invalid.reason:
        return Found("P002", message, severity="error")
    if invalid.reason == TOO_COMPLEX:
        return Found("P003", message, invalid.pointer, severity="error")
    return Found("P001", message, invalid.pointer, _mend(subject.data, invalid.pointer))


def _mend(data: Any, at: str) -> Patch:
    """Mend what has one likely meaning: a bare value, or an operator that is nearly one."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]
    value, parent = data, None
    for step in steps:
        parent = value
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return ()
    if steps and isinstance(parent, dict):
        if isinstance(value, str | int | float | bool) and steps[-1] not in OPERATORS:
            near = get_close_matches(steps[-1].lower(), OPERATORS, 1, 0.75)
            return (move(at, pointer(*steps[:-1], near[0])),) if near and _is_entry(steps) else (replace(at, [value]),)
        near = get_close_matches(steps[-1].lower().replace("_", "-"), OPERATORS, 1, 0.75)
        if near and near[0] != steps[-1] and _is_entry(steps):
            return (move(at, pointer(*steps[:-1], near[0])),)
        if steps[-1] == "exists" and value in ("true", "false"):
            return (replace(at, value == "true"),)
    return ()


def _is_entry(steps: list[str]) -> bool:
    """Whether the last step names an operator: it stands in an object in a list."""
    return len(steps) > 1 and steps[-2].isdigit()


def _quoted_operands(node: Node) -> Iterator[Found]:
    for at, key, value in _members(node, ()):
        if key == "exists" and value in ("true", "false"):
            patch = (replace(pointer(*at, key), value == "true"),)
            yield Found(
                "P041", f'exists needs {value} without quotes, not "{value}"', pointer(*at, key), patch, "error"
            )
        if key == "numeric" and isinstance(value, list):
            for index, item in enumerate(value):
                if index % 2 and isinstance(item, str) and (number := _number(item)) is not None:
                    place = pointer(*at, key, index)
                    yield Found(
                        "P041",
                        f'numeric needs {item} without quotes, not "{item}"',
                        place,
                        (replace(place, number),),
                        "error",
                    )


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None


def _duplicates(node: Node) -> Iterator[Found]:
    shown = 0
    for at, pairs in _objects(node, ()):
        keys = [key for key, _ in pairs]
        for key in dict.fromkeys(key for key in keys if keys.count(key) > 1) if len(set(keys)) < len(keys) else ():
            merged = all(isinstance(value, tuple) for name, value in pairs if name == key)
            what = "their fields are put together, the last of each counts" if merged else "only the last one counts"
            yield Found("P042", f'the key "{key}" stands {keys.count(key)} times; {what}', pointer(*at, key))
            shown += 1
            if shown >= DUPLICATES_SHOWN:
                return


_Steps = "tuple[str | int, ...]"


def _objects(
    node: Node, at: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[tuple[str, Node], ...]]]:
    if len(at) > _DEPTH_MAX:
        return
    if isinstance(node, tuple):
        yield at, node
        for key, value in node:
            yield from _objects(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _objects(value, (*at, index))


def _members(node: Node, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, Node]]:
    """Members of the objects that stand in lists: match expressions."""
    for place, pairs in _objects(node, at):
        if place and isinstance(place[-1], int):
            for key, value in pairs:
                yield place, key, value
