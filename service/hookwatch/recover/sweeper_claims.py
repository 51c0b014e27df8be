"""Claims of the sweeper: one small object for each delivery, so that two runs at once never ask for the same one.

Never deletes and never lists. S3 decides who is first: an object is only written if none is there, or if it still is
the one that was read (`If-None-Match`, `If-Match`: "Conditional writes", Amazon S3 user guide, read 2026-11-27).
"""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.recover.github_claims import ASKED, REFUSED, REINJECTED, RELEASED
from hookwatch.recover.github_group import PENDING
from hookwatch.recover.github_plan import Asked
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.recover.github_plan import Item, Key

PREFIX = "sweeper/"
# Somebody else was first: the condition failed, or both wrote in the same moment.
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
# Whoever may not list a bucket is told AccessDenied of an object that is not there ("GetObject", S3 API reference). If
# reading is denied in earnest, the first claim that somebody else holds stops the run.
_ABSENT = frozenset({"NoSuchKey", "AccessDenied"})
READERS = 8
MOST_RECALLED = 1_000
"""Claims that are read in one run, the oldest deliveries' first: what GitHub forgets soonest must be counted right."""
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
        """Give a claim back where nothing was sent, and keep it for good where GitHub's record will never show it.

        Every other one stays until it is over by itself.
        """
        if what not in (REFUSED, RELEASED, REINJECTED):
            return
        try:
            self._client.put_object(Bucket=self._bucket, Key=_key(item), Body=_body(item, what, at))
        except (ClientError, BotoCoreError):
            # The claim then holds the delivery back for half an hour, which is late and not wrong.
            return

    def recall(self, items: Sequence[Item]) -> Mapping[Key, Asked]:
        """What GitHub's record cannot tell of them: published from elsewhere, or refused when last asked for.

        Nothing where the bucket cannot be read; claiming decides all the same.
        """
        try:
            with ThreadPoolExecutor(READERS) as readers:
                told = list(readers.map(self._told, items[:MOST_RECALLED]))
        except (ClientError, BotoCoreError):
            return {}
        found = ((item.key, asked) for item, asked in zip(items, told, strict=False) if asked is not None)
        return {key: asked for key, asked in found if asked.reinjected or asked.refused}

    def _told(self, item: Item) -> Asked | None:
        try:
            held = self._client.get_object(Bucket=self._bucket, Key=_key(item))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise
        _, asked = _read(held["Body"].read())
        return asked

    def _write(self, key: str, body: bytes, **condition: str) -> bool:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _TAKEN:
                return False
            raise
        return True


def _key(item: Item) -> str:
    guid = item.delivery.guid
    name = guid if _GUID.fullmatch(guid) else hashlib.sha256(guid.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{PREFIX}{item.hook_id}/{name}.json"


def _body(item: Item, what: str, at: datetime) -> bytes:
    return json.dumps({"id": item.delivery.id, "what": what, "at": at.isoformat()}).encode()


def _read(body: bytes) -> tuple[str, Asked | None]:
    """What a claim says; one that nobody can read says nothing."""
    try:
        claim = json.loads(body)
        what = str(claim["what"])
        at = datetime.fromisoformat(claim["at"]).astimezone(UTC)
        return what, Asked(int(claim["id"]), at, reinjected=what == REINJECTED, refused=what == REFUSED)
    except (ValueError, KeyError, TypeError):
        return "", None


def _is_held(body: bytes, item: Item, at: datetime) -> bool:
    """Whether a claim still counts.

    For good where the delivery was published from elsewhere, since no attempt will ever show that; else for the same
    attempt, asked for, within the time in which GitHub delivers.
    """
    what, asked = _read(body)
    if asked is None:
        return False
    return asked.reinjected or (what == ASKED and asked.delivery_id == item.delivery.id and at - asked.at <= PENDING)
