"""Regenerates `service/hookwatch/ingest/providers/github_events.py` from octokit's published packages.

Never fetches anything: it reads two unpacked npm packages (MIT, Copyright (c) 2018 Gregor Martynus and contributors),

    npm pack @octokit/webhooks-examples@7.6.1 @octokit/openapi-webhooks@12.1.0

and prints the module, so that a change of the table is a diff that a person reads:

    python tools/github_events.py FOLDER_OF_EXAMPLES FOLDER_OF_OPENAPI > service/.../github_events.py

The rule. A key may stand in the row of an event only if every example of the event (github.com and every GHES
version) has it and the schema of every action requires it: schemas alone are wrong at times (`deployment` requires
`workflow_run`, which its examples lack). An event that has a noun of its own (`issues` has `issue`) is known by that
noun alone; the others get the fewest keys that refuse the most payloads of other events. `sender` is never asked for.
An event that neither github.com's examples nor the schemas have (some of old GHES versions) gets no row.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

EVERYWHERE = frozenset({"action", "enterprise", "installation", "organization", "repository", "sender"})
"""Keys that come with many events and so name none."""

PINNED = {
    "ping": ("zen",),
    "push": ("ref",),
    "repository_dispatch": ("client_payload",),
    "status": ("sha", "state"),
}
"""Rows whose key a person would name, where several would do; they are held to the same rule."""

HEADER = '''"""Which top-level keys a payload of each GitHub event always has. Data only: it judges nothing.

Made by tools/github_events.py from @octokit/webhooks-examples 7.6.1 and @octokit/openapi-webhooks 12.1.0 (both MIT,
read 2026-11-22); do not edit by hand. `X-GitHub-Event` is not signed, so a payload without the keys of its row cannot
be the event that the header names. An event that is not listed is unknown to us, not wrong: GitHub adds events.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARACTERISTIC_KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
'''


def examples_by_event(folder: Path, known: Collection[str]) -> dict[str, list[frozenset[str]]]:
    """The top-level keys of each example, over github.com and every GHES version, of the events in use or `known`."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    current: set[str] = set(known)
    for index in sorted(folder.glob("*/index.json")):
        for event in json.loads(index.read_text(encoding="utf-8")):
            found[event["name"]].extend(frozenset(example) for example in event["examples"])
            if index.parent.name == "api.github.com":
                current.add(event["name"])
    return {event: keys for event, keys in found.items() if event in current}


def required_keys(schema: dict[str, Any], schemas: dict[str, Any]) -> frozenset[str]:
    """The top-level keys that a schema requires, through references, `allOf`, `oneOf` and `anyOf`."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    keys = frozenset(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        keys |= required_keys(part, schemas)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            keys |= frozenset.intersection(*(required_keys(part, schemas) for part in schema[word]))
    return keys


def schemas_by_event(folder: Path) -> dict[str, frozenset[str]]:
    """The keys that the schema of every action of an event requires; `ping` is left out, its schema requires none."""
    document = json.loads((folder / "generated" / "api.github.com.json").read_text(encoding="utf-8"))
    found: dict[str, frozenset[str]] = {}
    for webhook in document["webhooks"].values():
        operation = webhook["post"]
        name = operation["x-github"]["subcategory"].replace("-", "_")
        (content,) = operation["requestBody"]["content"].values()
        keys = required_keys(content["schema"], document["components"]["schemas"])
        found[name] = found[name] & keys if name in found else keys
    found.pop("ping", None)
    return found


def own_noun(event: str, allowed: frozenset[str]) -> str | None:
    """The key that has the event's own name, singular or plural, or None."""
    for noun in (event, event.removesuffix("s")):
        if noun in allowed and noun not in EVERYWHERE:
            return noun
    return None


def fewest_keys(event: str, allowed: frozenset[str], examples: dict[str, list[frozenset[str]]]) -> tuple[str, ...]:
    """The fewest allowed keys, taken greedily, that refuse the most payloads of other events."""
    others = [keys for name, found in examples.items() if name != event for keys in found]
    chosen: list[str] = []
    while others:
        refused = {key: sum(key not in keys for keys in others) for key in allowed}
        best = max(sorted(allowed), key=lambda key: refused[key])
        if not refused[best]:
            break
        chosen.append(best)
        others = [keys for keys in others if best in keys]
    return tuple(chosen)


def rows(examples: dict[str, list[frozenset[str]]], schemas: dict[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """The whole table, sorted by event name."""
    table: dict[str, tuple[str, ...]] = {}
    for event in sorted(examples):
        always = frozenset.intersection(*examples[event])
        allowed = (always & schemas.get(event, always)) - {"sender"}
        noun = own_noun(event, allowed)
        table[event] = PINNED.get(event) or ((noun,) if noun else fewest_keys(event, allowed, examples))
        if not allowed.issuperset(table[event]):
            raise SystemExit(f"{event}: {table[event]} is more than every payload has: {sorted(allowed)}")
    return table


def module(table: dict[str, tuple[str, ...]]) -> str:
    """The Python source of the table."""
    lines = []
    for event, keys in table.items():
        listed = ", ".join(f'"{key}"' for key in keys)
        comma = "," if len(keys) == 1 else ""
        lines.append(f'        "{event}": ({listed}{comma}),\n')
    return HEADER + "".join(lines) + "    }\n)\n"


def main(arguments: list[str]) -> int:
    """Prints the module; 2 when called without the two folders."""
    match arguments:
        case [examples, openapi]:
            schemas = schemas_by_event(Path(openapi))
            table = rows(examples_by_event(Path(examples), schemas), schemas)
            sys.stdout.write(module(table))
            return 0
        case _:
            sys.stderr.write("usage: python tools/github_events.py FOLDER_OF_EXAMPLES FOLDER_OF_OPENAPI\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
