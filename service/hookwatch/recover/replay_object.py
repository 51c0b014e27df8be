"""Reads a parked detail that lies in the bucket, and checks that it is the one. Never raises for what S3 answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from hookwatch.ingest.stored import Stored

PREFIX = "parked/"
# A Function URL takes 6 MB, and what we wrap it in is little; the rest is room. What claims more is not ours.
MAX_OBJECT_BYTES = 32 * 1024 * 1024
_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


@dataclass(frozen=True, slots=True)
class Lost:
    """Why there is no detail.

    Attributes:
        reason: what is wrong.
        final: whether it will be the same tomorrow.
        error_code: the code that AWS gave.
    """

    reason: str
    final: bool
    error_code: str | None = None


def read(client: Any, where: Stored, bucket: str) -> str | Lost:
    """The text of an object.

    Args:
        client: an S3 client.
        where: what the message says of it.
        bucket: our own bucket; a message that names another one is not ours.
    """
    if where.bucket != bucket or not where.key.startswith(PREFIX) or where.size_bytes > MAX_OBJECT_BYTES:
        return Lost("object_not_ours", final=True)
    try:
        answer = client.get_object(Bucket=where.bucket, Key=where.key)
        if answer.get("ContentLength") != where.size_bytes:
            return Lost("object_differs", final=True)
        body: bytes = answer["Body"].read()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        if code in _MISSING:
            return Lost("object_missing", final=True, error_code=code)
        return Lost("object_refused", final=False, error_code=code)
    except BotoCoreError as error:
        return Lost("object_unreachable", final=False, error_code=type(error).__name__)
    if not where.holds(body):
        return Lost("object_differs", final=True)
    try:
        return str(body, "utf-8")
    except UnicodeError:
        return Lost("object_differs", final=True)


def place(where: Stored) -> str:
    """Bucket and key, readable and short, whatever characters a damaged message holds."""
    text = f"s3://{where.bucket}/{where.key}"
    return "".join(character if character.isprintable() and character.isascii() else "?" for character in text)[:512]
