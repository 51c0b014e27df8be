"""Whether a payload from GitHub's API is the one that GitHub signed. Never trusts it because it looks right.

The API tells a payload as JSON inside JSON, and the signature is over the bytes that were sent. How GitHub wrote those
is documented nowhere, so every spelling of the same text is tried against the signature that the delivery carried: only
spaces and escapes are varied, never a value, a number or an order. The one that verifies is what was sent, bit by bit.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookwatch.recover.github_model import DeliveryDetail

SIGNATURE = "x-hub-signature-256"
CONTENT_TYPE = "content-type"
FORM = "application/x-www-form-urlencoded"

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# What Rails escapes in JSON, so that it can stand in a page.
_HTML = re.compile("[<>&\u2028\u2029]")
# What must stay escaped inside a JSON string.
_LAST_CONTROL = 0x1F
_MUST_STAY = frozenset('"\\')


def request_headers(detail: DeliveryDetail) -> dict[str, str]:
    """The headers that were sent, names in lower case."""
    return {name.lower(): str(value) for name, value in (detail.request.headers or {}).items()}


def proven_body(detail: DeliveryDetail, keys: Iterable[bytes]) -> bytes | None:
    """The body that one of these keys signed; None if no spelling of the payload verifies."""
    headers = request_headers(detail)
    scheme, _, digest = headers.get(SIGNATURE, "").partition("=")
    if scheme != "sha256" or not digest.isascii():
        return None
    keys = tuple(keys)
    for body in bodies(detail):
        for key in keys:
            if hmac.compare_digest(hmac.digest(key, body, "sha256").hex(), digest):
                return body
    return None


def bodies(detail: DeliveryDetail) -> Iterator[bytes]:
    """Every way in which this payload may have been written, likeliest first."""
    is_form = request_headers(detail).get(CONTENT_TYPE, "").partition(";")[0].strip().lower() == FORM
    for text in _spellings(str(bytes(detail.request.payload), "utf-8")):
        yield urlencode({"payload": text}).encode("ascii") if is_form else text.encode("utf-8", "surrogatepass")


def _spellings(text: str) -> Iterator[str]:
    compact = str(msgspec.json.format(text, indent=-1))
    plain = _PAIR.sub(_joined, _ESCAPE.sub(_unescaped, compact))
    html = _HTML.sub(_escaped, plain)
    ascii_only = (_NOT_ASCII.sub(_escaped, each) for each in (plain, html))
    yield from dict.fromkeys((compact, text, plain, html, *ascii_only))


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        # `\/` and `/` are the same text; every other short escape is needed.
        return "/" if found[0] == "\\/" else found[0]
    character = chr(int(found[1], 16))
    return found[0] if ord(character) <= _LAST_CONTROL or character in _MUST_STAY else character


def _joined(found: re.Match[str]) -> str:
    return found[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
