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

# How many levels of a large value are split up: two separate a list of commits into commits.
SPLITS = 2

# Our own key in `detail`. No provider uses it; one that starts to would collide, so theirs gives way to ours.
OUR_KEY = "hookwatch"

Fields = dict[str, msgspec.Raw]
Shape = TypeVar("Shape")

_object = msgspec.json.Decoder(Fields)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_string = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode
_ONE_KIND = bytes.maketrans(b"[]", b"{}")
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


def encode_bytes(value: object) -> bytes:
    """The same as UTF-8."""
    return _encode(value)


def with_key(text: str, top: Fields, value: Mapping[str, object]) -> str:
    """A JSON object's text with our own key in front, everything else untouched."""
    ours = f'{{"{OUR_KEY}":{encode(value)}'
    if OUR_KEY in top:
        # Two keys of one name would both count when EventBridge matches, so the foreign one has to go.
        rest = {name: raw for name, raw in top.items() if name != OUR_KEY}
        return f"{ours},{encode(rest)[1:]}" if rest else f"{ours}}}"
    body = text[text.index("{") + 1 :]
    return f"{ours},{body}" if top else f"{ours}{body}"


def too_deep(top: Fields) -> bool:
    """Whether a JSON object is nested deeper than EventBridge takes."""
    return any(_deeper(raw, MAX_NESTING - 1, SPLITS) for raw in top.values())


def _deeper(raw: msgspec.Raw, limit: int, splits: int) -> bool:
    """Whether a value is nested deeper than so many levels; a large one is split up before every byte is looked at."""
    # Every level takes two bytes at least, so most values are settled by their length.
    if len(bytes(raw)) <= 2 * limit:
        return False
    parts = _parts(raw) if splits else None
    if parts is not None:
        long = [part for part in parts if len(bytes(part)) > 2 * (limit - 1)]
        return any(_deeper(part, limit - 1, splits - 1) for part in long)
    brackets = _brackets(bytes(raw))
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"")
    return bool(brackets)


def _parts(raw: msgspec.Raw) -> Iterable[msgspec.Raw] | None:
    """The values inside an array or an object; None where splitting up is no help."""
    try:
        if bytes(raw).lstrip()[:1] == b"[":
            return _array.decode(raw)
        return _object.decode(raw).values()
    except (msgspec.MsgspecError, RecursionError):
        # A long string, or an older Python, which counts our own frames against the depth of JSON.
        return None


def _brackets(body: bytes) -> bytes:
    """Only the brackets outside strings, in order, all of one kind: in valid JSON each fits its partner anyway."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Removing adjacent quotes keeps the count of quotes before every bracket odd or even as it was, and leaves only
    # the few strings that hold a bracket to be cut out.
    structure = body.translate(_ONE_KIND, _NOT_STRUCTURE).replace(b'""', b"")
    return b"".join(structure.split(b'"')[::2]) if b'"' in structure else structure


def utf8_length(texts: Iterable[str]) -> int:
    """How many bytes texts have in UTF-8."""
    return reduce(lambda total, text: total + (len(text) if text.isascii() else len(text.encode())), texts, 0)
