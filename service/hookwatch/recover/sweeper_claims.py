"""Claims of the sweeper: one small object for each delivery, so that two runs at once never ask for the same one.

Never deletes and never lists. S3 decides who is first: an object is only written if none is there, or if it still is
the one that was read (`If-None-Match`, `If-Match`: "Conditional writes", Amazon S3 user guide, read 2026-11-27).
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.recover.github_claims import ASKED, REFUSED, RELEASED
from hookwatch.recover.github_group import PENDING
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from hookwatch.recover.github_claims import Claims
    from hookwatch.recover.github_plan import Item

PREFIX = "sweeper/"
# Somebody else was first: the condition failed, or both wrote in the same moment.
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_GUID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class BucketClaims:
    """Claims in one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        """Make it.

        Args:
            client: an S3 client.
            bucket: the bucket's name.
        """
        self._client = client
        self._bucket = bucket

    def claim(self, item: Item, at: datetime) -> bool | Problem:
        """Write the claim down, unless another run holds it."""
        key = _key(item)
        try:
            if self._write(key, _body(item, ASKED, at), IfNoneMatch="*"):
                return True
            held = self._client.get_object(Bucket=self._bucket, Key=key)
            if _is_held(held["Body"].read(), item, at):
                return False
            return self._write(key, _body(item, ASKED, at), IfMatch=held["ETag"])
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            return Problem(f"deliveries cannot be claimed in {self._bucket}/{PREFIX}: {code}", code=code)
        except BotoCoreError as error:
            code = type(error).__name__
            return Problem(f"deliveries cannot be claimed in {self._bucket}/{PREFIX}: {code}", found=True, code=code)

    def settle(self, item: Item, what: str, at: datetime) -> None:
        """Give a claim back where nothing was sent; every other one stays until it is over by itself."""
        if what not in (REFUSED, RELEASED):
            return
        try:
            self._client.put_object(Bucket=self._bucket, Key=_key(item), Body=_body(item, what, at))
        except (ClientError, BotoCoreError):
            # The claim then holds the delivery back for half an hour, which is late and not wrong.
            return

    def _write(self, key: str, body: bytes, **condition: str) -> bool:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _TAKEN:
                return False
            raise
        return True


class SharedClaims:
    """What a run of the command line writes down for itself, and claims where the sweeper looks, too."""

    def __init__(self, own: Claims, shared: Claims) -> None:
        """Make it from both."""
        self._own = own
        self._shared = shared

    def claim(self, item: Item, at: datetime) -> bool | Problem:
        """Claim it among all first, and then for ourselves."""
        claimed = self._shared.claim(item, at)
        return self._own.claim(item, at) if claimed is True else claimed

    def settle(self, item: Item, what: str, at: datetime) -> None:
        """Say to both what became of it."""
        self._own.settle(item, what, at)
        self._shared.settle(item, what, at)


def _key(item: Item) -> str:
    guid = item.delivery.guid
    name = guid if _GUID.fullmatch(guid) else hashlib.sha256(guid.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{PREFIX}{item.hook_id}/{name}.json"


def _body(item: Item, what: str, at: datetime) -> bytes:
    return json.dumps({"id": item.delivery.id, "what": what, "at": at.isoformat()}).encode()


def _is_held(body: bytes, item: Item, at: datetime) -> bool:
    """Whether a claim still counts: the same attempt, asked for, within the time in which GitHub delivers."""
    try:
        claim = json.loads(body)
        same = claim["id"] == item.delivery.id and claim["what"] == ASKED
        claimed_at = datetime.fromisoformat(claim["at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        return False
    return same and at - claimed_at <= PENDING
