"""The rules of PutEvents that ministack does not hold its callers to.

Never publishes. Limits and wording of EventBridge's API reference (botocore events model 1.43.106 and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, read 2026-11-22); what AWS answers for a
bus that does not exist is not documented: we refuse the call, so that a mistake is seen.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MAX_REQUEST_BYTES = 1_048_576
"""All entries of one request: "must be less than 1MB". AWS does not say which MB; the larger one refuses nothing that
AWS might take."""

MAX_ENTRIES = 10
MAX_DETAIL_TYPE_CHARS = 128
MAX_DEPTH = 1_000
TIME_BYTES = 14

_SCAN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class RequestError:
    """The whole call is refused."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class EntryError:
    """One entry is refused."""

    code: str
    message: str

    def as_result(self) -> dict[str, str]:
        """Return it as PutEvents lists it."""
        return {"ErrorCode": self.code, "ErrorMessage": self.message}


def read_entries(body: bytes) -> list[dict[str, Any]] | RequestError:
    """Return the entries of a request, or why it is refused as a whole."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return RequestError("SerializationException", "the request is not JSON")
    entries = document.get("Entries") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return RequestError("SerializationException", "Entries is not a list of structures")
    if not 1 <= len(entries) <= MAX_ENTRIES:
        bound = "greater than or equal to 1" if not entries else f"less than or equal to {MAX_ENTRIES}"
        return RequestError(
            "ValidationException",
            f"1 validation error detected: Value '{len(entries)}' at 'entries' failed to satisfy constraint: "
            f"Member must have length {bound}",
        )
    if sum(map(entry_bytes, entries)) >= MAX_REQUEST_BYTES:
        return RequestError("ValidationException", "Total size of the entries in the request is over the limit.")
    if all(_missing(entry) for entry in entries):
        return RequestError("ValidationException", f"Parameter {_missing(entries[0])} is not valid: it is required.")
    return entries


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """Return the size of an entry as EventBridge counts it, in bytes."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    counted = sum(len(str(text).encode(errors="surrogatepass")) for text in texts if text)
    return counted + (TIME_BYTES if "Time" in entry else 0)


def bus_name(entry: Mapping[str, Any]) -> str:
    """Return the name of the bus that an entry goes to."""
    return str(entry.get("EventBusName") or "default").rsplit(":event-bus/", 1)[-1]


def unknown_bus(entries: list[dict[str, Any]], known: Collection[str]) -> RequestError | None:
    """Return the refusal of a call that names a bus which does not exist."""
    for entry in entries:
        if bus_name(entry) not in known:
            return RequestError("ResourceNotFoundException", f"Event bus {bus_name(entry)} does not exist.")
    return None


def check_entry(entry: Mapping[str, Any]) -> EntryError | None:
    """Return why one entry is refused, or None."""
    if missing := _missing(entry):
        return EntryError(
            "InvalidArgument", f"Parameter {missing} is not valid. Reason: {missing} is a required argument."
        )
    if len(str(entry["DetailType"])) > MAX_DETAIL_TYPE_CHARS:
        return EntryError(
            "InvalidArgument", "Parameter DetailType is not valid. Reason: it is longer than 128 characters."
        )
    if not _is_object(str(entry["Detail"])):
        return EntryError("MalformedDetail", "Detail is malformed.")
    return None


def _missing(entry: Mapping[str, Any]) -> str | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return name
    return None


def _is_object(text: str) -> bool:
    if _depth(text) > MAX_DEPTH:
        return False
    try:
        return isinstance(json.loads(text, parse_constant=_refuse_constant), dict)
    except RecursionError:
        return text.lstrip().startswith("{")  # deeper than our own parser goes, not deeper than EventBridge's
    except ValueError:
        return False


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _depth(text: str) -> int:
    """Return how deep a document is; where it has too few brackets to be too deep, their number will do."""
    if (brackets := text.count("{") + text.count("[")) <= MAX_DEPTH:
        return brackets
    deepest = depth = 0
    for token in _SCAN.finditer(text):
        if token[0] in ("{", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in ("}", "]"):
            depth -= 1
    return deepest
