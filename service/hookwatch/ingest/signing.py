"""HMAC in constant time with several candidate keys. Bytes in, an answer out; never a text, never an exception."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hookwatch.ingest.model import Hash, Signature, Stage


def digest(key: bytes, message: bytes, algorithm: Hash) -> bytes:
    """The HMAC of a message."""
    return hmac.digest(key, message, algorithm)


def signer(
    signature: Signature, messages: Sequence[bytes], keys: Iterable[tuple[Stage, bytes]]
) -> tuple[Stage, bytes, bytes] | None:
    """Which key made this signature over which of these messages: stage, key, message; None if none did.

    Keys are taken one at a time, so that a lazy iterable fetches an older key only when the newer ones did not fit.
    """
    for stage, key in keys:
        for message in messages:
            if hmac.compare_digest(hmac.digest(key, message, signature.algorithm), signature.digest):
                return stage, key, message
    return None
