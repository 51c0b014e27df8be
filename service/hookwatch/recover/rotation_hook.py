"""What a GitHub hook must be able to do for a rotation, and who signed a delivery. Knows no address of GitHub's.

GitHub never shows a secret. What it shows is each delivery as it was sent, so the proof is a signature: that of a
delivery made after the change, computed again over its payload with each of our keys. Where GitHub shows the payload
in another spelling than it sent, no key fits; then the function's own line about that delivery says which key it was.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hookwatch.recover.loop_stop import Problem
    from hookwatch.recover.rotation import Key

HTTP_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as GitHub's list shows it.

    Attributes:
        delivery_id: the number under which it can be read.
        guid: what the function knows it by.
        event: the event's name.
    """

    delivery_id: int
    guid: str
    event: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A delivery as GitHub recorded it.

    Attributes:
        guid: what the function knows it by.
        status_code: how it was answered; 0 if it was not.
        signature: `X-Hub-Signature-256` as it was sent.
        bodies: the payload in every spelling in which it may have been sent.
    """

    guid: str
    status_code: int
    signature: str
    bodies: tuple[bytes, ...] = field(repr=False)


class Signer(StrEnum):
    """Which key a delivery was signed with."""

    NEW = "new"
    OLD = "old"
    UNKNOWN = "unknown"


class Hook(Protocol):
    """One hook of a repository, an organization or an App."""

    @property
    def target(self) -> str:
        """What it is, always in the same words: `hook 7 of acme/shop`."""

    def check(self, url: str) -> Problem | None:
        """Whether it can be read, is active and points to this URL. Changes nothing."""

    def tell(self, key: Key) -> Problem | None:
        """Have it sign with this key from now on."""

    def ping(self) -> bool | Problem:
        """Have GitHub send a ping; False where this kind of hook has none."""

    def sent(self, known: Collection[int]) -> Sequence[Sent] | Problem:
        """Its deliveries down to the first page that holds a known one, newest first; one page if none is known."""

    def recorded(self, delivery_id: int) -> Recorded | Problem:
        """One delivery."""


def signer(recorded: Recorded, new: Key, old: Key) -> Signer:
    """Which of two keys signed a delivery."""
    for who, key in ((Signer.NEW, new), (Signer.OLD, old)):
        for body in recorded.bodies:
            made = "sha256=" + hmac.new(key.text.encode(), body, hashlib.sha256).hexdigest()
            if hmac.compare_digest(made.encode(), recorded.signature.encode()):
                return who
    return Signer.UNKNOWN
