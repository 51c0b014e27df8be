"""Payloads into the bucket. Reads none: the function's role could not, and has no need to.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (read 2026-11-27)
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.handlers import add_expect_header

from hookwatch.ingest import clients
from hookwatch.ingest.budget import BUCKET_CONNECT_S, BUCKET_READ_S, BUCKET_S
from hookwatch.ingest.calls import Failed, attempt
from hookwatch.ingest.stored import stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.ingest.model import Envelope
    from hookwatch.ingest.secrets import Deadline
    from hookwatch.ingest.stored import Kind, Stored


class Bucket:
    """One bucket."""

    def __init__(
        self,
        name: str,
        provider: str,
        client: Callable[[], Any] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make it; no client is made before the first payload.

        Args:
            name: the bucket's name.
            provider: whose payloads these are; the role allows one provider's prefix.
            client: gives an S3 client.
            sleep: how to wait, in seconds.
        """
        self._name = name
        self._provider = provider
        self._client = client or s3_client
        self._sleep = sleep

    def put(self, kind: Kind, envelope: Envelope, deadline: Deadline) -> Stored | Failed:
        """Store an event's detail as it would have gone onto the bus; where it lies now, or why it does not."""
        body = envelope.detail.encode()
        where = stored(
            self._name,
            kind,
            provider=self._provider,
            delivery_id=envelope.delivery_id,
            first_seen_ms=envelope.time_ms,
            body=body,
        )

        # The bucket encrypts what it is given; a key of the caller's choice is none of our business.
        def put(client: Any) -> Any:
            return client.put_object(
                Bucket=where.bucket, Key=where.key, Body=body, ContentType="application/json; charset=utf-8"
            )

        answer = attempt(self._client, put, deadline, BUCKET_S, self._sleep)
        return answer if isinstance(answer, Failed) else where


@cache
def s3_client() -> Any:
    """The client that all buckets share."""
    client = clients.client("s3", connect_s=BUCKET_CONNECT_S, read_s=BUCKET_READ_S)
    # `Expect: 100-continue` may wait a second for its answer, which no timeout above counts.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    return client
