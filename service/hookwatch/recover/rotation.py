"""Where the rotation of a secret stands: values only. Never calls anybody and never holds a key.

The state is kept where everybody finds it: in the staging labels and the version ids of the secret itself. Nothing
needs a file on somebody's machine, so whoever was interrupted, or a colleague elsewhere, goes on with the same command.

    pending of ours            stored: functions accept it beside the current one
    pending of ours and TOLD   told: the provider was, or may have been, given the new value
    current of ours, previous  promoted: both verify, until the previous one is ended
    previous of ours, newer    undone: the new value lingers for deliveries that are under way
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Provider = Literal["github", "twilio"]

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
TOLD = "hookwatch-told"
"""Our own label, put on the new version just before the provider is given its value."""

# A version id is ours to choose: 32 to 64 characters.
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html (read 2026-11-27)
_OURS = "hookwatch-rotate-"
_TARGET_CHARACTERS = 12
_RANDOM_BYTES = 8


class Step(StrEnum):
    """What a rotation does, in this order; finishing is a command of its own."""

    CHECK = "check"
    STORE = "store"
    ACCEPT = "accept"
    TELL = "tell"
    PROVE = "prove"
    PROMOTE = "promote"
    FINISH = "finish"


class Place(StrEnum):
    """Where a rotation stands."""

    NONE = "none"
    STORED = "stored"
    TOLD = "told"
    PROMOTED = "promoted"
    UNDONE = "undone"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret's value. It shows itself to nobody who prints it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret, without its value.

    Attributes:
        version_id: its id, which says nothing of the value.
        labels: the staging labels on it.
        created: when it was made.
    """

    version_id: str
    labels: frozenset[str]
    created: datetime


@dataclass(frozen=True, slots=True)
class Versions:
    """All labelled versions of a secret.

    Attributes:
        found: the versions.
        changed: when a value or a label last changed.
    """

    found: tuple[Version, ...]
    changed: datetime

    def at(self, label: str) -> Version | None:
        """The version that carries a label."""
        return next((version for version in self.found if label in version.labels), None)

    @property
    def pending(self) -> Version | None:
        """The version that waits; one that is current already does not."""
        version = self.at(PENDING)
        return None if version is None or CURRENT in version.labels else version


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How far a command came, without a problem.

    Attributes:
        place: where the rotation stands now.
        said: one sentence.
        then: the command that comes next; empty for none.
        complete: whether nothing is left to do.
    """

    place: Place
    said: str
    then: str = ""
    complete: bool = True


class Report(Protocol):
    """Is told what happens, as it begins and while it waits."""

    def __call__(self, step: Step, said: str, /) -> None:
        """Take one sentence."""


ANY = _OURS
"""The tag of every target's rotations."""


def tag(provider: Provider, target: str) -> str:
    """The beginning of the version ids of one target's rotations, such as one hook's."""
    digest = hashlib.sha256(target.encode()).hexdigest()[:_TARGET_CHARACTERS]
    return f"{_OURS}{provider}-{digest}-"


def new_version_id(tag_: str) -> str:
    """An id for a new version; two runs at once get different ones."""
    return f"{tag_}{secrets.token_hex(_RANDOM_BYTES)}"


def is_ours(version_id: str) -> bool:
    """Whether a version was made by a rotation of ours."""
    return version_id.startswith(_OURS)


def place(versions: Versions, tag_: str = _OURS) -> Place:
    """Where the rotation stands whose version ids begin so; that of anybody of us without a tag."""
    current, previous, pending = versions.at(CURRENT), versions.at(PREVIOUS), versions.pending
    if pending is not None:
        if not pending.version_id.startswith(tag_):
            return Place.OTHERS
        return Place.TOLD if TOLD in pending.labels else Place.STORED
    if current is None or previous is None:
        return Place.NONE
    # Going back leaves the newer version behind as the previous one; every other way leaves an older one.
    if previous.created > current.created and previous.version_id.startswith(tag_):
        return Place.UNDONE
    return Place.PROMOTED if current.version_id.startswith(tag_) else Place.NONE


def minutes(span: timedelta) -> str:
    """A span in words."""
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"  # noqa: PLR2004 - two minutes
