"""JSON that is judged but never rebuilt: a payload goes to the bus as the text the provider sent, number for number.

Reading only the top level and copying the rest as text is also what makes a large delivery cheap.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# EventBridge refuses JSON that is nested deeper (botocore events model, PutEvents, read 2026-11-22).
MAX_NESTING = 1000

# Our own key in `detail`. No provider uses it; one that starts to would collide, so theirs gives way to ours.
OUR_KEY = "hookwatch"

Fields = dict[str, msgspec.Raw]
Shape = TypeVar("Shape")

_object = msgspec.json.Decoder(Fields)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_string = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'[]{}"')


def fields(text: str | bytes) -> Fields | None:
    """The top level of a JSON object, its values unread; None if the text is not exactly one JSON object.

    Strict as RFC 8259 is: no NaN, no Infinity, no trailing text. Of a duplicate key the last value counts.
    """
    try:
        return _object.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def items(text: str | bytes) -> list[str] | None:
    """The elements of a JSON array, each as its own text; None if the text is not exactly one JSON array."""
    try:
        return [str(bytes(raw), "utf-8") for raw in _array.decode(text)]
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def is_json(text: str) -> bool:
    """Whether a text is exactly one JSON value."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return False
    return True


def string(raw: msgspec.Raw | None) -> str | None:
    """The value of a JSON string; None for every other value."""
    if raw is None:
        return None
    try:
        return _string.decode(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def part(raw: msgspec.Raw | None, shape: type[Shape]) -> Shape | None:
    """The few fields of a value that a struct names; None if the value is missing or of another shape."""
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def encode(value: object) -> str:
    """Compact JSON of a value; `Raw` parts are copied as they are."""
    return str(_encode(value), "utf-8")


def with_key(text: str, top: Fields, value: Mapping[str, object]) -> str:
    """A JSON object's text with our own key in front, everything else untouched."""
    ours = f'{{"{OUR_KEY}":{encode(value)}'
    if OUR_KEY in top:
        # Two keys of one name would both count when EventBridge matches, so the foreign one has to go.
        rest = {name: raw for name, raw in top.items() if name != OUR_KEY}
        return f"{ours},{encode(rest)[1:]}" if rest else f"{ours}}}"
    body = text[text.index("{") + 1 :]
    return f"{ours},{body}" if top else f"{ours}{body}"


def too_deep(text: str) -> bool:
    """Whether JSON is nested deeper than EventBridge takes. The JSON must be valid."""
    if text.count("{") + text.count("[") <= MAX_NESTING:
        return False
    brackets = _brackets(text.encode())
    for _ in range(MAX_NESTING):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def _brackets(body: bytes) -> bytes:
    """Only the brackets outside strings, in order."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Removing adjacent quotes keeps the count of quotes before every bracket odd or even as it was, and leaves only
    # the few strings that hold a bracket to be cut out.
    structure = body.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    return b"".join(structure.split(b'"')[::2]) if b'"' in structure else structure


def utf8_length(texts: Iterable[str]) -> int:
    """How many bytes texts have in UTF-8."""
    return reduce(lambda total, text: total + (len(text) if text.isascii() else len(text.encode())), texts, 0)
