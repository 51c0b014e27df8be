"""Where the keys of a secret stand and which of them verified lately. Reads labels, dates and counts; never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import CURRENT, PENDING, PREVIOUS, Place, minutes, place
from hookwatch.recover.rotation_usage import Usage, read_usage

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from hookwatch.recover.rotation import Version, Versions
    from hookwatch.recover.rotation_secret import Secret
    from hookwatch.recover.rotation_stack import Endpoint

LABELS = (CURRENT, PREVIOUS, PENDING)


@dataclass(frozen=True, slots=True)
class Row:
    """One key.

    Attributes:
        label: its staging label.
        version_id: its version; the id says nothing of the value.
        created: when it was made.
        age_s: how long ago that is.
        verified: how many deliveries it verified within the window.
    """

    label: str
    version_id: str
    created: datetime
    age_s: float
    verified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of one provider's secret.

    Attributes:
        endpoint: the provider's part of the stack.
        place: where a rotation stands.
        changed: when a value or a label last changed.
        rows: the keys that functions verify with.
        usage: what they verified within the window.
        window: the window.
        unfinished: whether somebody has to do something yet.
        said: one sentence.
        then: what to do; empty for nothing.
    """

    endpoint: Endpoint
    place: Place
    changed: datetime
    rows: tuple[Row, ...]
    usage: Usage
    window: timedelta
    unfinished: bool
    said: str
    then: str


def read_status(endpoint: Endpoint, secret: Secret, window: timedelta, now: datetime) -> Status | Problem:
    """Read labels from the secret and counts from the metrics."""
    versions = secret.read()
    if isinstance(versions, Problem):
        return versions
    usage = read_usage(secret.account, endpoint.provider, now - window, now)
    if isinstance(usage, Problem):
        return usage
    where = place(versions)
    unfinished = where is not Place.NONE or usage.previous > 0
    command = f"hookwatch secret rotate {endpoint.provider}"
    return Status(
        endpoint=endpoint,
        place=where,
        changed=versions.changed,
        rows=tuple(_rows(versions, usage, now)),
        usage=usage,
        window=window,
        unfinished=unfinished,
        said=_said(where, usage, window, has_current=versions.at(CURRENT) is not None),
        then=_then(where, usage, command),
    )


def _rows(versions: Versions, usage: Usage, now: datetime) -> list[Row]:
    counts = {CURRENT: usage.current, PREVIOUS: usage.previous, PENDING: usage.pending}
    found: list[tuple[str, Version | None]] = [
        (CURRENT, versions.at(CURRENT)),
        (PREVIOUS, versions.at(PREVIOUS)),
        (PENDING, versions.pending),
    ]
    return [
        Row(label, each.version_id, each.created, (now - each.created).total_seconds(), counts[label])
        for label, each in found
        if each is not None
    ]


def _said(where: Place, usage: Usage, window: timedelta, *, has_current: bool) -> str:
    if not has_current:
        return "the secret has no current version: functions cannot verify anything"
    counts = [f"current verified {usage.current} in the last {minutes(window)}"]
    counts += [f"previous {usage.previous}"] if usage.previous or where in (Place.PROMOTED, Place.UNDONE) else []
    counts += [f"pending {usage.pending}"] if usage.pending or where in (Place.STORED, Place.TOLD) else []
    counts += [f"{usage.refused} fitted none"] if usage.refused else []
    verdict = _VERDICTS[where]
    if where is Place.NONE and usage.previous:
        verdict = "rotation not finished: somebody still signs with the previous key"
    return f"{', '.join(counts)}: {verdict}"


def _then(where: Place, usage: Usage, command: str) -> str:
    match where:
        case Place.STORED | Place.TOLD:
            return f"the same `{command} ...` goes on; with --undo it goes back"
        case Place.PROMOTED | Place.UNDONE:
            return f"{command} --finish --yes"
        case Place.OTHERS:
            return "finish it with the tool that began it"
        case Place.NONE:
            return "give every hook the current key (docs/rotation.md)" if usage.previous else ""


_VERDICTS = {
    Place.NONE: "no rotation is under way",
    Place.STORED: "a rotation is under way; the provider was not told the pending key yet",
    Place.TOLD: "a rotation is under way; the provider was told the pending key, or may have been",
    Place.PROMOTED: "rotation not finished: the previous key still verifies",
    Place.UNDONE: "a rotation was undone; its key, now the previous one, still verifies",
    Place.OTHERS: "another tool's rotation is under way",
}
