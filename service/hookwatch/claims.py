"""For consumers: the whole payload of an event whose payload was too large for the bus. Imports nothing of hookwatch.

This one file may be copied into a function that has nothing else of ours. It needs `s3:GetObject` on the bucket's
`claims/*`, and an S3 client: boto3's, botocore's, or any object with a `get_object` like theirs.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_REFUSED = frozenset({"AccessDenied", "AllAccessDisabled", "403"})


class ClaimError(Exception):
    """The payload cannot be had; the message names bucket and key, which are also attributes."""

    def __init__(self, reason: str, bucket: str, key: str) -> None:
        """Make it out of what is wrong and where."""
        super().__init__(f"s3://{bucket}/{key}: {reason}")
        self.bucket = bucket
        self.key = key


class ClaimMissingError(ClaimError):
    """There is no such object. The bucket keeps payloads for ClaimCheckRetentionDays; then they are gone."""


class ClaimRefusedError(ClaimError):
    """S3 refuses to give it. S3 also says so of a missing object to whoever may not list the bucket."""


class ClaimDiffersError(ClaimError):
    """What lies there is not what was stored: its size or its hash is another one."""


def resolve(event: Mapping[str, Any], client: Any = None) -> dict[str, Any]:
    """The whole detail of an event, as it would have been on the bus.

    An event without a claim check has it already, and gets it back as it is.

    Args:
        event: the event as EventBridge delivers it, with its `detail`.
        client: an S3 client; one is made if none is given.

    Raises:
        ClaimError: the payload is missing, refused, or not the one that was stored.
        ValueError: this is no event of EventBridge.
    """
    detail = event.get("detail")
    if not isinstance(detail, dict):
        raise ValueError("an event of EventBridge has a detail, and this one has none")  # noqa: TRY004 - a wrong value
    ours = detail.get("hookwatch")
    claim = ours.get("claim_check") if isinstance(ours, dict) else None
    if claim is None:
        return detail
    where = claim if isinstance(claim, dict) else {}
    bucket, key = str(where.get("bucket", "")), str(where.get("key", ""))
    if not bucket or not key:
        raise ClaimDiffersError("the claim check does not say where the payload lies", bucket, key)
    body = _read(client if client is not None else _client(), bucket, key)
    if len(body) != where.get("bytes"):
        raise ClaimDiffersError(f"has {len(body)} bytes, and {where.get('bytes')} were stored", bucket, key)
    if hashlib.sha256(body).hexdigest() != where.get("sha256"):
        raise ClaimDiffersError("its SHA-256 is not the one of what was stored", bucket, key)
    whole: dict[str, Any] = json.loads(body)
    return whole


def _read(client: Any, bucket: str, key: str) -> bytes:
    try:
        body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except Exception as error:
        # Whose client it is, and so whose exceptions, is not known here. Those with an answer of AWS carry it alike; a
        # cut or a timeout of botocore has the attribute, too, and no answer in it.
        answer = getattr(error, "response", None)
        told = answer.get("Error", {}) if isinstance(answer, dict) else {}
        code = str(told.get("Code", type(error).__name__))
        if code in _MISSING:
            raise ClaimMissingError(f"is not there ({code})", bucket, key) from error
        if code in _REFUSED:
            raise ClaimRefusedError(f"may not be read ({code}), or is not there", bucket, key) from error
        raise ClaimError(f"could not be read ({code})", bucket, key) from error
    return body


def _client() -> Any:
    try:
        from boto3 import client
    except ImportError:
        from botocore.session import get_session

        return get_session().create_client("s3")
    return client("s3")
