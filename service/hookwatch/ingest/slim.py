"""A slim copy of a payload that is too large for the bus: what rules filter on. Pure, and never rebuilds a value.

Scalars stay as the text that they were, digit for digit; large arrays and long texts are left out and named. Nothing
here knows a provider: what a rule can filter on is near the top and short, whoever sent it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from hookwatch.ingest import payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookwatch.ingest.stored import Stored

# What a slim detail may have at most. EventBridge bills every 64 KB of an entry as one event, so less saves nothing.
SLIM_BYTES = 49_152
# A longer path is not named; a `*` at the end of the names then says that there are others.
MAX_NAME_BYTES = 128
OTHERS = "*"

# What says most comes first, where there is not room for all. GitHub's words and Twilio's; other names follow in the
# order in which they came.
FIRST = (
    "action",
    "ref",
    "number",
    "state",
    "deleted",
    "repository",
    "organization",
    "installation",
    "enterprise",
    "sender",
    "pusher",
    "head_commit",
    "pull_request",
    "issue",
    "comment",
    "review",
    "discussion",
    "check_run",
    "check_suite",
    "workflow_run",
    "workflow_job",
    "deployment",
    "deployment_status",
    "release",
    "label",
    "id",
    "type",
    "login",
    "slug",
    "name",
    "full_name",
    "From",
    "To",
    "AccountSid",
    "MessageSid",
    "MessageStatus",
    "SmsStatus",
    "CallSid",
    "CallStatus",
)


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of a payload stays.

    Attributes:
        text_bytes: a longer text is left out.
        array_bytes: a larger array is left out.
        depth: objects that are deeper are left out.
        keys: an object keeps at most so many.
        names: at most so many of what is left out are named.
    """

    text_bytes: int
    array_bytes: int
    depth: int
    keys: int
    names: int


# The first that makes a payload small enough is taken. Almost always it is the first: what makes a webhook too large is
# a list of commits, of files, or one long text.
MEASURES = (
    Measure(text_bytes=16_384, array_bytes=4_096, depth=8, keys=256, names=64),
    Measure(text_bytes=1_024, array_bytes=256, depth=8, keys=128, names=64),
    Measure(text_bytes=1_024, array_bytes=256, depth=8, keys=48, names=64),
    Measure(text_bytes=256, array_bytes=64, depth=6, keys=64, names=32),
    Measure(text_bytes=128, array_bytes=32, depth=3, keys=32, names=16),
    Measure(text_bytes=64, array_bytes=16, depth=1, keys=16, names=8),
)


def slim(detail: str, ours: Mapping[str, object], where: Stored, max_bytes: int) -> str:
    """A detail that names where the whole one lies.

    Args:
        detail: the whole one; one JSON object.
        ours: what stands under our own key; may be empty.
        where: where the whole one lies.
        max_bytes: what the slim one may have. It is kept as long as it leaves room for our own key.
    """
    top = payload.fields(detail) or {}
    top.pop(payload.OUR_KEY, None)
    for measure in MEASURES:
        thinning = _Thinning(measure, max_bytes)
        kept = thinning.object(top, "", measure.depth)
        text = _with_ours(kept, ours, where, thinning.names())
        if not thinning.full and payload.utf8_length((text,)) <= max_bytes:
            return text
    return _with_ours({}, ours, where, [OTHERS])


def _with_ours(kept: payload.Fields, ours: Mapping[str, object], where: Stored, omitted: list[str]) -> str:
    key = {**ours, "claim_check": where.document(), "omitted": omitted}
    return payload.encode({payload.OUR_KEY: key, **kept})


class _Thinning:
    """One pass over a payload."""

    def __init__(self, measure: Measure, max_bytes: int) -> None:
        self._measure = measure
        self._left = max_bytes
        self._omitted: list[str] = []
        self._more = False
        # Too much was kept already: this measure is not the one.
        self.full = False

    def names(self) -> list[str]:
        """What was left out, by its path with dots between the names."""
        return [*self._omitted, OTHERS] if self._more else self._omitted

    def object(self, fields: payload.Fields, path: str, depth: int) -> payload.Fields:
        """What stays of an object."""
        kept: payload.Fields = {}
        for count, (name, raw) in enumerate(_ordered(fields)):
            if count >= self._measure.keys:
                self._omit(f"{path}{OTHERS}")
                break
            value = self._value(raw, f"{path}{name}", depth)
            if value is None:
                self._omit(f"{path}{name}")
                continue
            kept[name] = value
            self._left -= len(name) + 4
            if self._left < 0:
                self.full = True
                break
        return kept

    def _value(self, raw: msgspec.Raw, path: str, depth: int) -> msgspec.Raw | None:
        body = bytes(raw)
        limit = self._limit(body)
        if len(body) <= limit:
            self._left -= len(body)
            return raw
        if body[:1] != b"{" or depth <= 1:
            return None
        inner = payload.fields(body)
        if inner is None:
            return None
        return msgspec.Raw(payload.encode_bytes(self.object(inner, f"{path}.", depth - 1)))

    def _limit(self, body: bytes) -> int:
        match body[:1]:
            case b'"':
                return self._measure.text_bytes
            case b"[":
                return self._measure.array_bytes
            case b"{":
                # A small object holds nothing that would have to go.
                return self._measure.array_bytes
            case _:
                # A number that is longer than any text that we keep is no number that a rule compares with.
                return self._measure.text_bytes

    def _omit(self, path: str) -> None:
        if len(self._omitted) < self._measure.names and len(path.encode()) <= MAX_NAME_BYTES:
            self._omitted.append(path)
        else:
            self._more = True


def _ordered(fields: payload.Fields) -> Iterator[tuple[str, msgspec.Raw]]:
    for name in FIRST:
        if name in fields:
            yield name, fields[name]
    for name, raw in fields.items():
        if name not in FIRST:
            yield name, raw
