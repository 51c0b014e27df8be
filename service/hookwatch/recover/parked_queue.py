"""A queue, held by a person: receive, look, give back. Every message that is received here is given back or deleted.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html (read 2026-11-27)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.recover.problem import Problem
from hookwatch.recover.replay_model import Message
from hookwatch.recover.replay_queue import ORIGINAL_ID, REASON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.recover.loop_stop_aws import Account

# ReceiveMessage and the batch calls take at most ten (API reference).
MAX_BATCH = 10
# An empty answer means an empty queue only if all of its servers were asked, which waiting does.
WAIT_S = 1
# What SQS itself moved to the dead-letter queue carries no reason; this is what it means.
TOO_MANY_RECEIVES = "too_many_receives"


@dataclass(frozen=True, slots=True)
class Held:
    """A message that we hold for a while.

    Attributes:
        message: the message.
        sent_ms: when it was sent to this queue, or to the one that SQS moved it from.
        reason: why it was given up, if it says so.
        original_id: what it was called in the parking queue, if it says so.
    """

    message: Message
    sent_ms: int
    reason: str | None
    original_id: str | None


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds; SQS calls each of these approximate.

    Attributes:
        visible: can be received now.
        in_flight: being worked on, or waiting after a failure.
    """

    visible: int
    in_flight: int


class Queue:
    """One queue of an account."""

    def __init__(self, account: Account, url: str) -> None:
        """Make it; nothing is asked yet."""
        self._account = account
        self.url = url
        self.name = url.rstrip("/").rpartition("/")[2]

    def depth(self) -> Depth | Problem:
        """Ask how many messages there are."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._ask("get_queue_attributes", AttributeNames=names)
        if isinstance(answer, Problem):
            return answer
        return Depth(*(int(answer.get("Attributes", {}).get(name, 0)) for name in names))

    def receive(self, count: int, hold_s: int) -> tuple[Held, ...] | Problem:
        """Receive up to ten messages, which nobody else gets meanwhile."""
        answer = self._ask(
            "receive_message",
            MaxNumberOfMessages=min(count, MAX_BATCH),
            VisibilityTimeout=hold_s,
            WaitTimeSeconds=WAIT_S,
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=[REASON, ORIGINAL_ID],
        )
        if isinstance(answer, Problem):
            return answer
        return tuple(_held(message) for message in answer.get("Messages", []))

    def give_back(self, held: Sequence[Held]) -> None:
        """Make messages receivable again at once. What cannot be given back comes back by itself a little later."""
        for start in range(0, len(held), MAX_BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": each.message.receipt, "VisibilityTimeout": 0}
                for number, each in enumerate(held[start : start + MAX_BATCH])
            ]
            self._ask("change_message_visibility_batch", Entries=entries)

    def send(self, body: str) -> Problem | None:
        """Send a message."""
        answer = self._ask("send_message", MessageBody=body)
        return answer if isinstance(answer, Problem) else None

    def delete(self, held: Held) -> Problem | None:
        """Delete a message that we hold."""
        answer = self._ask("delete_message", ReceiptHandle=held.message.receipt)
        return answer if isinstance(answer, Problem) else None

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any] | Problem:
        answer = self._account.ask("sqs", operation, QueueUrl=self.url, **parameters)
        if isinstance(answer, Problem) and answer.code.endswith(("NonExistentQueue", "QueueDoesNotExist")):
            return Problem(f"there is no queue {self.name} any more: was the stack deleted?", code=answer.code)
        return answer


def _held(message: dict[str, Any]) -> Held:
    system = message.get("Attributes", {})
    ours = {name: value.get("StringValue") for name, value in message.get("MessageAttributes", {}).items()}
    return Held(
        Message(
            message["MessageId"],
            message["ReceiptHandle"],
            message["Body"],
            int(system.get("ApproximateReceiveCount", 1)),
        ),
        int(system.get("SentTimestamp", 0)),
        ours.get(REASON),
        ours.get(ORIGINAL_ID),
    )
