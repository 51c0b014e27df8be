"""Builds a concrete event from chosen values: the proof that is shown to people.

Never decides whether the event matches; whoever asks for it lets the matcher confirm it. Standard library only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.patterns.jsontext import Scalar

Choice: TypeAlias = "tuple[Scalar, ...]"
"""The values of one path: one is a scalar, several are an array."""

NESTED_MAX = 60
"""Levels that are written as objects; a longer path is written with its dots in one key, which is the same path."""

_Tree: TypeAlias = "dict[str, _Tree | Choice]"

_FILLED: dict[str, str | list[str] | dict[str, str]] = {
    "version": "0",
    "id": "00000000-0000-0000-0000-000000000000",
    "detail-type": "any",
    "source": "any",
    "account": "123456789012",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {},
}


def build(choices: Mapping[str, Choice], *, complete: bool) -> str:
    """Write the event as JSON text.

    A path that goes on below a path with a value ("a" and "a.b") is written with its dots in one key, which
    EventBridge reads as the same path. With `complete` the envelope's other fields are filled in.
    """
    root: _Tree = {}
    dotted: dict[str, Choice] = {}
    for path in sorted(choices, key=lambda one: (one.count("."), one)):
        if path.count(".") > NESTED_MAX or not _plant(root, path.split("."), choices[path]):
            dotted[path] = choices[path]
    parts = [f"{_key(name)}:{_text(child)}" for name, child in root.items()]
    parts += [f"{_key(path)}:{_text(choice)}" for path, choice in dotted.items()]
    if complete:
        present = {path.split(".")[0] for path in choices}
        parts += [f"{_key(name)}:{json.dumps(value)}" for name, value in _FILLED.items() if name not in present]
    return f"{{{','.join(parts)}}}"


def _plant(root: _Tree, names: list[str], choice: Choice) -> bool:
    at = root
    for name in names[:-1]:
        below = at.setdefault(name, {})
        if not isinstance(below, dict):
            return False
        at = below
    if names[-1] in at:
        return False
    at[names[-1]] = choice
    return True


def _text(node: _Tree | Choice) -> str:
    if isinstance(node, dict):
        return f"{{{','.join(f'{_key(name)}:{_text(child)}' for name, child in node.items())}}}"
    if len(node) == 1:
        return jsontext.show(node[0])
    return f"[{','.join(jsontext.show(value) for value in node)}]"


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
