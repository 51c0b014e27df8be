"""AWS/SQS data points of the stack's queues: how many messages wait, and for how long.

Never receives a message, because that would change what is measured: depth comes from GetQueueAttributes, age from the
emulator's own list of messages. Names and dimensions:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html, read
2026-11-22. Blocking: call it in a thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.sandbox.deploy_clients import Clients

NAMESPACE = "AWS/SQS"
MESSAGES_PATH = "/_ministack/sqs/messages"
"""ministack's own look at a queue, which receives nothing (facts measured 2026-11, ministack 1.5.33)."""

READ_LIMIT_S = 5.0
LOOK_SHARE = 20
"""A look brings every message whole, so it may take a twentieth of the time at most; 5,000 of 20 KB are 100 MB."""

MESSAGE_STATES = ("Visible", "NotVisible", "Delayed")


class QueueMeter:
    """Measures the queues that a stack made."""

    def __init__(self, clients: Clients, queue_urls: Sequence[str], age_s: Callable[[float], float]) -> None:
        """Measure the queues with these URLs; `age_s` tells the sandbox seconds since a real moment."""
        self._endpoint = clients.endpoint
        self._sqs = clients("sqs")
        self._urls = tuple(queue_urls)
        self._age_s = age_s
        self._looked: dict[str, tuple[float, float | None]] = {}

    def measure(self) -> list[MetricPoint]:
        """Return the points of every queue; a queue that is gone gives none."""
        return [point for url in self._urls for point in self._queue(url)]

    def _queue(self, url: str) -> Iterator[MetricPoint]:
        name = url.rsplit("/", 1)[-1]
        try:
            depth = self._depth(url)
            if not any(depth):
                self._looked.pop(url, None)
            oldest_s = self._oldest(url) if any(depth) else None
        except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError, KeyError, ValueError):
            return
        for state, count in zip(MESSAGE_STATES, depth, strict=True):
            yield _point(name, f"ApproximateNumberOfMessages{state}", count, "Count")
        age_s = 0.0 if oldest_s is None else self._age_s(oldest_s)
        yield _point(name, "ApproximateAgeOfOldestMessage", age_s, "Seconds")

    def _depth(self, url: str) -> list[int]:
        """Return the number of messages in each of `MESSAGE_STATES`."""
        wanted = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        return [int(found[name]) for name in wanted]

    def _oldest(self, url: str) -> float | None:
        """Return when the oldest message was sent; what was known a moment ago while a look would cost too much."""
        next_s, oldest_s = self._looked.get(url, (float("-inf"), None))
        begun_s = time.monotonic()
        if begun_s >= next_s:
            oldest_s = self._oldest_real_s(url)
            ended_s = time.monotonic()
            self._looked[url] = ended_s + LOOK_SHARE * (ended_s - begun_s), oldest_s
        return oldest_s

    def _oldest_real_s(self, url: str) -> float | None:
        # A pool of its own: no proxy of the user's shell stands between us and loopback.
        with urllib3.PoolManager(retries=False, timeout=READ_LIMIT_S) as pool:
            answer = pool.request("GET", self._endpoint + MESSAGES_PATH, fields={"QueueUrl": url})
        document: Any = answer.json()
        queues = [queue for regions in document["messages"].values() for queue in regions.values()]
        sent = [float(message["SentTimestamp"]) for queue in queues for found in queue.values() for message in found]
        return min(sent, default=None)


def _point(queue: str, name: str, value: float, unit: str) -> MetricPoint:
    return MetricPoint(
        namespace=NAMESPACE,
        name=name,
        dimensions={"QueueName": queue},
        unit=unit,
        value=float(value),
        time_s=time.time(),
    )
