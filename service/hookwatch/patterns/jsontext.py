"""Reads JSON without losing what a pattern can see: number literals and duplicate keys.

This module never decides what a document means. Standard library only. An object is a tuple of (key, value)
pairs in the order written, duplicates included; an array is a list; a number is its literal as ASCII bytes,
so that it can never be mistaken for a string; strings, true, false and null are what Python makes of them.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import TypeAlias

Scalar: TypeAlias = str | bytes | bool | None
Node: TypeAlias = "Scalar | list[Node] | Pairs"
Pairs: TypeAlias = tuple[tuple[str, Node], ...]

MAX_DEPTH = 400
"""Levels of nesting that we read. Jackson, which event-ruler reads with, stops at 1,000 (StreamReadConstraints,
github.com/FasterXML/jackson-core, read 2026-11-22); a pattern of 4,096 characters cannot go deeper than 682. We
stop earlier, because Python's own recursion limit of 1,000 frames is shared with whoever calls us."""

_TOKEN_GAP = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|\s+', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _STEPS)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


class NotJson(ValueError):  # noqa: N818 - a value on its way to InvalidPattern or InvalidEvent, which name it
    """The text is not one JSON document within our bounds; the message says why in event-ruler's manner."""


def _constant(name: str) -> None:
    raise NotJson(f"Non-standard token '{name}': JSON has no such number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=tuple, parse_int=str.encode, parse_float=str.encode, parse_constant=_constant
)


def read(text: str) -> Node:
    """Parse one JSON document.

    Raises:
        NotJson: broken syntax, text after the document, or nesting deeper than `MAX_DEPTH`.
    """
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise NotJson(f"Document nesting depth exceeds the maximum allowed ({MAX_DEPTH})")
    try:
        node: Node = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(_reason(error)) from None
    except RecursionError:
        raise NotJson("Document nesting depth exceeds what this process has room for") from None
    return node


def write(value: object) -> str:
    """Turn Python's own dicts, lists and scalars into JSON text that `read` takes.

    Raises:
        NotJson: something in it has no JSON form (NaN, a set, a circle).
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise NotJson(f"not JSON: {error}") from None
    except RecursionError:
        raise NotJson("Document nesting depth exceeds what this process has room for") from None


def show(value: Scalar) -> str:
    """Write a scalar as JSON, a number as the literal that it was."""
    return value.decode() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)


def compact(text: str) -> str:
    """Drop the white space between tokens: the form in which EventBridge counts a pattern's characters."""
    return _TOKEN_GAP.sub(r"\1", text)


def _depth(text: str) -> int:
    """Measure the nesting without a parser: what stands between the strings, and of that only the brackets."""
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    brackets = outside.encode("utf-8", "surrogatepass").translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _reason(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    if error.msg.startswith("Unterminated string") or at >= len(text):
        return "Unexpected end-of-input"
    if error.msg.startswith("Extra data"):
        return f"Unexpected text after the end of the document, at character {at + 1}"
    if error.msg.startswith("Expecting value") and (word := _WORD.match(text, at)):
        expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        return f"Unrecognized token '{word[0]}': was expecting {expected}"
    seen = f"Unexpected character ('{text[at]}' (code {ord(text[at])}))"
    if error.msg.startswith("Expecting property name"):
        return f"{seen}: was expecting double-quote to start field name"
    return f"{seen}: {error.msg}, at character {at + 1}"
