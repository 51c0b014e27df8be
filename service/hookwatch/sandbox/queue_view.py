"""The stack's queues as people want to see them: how full, how old, whose dead-letter queue.

Never receives a message. Blocking: call it in a thread.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.metrics import MetricStore

COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


class QueueView:
    """Looks at the queues with these URLs."""

    def __init__(self, clients: Clients, urls: Sequence[str], metrics: MetricStore) -> None:
        """Look with the account's own key; ages are the last ones that were measured."""
        self._sqs = clients("sqs")
        self._urls = tuple(urls)
        self._metrics = metrics

    def shown(self) -> list[dict[str, Any]]:
        """Return every queue that is still there."""
        ages = {
            total["dimensions"]["QueueName"]: total["last"]
            for total in self._metrics.totals()
            if total["name"] == "ApproximateAgeOfOldestMessage"
        }
        found = [(url, attributes) for url in self._urls if (attributes := self._attributes(url)) is not None]
        sources: dict[str, list[str]] = {}
        for url, attributes in found:
            sources.setdefault(_dead_letter(attributes), []).append(_name(url))
        return [
            {
                "name": _name(url),
                "url": url,
                **{key: int(attributes[name]) for key, name in COUNTS.items()},
                "oldest_age_s": ages.get(_name(url)),
                "dead_letter_queue": _dead_letter(attributes) or None,
                "dead_letter_of": sources.get(_name(url), []),
            }
            for url, attributes in found
        ]

    def _attributes(self, url: str) -> Mapping[str, str] | None:
        try:
            found: Mapping[str, str] = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
                "Attributes"
            ]
        except (BotoCoreError, ClientError):
            return None
        return found


def _name(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _dead_letter(attributes: Mapping[str, str]) -> str:
    """Return the name of the queue that takes what was received too often; empty when there is none."""
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    return str(policy.get("deadLetterTargetArn", "")).rsplit(":", 1)[-1]
