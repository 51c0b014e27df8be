"""The replay function's composition root: settings in, a function that takes SQS batches out. Judges no message."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hookwatch.ingest import clients
from hookwatch.ingest.bucket import s3_client
from hookwatch.ingest.publish import EventsClient, Publisher
from hookwatch.ingest.secrets import Deadline
from hookwatch.recover.replay_batch import Batch
from hookwatch.recover.replay_claim import CheckIn
from hookwatch.recover.replay_log import ReplayLog
from hookwatch.recover.replay_model import Message
from hookwatch.recover.replay_one import Replayer
from hookwatch.recover.replay_queue import ParkingQueue
from hookwatch.telemetry import silence_others

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.replay_settings import Settings

CONNECT_TIMEOUT_S = 0.8
READ_TIMEOUT_S = 2.2
# Time that the last calls and Lambda's own timeout must still have when the last message is done.
RESERVE_S = CONNECT_TIMEOUT_S + READ_TIMEOUT_S + 0.5


class App:
    """Replays batches of the parking queue."""

    def __init__(self, batch: Batch, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an app from its parts; `compose` makes it from settings."""
        self._batch = batch
        self._clock = clock

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
        """Replay one batch; the answer names the messages that SQS has to keep.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html (read 2026-11-27)
        """
        left_s = context.get_remaining_time_in_millis() / 1000 - RESERVE_S
        deadline = Deadline(self._clock() + left_s, self._clock)
        messages = [_message(record) for record in event.get("Records", ())]
        failed = self._batch.run(messages, deadline, context.aws_request_id)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _message(record: Mapping[str, Any]) -> Message:
    receives = record.get("attributes", {}).get("ApproximateReceiveCount", "1")
    return Message(record["messageId"], record["receiptHandle"], record["body"], int(receives))


def compose(settings: Settings) -> App:
    """Build the app that these settings describe."""
    silence_others()
    publisher = Publisher(settings.event_bus, EventsClient(), _no_details, settings.max_entry_bytes)
    objects = _client("s3") if settings.claim_bucket else None
    replayer = Replayer(
        publish=publisher.publish,
        objects=objects,
        bucket=settings.claim_bucket,
        claim=CheckIn(settings.claim_bucket, s3_client, settings.max_entry_bytes) if settings.claim_bucket else None,
        max_entry_bytes=settings.max_entry_bytes,
        clock=time.monotonic,
        now_ms=lambda: time.time_ns() // 1_000_000,
    )
    return App(Batch(replayer, ParkingQueue(_client("sqs"), settings.queue_url, settings.dlq_url), ReplayLog()))


def _client(service: str) -> Any:
    # One attempt: SQS brings a message back, and a batch must end within the function's timeout.
    return clients.client(service, connect_s=CONNECT_TIMEOUT_S, read_s=READ_TIMEOUT_S)


def _no_details(message: str, **fields: object) -> None:
    """A message's line says how many attempts it took; their details are not worth a line each."""
