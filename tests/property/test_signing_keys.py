from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.ingest import signing
from hookwatch.ingest.model import Signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.ingest.model import Hash, Stage

QUIET = settings(max_examples=200, deadline=None)
STAGES: tuple[Stage, ...] = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")
HASHES = st.sampled_from(["sha1", "sha256"])
# HMAC fills a short key up with zero bytes, so keys here end in another one: two that differ are two keys.
KEYS = st.lists(st.binary(max_size=60).map(lambda key: key + b"!"), min_size=3, max_size=3, unique=True)
MESSAGES = st.lists(st.binary(max_size=60), min_size=1, max_size=3, unique=True)


@QUIET
@given(keys=KEYS, messages=MESSAGES, algorithm=HASHES, which=st.integers(0, 2), at=st.integers(0, 2))
def test_the_key_that_signed_is_found(
    keys: list[bytes], messages: list[bytes], algorithm: Hash, which: int, at: int
) -> None:
    """Whichever candidate key signed whichever candidate message: exactly those two are named."""
    message = messages[at % len(messages)]
    digest = hmac.new(keys[which], message, getattr(hashlib, algorithm)).digest()
    found = signing.signer(Signature(digest, algorithm), messages, zip(STAGES, keys, strict=True))
    assert found == (STAGES[which], keys[which], message)


@QUIET
@given(keys=KEYS, messages=MESSAGES, algorithm=HASHES, digest=st.binary(max_size=40))
def test_any_other_digest_is_nobodys(keys: list[bytes], messages: list[bytes], algorithm: Hash, digest: bytes) -> None:
    """A digest of any length that no key made is nobody's, and no error."""
    made = {hmac.new(key, message, getattr(hashlib, algorithm)).digest() for key in keys for message in messages}
    if digest not in made:
        assert signing.signer(Signature(digest, algorithm), messages, zip(STAGES, keys, strict=True)) is None


@QUIET
@given(keys=KEYS, message=st.binary(max_size=60), which=st.integers(0, 2))
def test_older_keys_are_not_fetched_before_they_are_needed(keys: list[bytes], message: bytes, which: int) -> None:
    """Keys are asked for one at a time: those after the one that fits never are."""
    asked: list[Stage] = []

    def lazily() -> Iterator[tuple[Stage, bytes]]:
        for stage, key in zip(STAGES, keys, strict=True):
            asked.append(stage)
            yield stage, key

    digest = hmac.digest(keys[which], message, "sha256")
    assert signing.signer(Signature(digest, "sha256"), (message,), lazily()) == (STAGES[which], keys[which], message)
    assert asked == list(STAGES[: which + 1])


def test_no_key_at_all_verifies_nothing() -> None:
    """Without any key the answer is no."""
    assert signing.signer(Signature(hmac.digest(b"", b"", "sha256"), "sha256"), (b"",), ()) is None
