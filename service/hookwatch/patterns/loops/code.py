"""Reads from a function's inline Python code what it puts on a bus, where every call says so literally.

Never runs code and never guesses: one call of put_events whose entries are not written out makes the whole answer
"unknown". Only code that stands in the template is read (`ZipFile`, `InlineCode`): it is all there is of the function.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hookwatch.cfn import Resource

CODE_CHARACTERS_MAX = 4_194_304
"""Inline code may have 4 MB (docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
aws-properties-lambda-function-code.html, recalled)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One literal entry of PutEvents; None is a value that is computed."""

    source: str | None
    detail_type: str | None
    bus: str | None


def literal_entries(resource: Resource) -> tuple[Entry, ...]:
    """Give the entries that a function puts; () where its code is not here or does not say."""
    code = resource.properties.get("InlineCode") or _zip_file(resource.properties.get("Code"))
    runtime = resource.properties.get("Runtime")
    if resource.properties.get("Layers") or not isinstance(code, str) or len(code) > CODE_CHARACTERS_MAX:
        return ()
    if not isinstance(runtime, str) or not runtime.startswith("python"):
        return ()
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    named = [node for node in ast.walk(tree) if _says_put_events(node)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _says_put_events(node.func)]
    found: list[Entry] = []
    for call in calls:
        entries = _entries(call)
        if entries is None:
            return ()
        found += entries
    return tuple(found) if len(named) == len(calls) else ()


def _zip_file(code: Any) -> Any:
    return code.get("ZipFile") if isinstance(code, dict) else None


def _says_put_events(node: ast.AST) -> bool:
    """Whether a node is the method or its name as text (getattr)."""
    if isinstance(node, ast.Attribute):
        return node.attr == "put_events"
    return isinstance(node, ast.Constant) and node.value in ("put_events", "PutEvents")


def _entries(call: ast.Call) -> list[Entry] | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if call.args or None in given or not isinstance(given.get("Entries"), ast.List):
        return None
    entries = given["Entries"]
    assert isinstance(entries, ast.List)
    found: list[Entry] = []
    for element in entries.elts:
        if not isinstance(element, ast.Dict) or None in element.keys:
            return None
        values: dict[str, str | None] = {}
        for key, value in zip(element.keys, element.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            text = value.value if isinstance(value, ast.Constant) else None
            values[key.value] = text if isinstance(text, str) else None
        bus = values.get("EventBusName") if "EventBusName" in values else "default"
        found.append(Entry(values.get("Source"), values.get("DetailType"), bus))
    return found
