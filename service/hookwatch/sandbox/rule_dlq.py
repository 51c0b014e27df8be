"""The dead-letter queue of a rule's target.

Never decides that an event has failed. The message is the event as it was on the bus, with the attributes that
EventBridge adds (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html, read 2026-11-27). Blocking:
call it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from hookwatch.sandbox.deploy_clients import Clients


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that EventBridge gives up; `exhausted` is the limit that was reached, empty when there was no retry."""

    event: str
    rule_arn: str
    target_arn: str
    code: str
    message: str
    exhausted: str
    retries: int

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of its message."""
        texts = {
            "RULE_ARN": self.rule_arn,
            "TARGET_ARN": self.target_arn,
            "ERROR_CODE": self.code,
            "ERROR_MESSAGE": self.message,
            "EXHAUSTED_RETRY_CONDITION": self.exhausted,
        }
        found = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text}
        return {**found, "RETRY_ATTEMPTS": {"DataType": "Number", "StringValue": str(self.retries)}}


class DeadLetterQueues:
    """Sends to any queue of the account by its ARN."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._sqs: Any = None

    def send(self, queue_arn: str, letter: DeadLetter) -> bool:
        """Send; False when the queue is not there or does not take it."""
        self._sqs = self._sqs or self._clients("sqs")
        try:
            url = self._sqs.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[-1])["QueueUrl"]
            self._sqs.send_message(QueueUrl=url, MessageBody=letter.event, MessageAttributes=letter.attributes())
        except (BotoCoreError, ClientError):
            return False
        return True
