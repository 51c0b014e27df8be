"""The parking queue from its receiving end: gives messages up, or lets them wait. Never raises for what SQS answers.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html (read 2026-11-27)
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hookwatch.recover.replay_model import Message

# What a message that was given up carries beside its text.
REASON = "reason"
ORIGINAL_ID = "original_message_id"
MAX_REASON_CHARACTERS = 1024

FIRST_DELAY_S = 60
MAX_DELAY_S = 900
JITTER = 0.2
# ChangeMessageVisibilityBatch takes ten entries, as a receive gives at most ten (API reference, read 2026-11-27).
MAX_ENTRIES = 10


class ParkingQueue:
    """The parking queue and its dead-letter queue."""

    def __init__(self, client: Any, url: str, dlq_url: str, random_unit: Callable[[], float] = random.random) -> None:
        """Make it.

        Args:
            client: an SQS client.
            url: the parking queue.
            dlq_url: its dead-letter queue.
            random_unit: a number from 0 to 1, for the jitter.
        """
        self._client = client
        self._url = url
        self._dlq_url = dlq_url
        self._random_unit = random_unit

    def give_up(self, message: Message, reason: str) -> str | None:
        """Send a message to the dead-letter queue with the reason; the code if that failed.

        It is the caller's to delete the message afterwards: what is sent first and deleted second is never lost.
        """
        attributes = {REASON: reason[:MAX_REASON_CHARACTERS], ORIGINAL_ID: message.message_id}
        return self._tried(
            "send_message",
            QueueUrl=self._dlq_url,
            MessageBody=message.body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    def delay(self, messages: Sequence[Message]) -> Mapping[str, int]:
        """Let messages wait, the longer the oftener they were received.

        Returns:
            Message id -> seconds. What is not in it waits for the queue's own visibility timeout.
        """
        waits: dict[str, int] = {}
        for start in range(0, len(messages), MAX_ENTRIES):
            batch = messages[start : start + MAX_ENTRIES]
            delays = [delay_s(message.receives, self._random_unit()) for message in batch]
            entries = [
                {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
                for number, (message, seconds) in enumerate(zip(batch, delays, strict=True))
            ]
            try:
                answer = self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            except (ClientError, BotoCoreError):
                continue
            done = {entry["Id"] for entry in answer.get("Successful", [])}
            waits |= {
                message.message_id: seconds
                for number, (message, seconds) in enumerate(zip(batch, delays, strict=True))
                if str(number) in done
            }
        return waits

    def _tried(self, operation: str, **parameters: Any) -> str | None:
        try:
            getattr(self._client, operation)(**parameters)
        except ClientError as error:
            code: str = error.response.get("Error", {}).get("Code", "Unknown")
            return code
        except BotoCoreError as error:
            return type(error).__name__
        return None


def delay_s(receives: int, unit: float) -> int:
    """How long a message waits after so many receives: a minute, doubled up to a quarter of an hour, jittered."""
    # The exponent is bounded before it is used: a receive count is whatever a queue says.
    base = min(MAX_DELAY_S, FIRST_DELAY_S << min(max(receives - 1, 0), 8))
    return round(base * (1 - JITTER * unit))
