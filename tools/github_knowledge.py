"""Makes `service/hookwatch/patterns/data/github.json.gz`: what each GitHub event is known to carry.

Never fetches anything: it reads two unpacked npm packages (MIT, Copyright (c) 2018 Gregor Martynus and contributors),

    npm pack @octokit/webhooks-examples@7.6.1 @octokit/openapi-webhooks@12.1.0

and writes the file, byte for byte the same for the same input:

    python tools/github_knowledge.py FOLDER_OF_EXAMPLES FOLDER_OF_OPENAPI service/hookwatch/patterns/data/github.json.gz

Form: {"sources": [...], "events": {event: {"actions": [...] | "*" | null, "fields": node}}}. A node is an object of
nodes by name, with its own letters under the empty name, or just the letters of a scalar:

    s n b z  string, number, boolean, null      o  an object      [  may be an array, or stands below one
    ?        some payloads of the event lack it                   *  an object whose fields nobody lists

Schemas and examples of github.com are put together: a field has every type that either gives it, and has "?" unless
every schema of the event requires it and every example has it.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

DEPTH_MAX = 7
"""Levels below `detail` that are kept. The deepest field that the twelve loops and the best-practice page filter on
is on level 3; what lies deeper is taken as unknown, which the linter never reports."""

LETTERS = {"string": "s", "integer": "n", "number": "n", "boolean": "b", "null": "z"}
Node = dict[str, Any]


def described(schema: Any, schemas: dict[str, Any], depth: int, *, arrayed: bool = False) -> Node:
    """Turn a schema into a node; a node here is always an object, with its letters under the empty name."""
    if not isinstance(schema, dict):
        return {"": "*"}
    if "$ref" in schema:
        return described(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, depth, arrayed=arrayed)
    node: Node = {"": "[" if arrayed else ""}
    found = [
        described(part, schemas, depth, arrayed=arrayed) for word in ("oneOf", "anyOf") for part in schema.get(word, ())
    ]
    if found:
        node = found[0]
        for other in found[1:]:
            node = merged(node, other)
    for part in schema.get("allOf", ()):
        node = joined(node, described(part, schemas, depth, arrayed=arrayed))
    types = schema.get("type", "object" if "properties" in schema else [])
    for kind in [types] if isinstance(types, str) else types:
        match kind:
            case "object":
                node = joined(node, described_object(schema, schemas, depth, arrayed=arrayed))
            case "array":
                node = joined(node, described(schema.get("items"), schemas, depth, arrayed=True), {"": "["})
            case _:
                node = joined(node, {"": LETTERS[kind]})
    return node if node[""].strip("[") else joined(node, {"": "*"})


def described_object(schema: dict[str, Any], schemas: dict[str, Any], depth: int, *, arrayed: bool) -> Node:
    """The node of an object's schema."""
    properties = schema.get("properties", {})
    node: Node = {"": "o" if properties and depth else "o*"}
    if depth:
        required = schema.get("required", ())
        for name, item in properties.items():
            child = described(item, schemas, depth - 1, arrayed=arrayed)
            node[name] = child if name in required else joined(child, {"": "?"})
    return node


def observed(value: Any, depth: int, *, arrayed: bool = False) -> Node:
    """The node of a value in an example."""
    letters = "[" if arrayed else ""
    match value:
        case dict() if not depth:
            return {"": letters + "o*"}
        case dict():
            return {
                "": letters + "o",
                **{name: observed(item, depth - 1, arrayed=arrayed) for name, item in value.items()},
            }
        case list():
            node: Node = {"": "["}
            for number, item in enumerate(value):
                seen = observed(item, depth, arrayed=True)
                node = merged(node, seen) if number else joined(node, seen)
            return node
        case bool():
            return {"": letters + "b"}
        case None:
            return {"": letters + "z"}
        case str():
            return {"": letters + "s"}
        case _:
            return {"": letters + "n"}


def joined(*nodes: Node) -> Node:
    """Put together what is all true of one value."""
    result: Node = {"": ""}
    for node in nodes:
        result[""] = letters(result[""] + node[""])
        for name, child in node.items():
            if name:
                result[name] = joined(result[name], child) if name in result else child
    return result


def merged(left: Node, right: Node) -> Node:
    """Put together two kinds of payload: a field that one of them has not gets "?", if both are objects."""
    result: Node = {"": letters(left[""] + right[""])}
    both = "o" in left[""] and "o" in right[""]
    for name in sorted({*left, *right} - {""}):
        if name in left and name in right:
            result[name] = merged(left[name], right[name])
        else:
            only = left[name] if name in left else right[name]
            result[name] = joined(only, {"": "?"}) if both else only
    return result


def letters(text: str) -> str:
    """Each letter once, in one order."""
    return "".join(letter for letter in "snbzo[?*" if letter in text)


def compact(node: Node) -> Any:
    """Write a node without fields as its letters alone."""
    return (
        {name: compact(child) if name else child for name, child in sorted(node.items())} if len(node) > 1 else node[""]
    )


def from_schemas(folder: Path) -> dict[str, tuple[Node, list[str] | str | None]]:
    """Node and actions of each event, over the schemas of all its actions."""
    document = json.loads((folder / "generated" / "api.github.com.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    found: dict[str, tuple[Node, list[str] | str | None]] = {}
    for webhook in document["webhooks"].values():
        operation = webhook["post"]
        event = operation["x-github"]["subcategory"].replace("-", "_")
        (content,) = operation["requestBody"]["content"].values()
        node = described(content["schema"], schemas, DEPTH_MAX)
        actions: list[str] | str | None = None
        if "action" in node:
            actions = enumerated(content["schema"], schemas) or "*"
        if event in found:
            before, known = found[event]
            node = merged(before, node)
            actions = (
                sorted({*known, *actions})
                if isinstance(known, list) and isinstance(actions, list)
                else known or actions
            )
        found[event] = (node, actions)
    return found


def enumerated(schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """The values that a schema allows for `action`."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    own = schema.get("properties", {}).get("action", {}).get("enum", [])
    parts = [part for word in ("oneOf", "anyOf", "allOf") for part in schema.get(word, ())]
    return sorted({*own, *(value for part in parts for value in enumerated(part, schemas))})


def knowledge(examples: Path, openapi: Path) -> dict[str, Any]:
    """The whole document."""
    events: dict[str, Any] = {}
    described_events = from_schemas(openapi)
    seen: dict[str, list[Any]] = {}
    for event in json.loads((examples / "api.github.com" / "index.json").read_text(encoding="utf-8")):
        seen[event["name"]] = event["examples"]
    for name in sorted({*described_events, *seen}):
        node, actions = described_events.get(name, (None, None))
        for example in seen.get(name, []):
            shown = observed(example, DEPTH_MAX)
            node = shown if node is None else merged(node, shown)
            action = example.get("action")
            if isinstance(action, str) and actions != "*":
                actions = sorted({*(actions or []), action})
        assert node is not None
        events[name] = {"actions": actions, "fields": compact(node)}
    sources = []
    for folder in (openapi, examples):
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        sources.append(f"{package['name']} {package['version']} ({package['license']})")
    return {"sources": sources, "events": events}


def main(arguments: list[str]) -> int:
    """Writes the file; 2 when called without its three arguments."""
    match arguments:
        case [examples, openapi, target]:
            text = json.dumps(knowledge(Path(examples), Path(openapi)), separators=(",", ":"), sort_keys=True)
            Path(target).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
            sys.stdout.write(f"{target}: {Path(target).stat().st_size} bytes, {len(text)} unpacked\n")
            return 0
        case _:
            sys.stderr.write("usage: python tools/github_knowledge.py EXAMPLES_FOLDER OPENAPI_FOLDER TARGET\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
