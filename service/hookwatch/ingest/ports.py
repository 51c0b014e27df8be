"""What the pipeline asks of the parts that talk to AWS, as protocols. Imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.ingest.duplicates import Entry
    from hookwatch.ingest.kept import Kept, Missing
    from hookwatch.ingest.model import Accepted, Envelope, Notes, Refusal, Stage
    from hookwatch.ingest.secrets import Deadline


class Keys(Protocol):
    """What the pipeline needs of a keyring."""

    def failure(self) -> str | None:
        """The code of the last failed call since this was last asked."""

    def unread(self) -> str | None:
        """Why a key that may have signed is not among those last tried."""

    def current(self) -> bytes | Refusal:
        """The key that must exist."""

    def keys(self, current: bytes, deadline: Deadline) -> Iterator[tuple[Stage, bytes]]:
        """All keys that may sign, newest first."""

    def reread(self, deadline: Deadline) -> bool:
        """Forget what is cached, if that was not done a moment ago."""


class Keeper(Protocol):
    """What the pipeline needs of safekeeping."""

    def reserve_s(self, envelopes: Sequence[Envelope]) -> float:
        """How long before the deadline publishing must have ended, so that these can still be kept."""

    def takes(self, refusal: Refusal) -> bool:
        """Whether an event that was refused like this can be kept at all."""

    def keep(self, missing: Sequence[Missing], deadline: Deadline, notes: Notes) -> Kept | Refusal:
        """Keep all of them, or say why one cannot be kept."""


class Memory(Protocol):
    """What the pipeline needs of whoever remembers deliveries."""

    def begin(self, accepted: Accepted, signed_sha256: str, deadline: Deadline, notes: Notes) -> Entry | None:
        """Take a delivery in hand; None if it is done already."""

    def end(self, entry: Entry, deadline: Deadline, notes: Notes, *, durable: bool) -> None:
        """Remember a delivery that is durable, forget one that is not."""
