"""Which webhook URLs of an account would get which overrides. Values only: asks nobody and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hookwatch.recover.overrides import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hookwatch.recover.webhook_urls import Kind, WebhookUrl

_PORTS = {"https": 443, "http": 80}

ENDS_CALLS = (
    "our answer to a call is an empty <Response/>, which ends it: point voice URLs at what answers calls, and only "
    "status callbacks here"
)
FALLBACK = "asked only after the URL before it has failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One URL, before and after.

    Attributes:
        kind: which sort of resource.
        sid: the resource.
        name: what people call it.
        which: the property that holds the URL.
        before: the URL as it was when it was read.
        after: the URL as it is to be; may be the same.
        notes: what else to know about it.
    """

    kind: Kind
    sid: str
    name: str
    which: str
    before: str
    after: str
    notes: tuple[str, ...] = ()

    @property
    def is_one(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class OverridesPlan:
    """What would be done.

    Attributes:
        changes: the URLs that point to the function, those that are right already among them.
        elsewhere: how many URLs point to somebody else and are left alone.
    """

    changes: tuple[Change, ...]
    elsewhere: int

    @property
    def wanted(self) -> tuple[Change, ...]:
        """The changes that change something."""
        return tuple(each for each in self.changes if each.is_one)


def plan(urls: Iterable[WebhookUrl], targets: Sequence[str], overrides: Mapping[str, str]) -> OverridesPlan:
    """Plan the overrides of every URL that points to the function.

    Args:
        urls: what the account holds.
        targets: the function's URLs.
        overrides: what each of them is to carry; what they carry now goes.
    """
    changes: list[Change] = []
    elsewhere = 0
    for each in urls:
        if not any(points_to(each.url, target) for target in targets):
            elsewhere += 1
            continue
        after = build(each.url, overrides)
        changes.append(Change(each.kind, each.sid, each.name, each.which, each.url, after, _notes(each)))
    return OverridesPlan(tuple(changes), elsewhere)


def points_to(url: str, target: str) -> bool:
    """Whether a webhook URL reaches a function: same scheme, host and port, and its path or one below.

    A Function URL answers on every path, so one without a path of its own takes all of them.
    """
    one, two = _parts(url), _parts(target)
    if one is None or two is None or one[:3] != two[:3]:
        return False
    return two[3] == "" or one[3] == two[3] or one[3].startswith(f"{two[3]}/")


def undone(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that lead back."""
    return tuple(
        Change(each.kind, each.sid, each.name, each.which, each.after, each.before, each.notes) for each in changes
    )


def _parts(url: str) -> tuple[str, str, int, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port, parts.path.rstrip("/")) if parts.hostname else None


def _notes(url: WebhookUrl) -> tuple[str, ...]:
    notes = [url.unused] if url.unused else []
    if url.which in ("voice_url", "voice_fallback_url"):
        notes.append(ENDS_CALLS)
    if "fallback" in url.which:
        notes.append(FALLBACK)
    return tuple(notes)
