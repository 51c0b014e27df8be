"""Where a payload lies in the bucket. Names objects and judges what was read; never talks to S3 itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

# What is checked in for consumers, and what waits in parking because SQS cannot hold it. Lifecycle rules and roles
# tell the two apart by these.
Kind = Literal["claims", "parked"]

# Enough of the hash to keep two bodies under one delivery id apart.
HASH_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in the bucket.

    Attributes:
        bucket: the bucket's name.
        key: the object's key.
        size_bytes: how many bytes it must have.
        sha256: their hash, in hexadecimal.
    """

    bucket: str
    key: str
    size_bytes: int
    sha256: str

    def holds(self, body: bytes) -> bool:
        """Whether these bytes are the ones that were stored."""
        return len(body) == self.size_bytes and hashlib.sha256(body).hexdigest() == self.sha256

    def document(self) -> dict[str, object]:
        """The reference as it stands in events and messages."""
        return {"bucket": self.bucket, "key": self.key, "bytes": self.size_bytes, "sha256": self.sha256}


def stored(  # noqa: PLR0913 - a key is made of this many parts
    bucket: str, kind: Kind, *, provider: str, delivery_id: str, first_seen_ms: int, body: bytes
) -> Stored:
    """Where these bytes belong: by day (UTC), provider and delivery, so that each can be found without a list."""
    sha256 = hashlib.sha256(body).hexdigest()
    day = f"{datetime.fromtimestamp(first_seen_ms / 1000, tz=UTC):%Y-%m-%d}"
    key = f"{kind}/{day}/{provider}/{delivery_id}-{sha256[:HASH_CHARACTERS]}.json"
    return Stored(bucket, key, len(body), sha256)
