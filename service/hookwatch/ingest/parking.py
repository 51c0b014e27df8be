"""Events into the parking queue. Decides nothing about them, and publishes none.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html (read 2026-11-27)
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from hookwatch.ingest import clients, payload
from hookwatch.ingest.budget import MAX_MESSAGE_BYTES, QUEUE_CONNECT_S, QUEUE_READ_S, QUEUE_S
from hookwatch.ingest.calls import Failed, attempt
from hookwatch.ingest.parked import Parked, encode, fits_into_sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.config import EventFormat
    from hookwatch.ingest.bucket import Bucket
    from hookwatch.ingest.kept import Missing
    from hookwatch.ingest.secrets import Deadline

# SendMessageBatch takes at most ten messages, and together no more bytes than one message may have.
MAX_ENTRIES = 10


@cache
def sqs_client() -> Any:
    """The client that all queues share."""
    return clients.client("sqs", connect_s=QUEUE_CONNECT_S, read_s=QUEUE_READ_S)


@dataclass(frozen=True, slots=True)
class Parking:
    """The parking queue, from its sending end.

    Attributes:
        queue_url: the queue.
        provider: whose events these are.
        event_format: what their `detail` looks like.
        bucket: takes what SQS cannot hold; None where there is none.
        client: gives an SQS client; none is made before the first event.
        sleep: how to wait, in seconds.
        now_ms: the time of day, milliseconds since the epoch.
    """

    queue_url: str
    provider: str
    event_format: EventFormat
    bucket: Bucket | None = None
    client: Callable[[], Any] = sqs_client
    sleep: Callable[[float], None] = time.sleep
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    def park(self, missing: Sequence[Missing], deadline: Deadline) -> Failed | None:
        """Put all of them into the queue; what failed if not all of them are."""
        texts: list[str] = []
        for each in missing:
            text = self._text(each, deadline)
            if isinstance(text, Failed):
                return text
            texts.append(text)
        for batch in _batches(texts):
            failed = self._send(batch, deadline)
            if failed is not None:
                return failed
        return None

    def _text(self, missing: Missing, deadline: Deadline) -> str | Failed:
        envelope = missing.envelope
        parked = Parked(
            envelope=envelope,
            provider=self.provider,
            delivery_id=envelope.delivery_id,
            reason=missing.refusal.reason,
            error_code=missing.refusal.error_code,
            event_format=self.event_format,
            trace=envelope.trace or os.environ.get("_X_AMZN_TRACE_ID"),
            first_seen_ms=envelope.time_ms,
            parked_ms=self.now_ms(),
        )
        text = encode(parked)
        if fits_into_sqs(text):
            return text
        if self.bucket is None:
            return Failed("message_too_large")
        where = self.bucket.put("parked", envelope, deadline.earlier(QUEUE_S))
        if isinstance(where, Failed):
            return where
        return encode(replace(parked, envelope=replace(envelope, detail="", detail_bytes=None), stored=where))

    def _send(self, texts: Sequence[str], deadline: Deadline) -> Failed | None:
        if len(texts) == 1:
            return self._tried(
                lambda client: client.send_message(QueueUrl=self.queue_url, MessageBody=texts[0]), deadline
            )
        entries = [{"Id": str(number), "MessageBody": text} for number, text in enumerate(texts)]
        sent = self._tried(lambda client: self._send_batch(client, entries), deadline)
        if isinstance(sent, Failed):
            return sent
        # Each alone: a batch says which message it did not take, and that one is worth its own attempts.
        for entry in entries:
            failed = self._send([entry["MessageBody"]], deadline)
            if failed is not None:
                return failed
        return None

    def _send_batch(self, client: Any, entries: list[dict[str, str]]) -> None:
        answer = client.send_message_batch(QueueUrl=self.queue_url, Entries=entries)
        taken = {entry["Id"] for entry in answer.get("Successful", ())}
        entries[:] = [entry for entry in entries if entry["Id"] not in taken]

    def _tried(self, call: Callable[[Any], Any], deadline: Deadline) -> Failed | None:
        answer = attempt(self.client, call, deadline, QUEUE_S, self.sleep)
        return answer if isinstance(answer, Failed) else None


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    total = 0
    for text in texts:
        size = payload.utf8_length((text,))
        if batch and (len(batch) == MAX_ENTRIES or total + size > MAX_MESSAGE_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(text)
        total += size
    if batch:
        yield batch
