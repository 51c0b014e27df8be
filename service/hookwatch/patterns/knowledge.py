"""What GitHub's and Twilio's events are known to carry: actions, fields, which of them hold one value only.

Never judges a pattern and never fetches anything: the data were made by tools/github_knowledge.py from octokit's
published schemas and examples (`sources()` names them). Standard library only. What is not listed is unknown, not
wrong: GitHub adds fields, and a few examples have fields that no schema names.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

GITHUB = "github.com"
TWILIO = "twilio.com"
TWILIO_TYPE = "twilio-webhook-lambda"
"""Sources and detail-type of AWS's quick start, which hookwatch keeps."""

OUR_KEY = "hookwatch"
"""The key that hookwatch adds to `detail`; its fields are listed in `OUR_FIELDS`."""

OUR_FIELDS = frozenset(
    {"provider", "delivery_id", "hook_id", "kind", "received_at", "body_sha256", "own_actor", "claim_check"}
)

ENVELOPE = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
"""Top-level keys of every event (docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html, facts read
2026-11). `replay-name` comes with events that an archive replays."""

_DATA = Path(__file__).with_name("data") / "github.json.gz"
_KINDS = {"s": "string", "n": "number", "b": "boolean", "z": "null"}

Kind = Literal["string", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Field:
    """What is known about one field of one event.

    Attributes:
        kinds: types that its scalar may have; empty if it only ever is an object.
        is_object: it may be an object, so that only the fields below it can be matched.
        in_array: it may be an array, or stands below one, so that it can have several values.
        optional: some payloads of the event lack it, or what it stands in.
        open: an object whose fields nobody lists.
    """

    kinds: frozenset[str]
    is_object: bool
    in_array: bool
    optional: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One GitHub event. `actions` is None where it has no action, empty where any text may stand there."""

    name: str
    actions: tuple[str, ...] | None
    _root: Any

    def field(self, path: str) -> Field | Literal["unknown", "open"]:
        """Look a field up by its path below `detail`; "open" where nobody lists what is there."""
        node, in_array, optional = self._root, False, False
        for name in path.split("."):
            letters = node[""] if isinstance(node, dict) else node
            in_array, optional = in_array or "[" in letters, optional or "?" in letters
            if "*" in letters:
                return "open"
            if not isinstance(node, dict) or name not in node:
                return "unknown"
            node = node[name]
        letters = node[""] if isinstance(node, dict) else node
        return Field(
            kinds=frozenset(_KINDS[letter] for letter in letters if letter in _KINDS),
            is_object="o" in letters,
            in_array=in_array or "[" in letters,
            optional=optional or "?" in letters,
            open="*" in letters,
        )

    def names(self, path: str) -> tuple[str, ...]:
        """Give the names of the fields below a path ("" is `detail` itself)."""
        node = self._root
        for name in path.split(".") if path else ():
            node = node.get(name) if isinstance(node, dict) else None
        return tuple(name for name in node if name) if isinstance(node, dict) else ()

    def holds_one_value(self, path: str) -> bool:
        """Tell whether a path below `detail` is known never to be, or to stand in, an array."""
        found = self.field(path)
        return isinstance(found, Field) and not found.in_array and not found.open

    def is_plain_object(self, path: str) -> bool:
        """Tell whether a path below `detail` is known to be an object (or null), never an array."""
        found = self.field(path)
        return isinstance(found, Field) and found.is_object and not found.in_array


@lru_cache(maxsize=1)
def _document() -> Any:
    return json.loads(gzip.decompress(_DATA.read_bytes()))


def sources() -> tuple[str, ...]:
    """Name the packages that the data were made from."""
    return tuple(_document()["sources"])


def github_events() -> tuple[str, ...]:
    """Name every known GitHub event."""
    return tuple(_document()["events"])


@lru_cache(maxsize=256)
def github_event(name: str) -> Event | None:
    """Look an event up by its name, which is the event's detail-type."""
    found = _document()["events"].get(name)
    if found is None:
        return None
    actions = found["actions"]
    listed = () if actions == "*" else tuple(actions) if actions is not None else None
    return Event(name, listed, found["fields"])
