"""One sample event of a file of expectations: a file, a mapping, or either of them changed a little.

This module never judges and knows no rule.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLE_KEYS = {"name", "event", "set", "remove"}
_FILE_BYTES_MAX = 4_194_304
"""A file of expectations or one sample: four times the largest event that EventBridge takes (1 MiB, facts 2026-11)."""


class ExpectationsError(ValueError):
    """The file is no list of expectations; the message says where and what to write instead."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One event and what is expected of the rule: `event` is JSON text, `name` what reports call it."""

    name: str
    event: str
    must_match: bool


def read_text(path: Path) -> str:
    """Read a small text file.

    Raises:
        ExpectationsError: missing, unreadable, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > _FILE_BYTES_MAX:
            raise ExpectationsError(f"{path}: larger than {_FILE_BYTES_MAX} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExpectationsError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ExpectationsError(f"{path}: {error.strerror or error}") from None


def mapping_with(value: Any, known: set[str], where: str) -> dict[str, Any]:
    """Take a mapping that has no other keys than these.

    Raises:
        ExpectationsError: something else.
    """
    if not isinstance(value, dict):
        raise ExpectationsError(f"{where}: has to be a mapping with {', '.join(sorted(known))}")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise ExpectationsError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return value


def read_sample(item: Any, path: Path, where: str, *, must_match: bool) -> Sample:
    """Read one sample; files are looked up beside `path`.

    Raises:
        ExpectationsError: not of the form in docs/patterns.md.
    """
    if isinstance(item, str):
        return Sample(item, read_text(path.parent / item), must_match)
    found = mapping_with(item, _SAMPLE_KEYS, where)
    match found.get("event"):
        case str() as file:
            text, name = read_text(path.parent / file), file
        case dict() as event:
            text, name = to_json(event, where), where.rpartition(": ")[2]
        case _:
            raise ExpectationsError(f"{where}: `event` has to be a mapping or the path of a file")
    if found.get("set") or found.get("remove"):
        text = _changed(text, found, where)
    return Sample(str(found.get("name") or name), text, must_match)


def _changed(text: str, found: dict[str, Any], where: str) -> str:
    changes, removals = found.get("set") or {}, found.get("remove") or []
    if not isinstance(changes, dict) or not isinstance(removals, list):
        raise ExpectationsError(f"{where}: `set` maps dotted paths to values, `remove` is a list of dotted paths")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExpectationsError(f"{where}: the event is not JSON: {error}") from None
    for dotted, value in changes.items():
        *way, last = str(dotted).split(".")
        _walk(event, way, where, make=True)[last] = value
    for dotted in removals:
        *way, last = str(dotted).split(".")
        if _walk(event, way, where, make=False).pop(last, _NOTHING) is _NOTHING:
            raise ExpectationsError(f"{where}: the event has no {dotted} to remove")
    return to_json(event, where)


_NOTHING = object()


def _walk(event: Any, way: list[str], where: str, *, make: bool) -> dict[str, Any]:
    for step in way:
        if not isinstance(event, dict):
            break
        event = event.setdefault(step, {}) if make else event.get(step)
    if not isinstance(event, dict):
        raise ExpectationsError(f"{where}: the event has no object at {'.'.join(way) or 'its root'}")
    return event


def to_json(value: Any, where: str) -> str:
    """Write as JSON text.

    Raises:
        ExpectationsError: it has no JSON form.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ExpectationsError(f"{where}: has no JSON form: {error}") from None
