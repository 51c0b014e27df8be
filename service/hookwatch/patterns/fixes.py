"""Proposed changes of a pattern as JSON Patch (RFC 6902), and how to try one out.

Never writes a file and never decides that a change is wanted. Only `add`, `remove`, `replace` and `move` are made and
understood. Standard library only.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Operation: TypeAlias = dict[str, Any]
Patch: TypeAlias = "tuple[Operation, ...]"


def pointer(*steps: str | int) -> str:
    """Write a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def add(path: str, value: Any) -> Operation:
    """Add or overwrite the member at a pointer."""
    return {"op": "add", "path": path, "value": value}


def replace(path: str, value: Any) -> Operation:
    """Put another value at a pointer."""
    return {"op": "replace", "path": path, "value": value}


def move(source: str, path: str) -> Operation:
    """Rename a member."""
    return {"op": "move", "from": source, "path": path}


def add_leaf(document: Any, dotted: str, values: list[Any]) -> Patch:
    """Add a leaf to a pattern, with the objects that are still missing above it; () where something is in the way."""
    steps: list[str] = []
    at = document
    names = dotted.split(".")
    for number, name in enumerate(names):
        if not isinstance(at, dict):
            return ()
        if name not in at:
            value: Any = values
            for below in reversed(names[number + 1 :]):
                value = {below: value}
            return (add(pointer(*steps, name), value),)
        steps.append(name)
        at = at[name]
    return ()


def moved(patch: Patch, base: str) -> Patch:
    """Rewrite a patch of a pattern into one of the document that the pattern stands in, at `base`."""
    return tuple(
        {key: base + value if key in ("path", "from") else value for key, value in operation.items()}
        for operation in patch
    )


class CannotPatch(ValueError):  # noqa: N818 - a value: the change does not fit the document
    """The patch does not fit the document."""


def applied(document: Any, patch: Sequence[Operation]) -> Any:
    """Give the document with a patch applied; the input is left as it is.

    Raises:
        CannotPatch: a pointer leads nowhere, or an operation is none of ours.
    """
    result = copy.deepcopy(document)
    for operation in patch:
        if operation["op"] not in ("add", "remove", "replace", "move"):
            raise CannotPatch(f"{operation['op']} is not understood")
        value = operation.get("value")
        if operation["op"] in ("remove", "move"):
            value = _taken(result, str(operation.get("from", operation["path"])))
        if operation["op"] != "remove":
            _put(result, operation["path"], value, insert=operation["op"] != "replace")
    return result


def _parent(document: Any, path: str) -> tuple[Any, str]:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if not steps:
        raise CannotPatch("the whole document cannot be replaced")
    at = document
    for step in steps[:-1]:
        try:
            at = at[int(step)] if isinstance(at, list) else at[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise CannotPatch(f"{path} leads nowhere") from None
    return at, steps[-1]


def _taken(document: Any, path: str) -> Any:
    parent, last = _parent(document, path)
    try:
        return parent.pop(int(last)) if isinstance(parent, list) else parent.pop(last)
    except (AttributeError, KeyError, IndexError, ValueError):
        raise CannotPatch(f"{path} leads nowhere") from None


def _put(document: Any, path: str, value: Any, *, insert: bool) -> None:
    parent, last = _parent(document, path)
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        parent[index : index if insert else index + 1] = [value]
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise CannotPatch(f"{path} leads nowhere")


def plain(text: str) -> Any:
    """Read a pattern as Python's own data, to build a patch on; None where it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
