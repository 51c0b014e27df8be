"""What reached the buses, as a rule's target sees it.

Never looks at the calls that publish: on each bus a rule that matches everything sends each event to a queue, and the
queue is read. So an event counts only when EventBridge itself delivered it, whoever put it there. Every event is told
to the listeners; only the newest are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import ACCOUNT, REGION
from hookwatch.sandbox.cloud_store import Store
from hookwatch.sandbox.events import PATTERN, QUEUE, RULE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.aws_metrics_rules import RuleMeter
    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_model import MetricPoint

MAX_EVENTS = 1_000
BATCH = 10
WAIT_S = 1
RETRY_S = 0.5
GATHER_S = 0.02
"""How long is waited after a batch that was not full: reading ten events costs hardly more than reading one."""


class EventTap:
    """On every bus a rule, a queue and its reader.

    Attributes:
        events: The newest events.
        listeners: Called with every event in the order of arrival, in the reader's thread, before the event is kept.
    """

    def __init__(
        self, clients: Clients, buses: tuple[str, ...], meter: RuleMeter, on_metric: Callable[[MetricPoint], None]
    ) -> None:
        """Listen on these buses; what the rules there do with an event is told to `on_metric` before it is kept."""
        self._clients = clients
        self._buses = buses
        self._meter = meter
        self._on_metric = on_metric
        self._threads = ThreadPoolExecutor(max(1, len(buses)), thread_name_prefix="tap")
        self._readers: list[asyncio.Task[None]] = []
        self.events: Store[dict[str, Any]] = Store(MAX_EVENTS)
        self.listeners: list[Callable[[Mapping[str, Any]], None]] = []

    async def start(self) -> None:
        """Make rules and queues, then read until `stop`."""
        sqs = await asyncio.to_thread(self._clients, "sqs")
        for number, bus in enumerate(self._buses):
            url = await asyncio.to_thread(self._set_up, sqs, bus, f"{QUEUE}-{number}")
            self._readers.append(asyncio.create_task(self._read(sqs, url, bus)))

    async def stop(self) -> None:
        """Stop reading; the call under way ends with the emulator."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _set_up(self, sqs: Any, bus: str, queue: str) -> str:
        events = self._clients("events")
        queue_url: str = sqs.create_queue(QueueName=queue)["QueueUrl"]
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"}
        events.put_rule(Name=RULE, EventBusName=bus, EventPattern=PATTERN)
        events.put_targets(Rule=RULE, EventBusName=bus, Targets=[target])
        return queue_url

    async def _read(self, sqs: Any, queue_url: str, bus: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                messages = await loop.run_in_executor(self._threads, _receive, sqs, queue_url)
            except (BotoCoreError, ClientError):
                await asyncio.sleep(RETRY_S)
                continue
            for message in messages:
                envelope, points = await loop.run_in_executor(self._threads, self._take, bus, message)
                for point in points:
                    self._on_metric(point)
                self.events.add(envelope, len(message["Body"]))
            if 0 < len(messages) < BATCH:
                await asyncio.sleep(GATHER_S)

    def _take(self, bus: str, message: Mapping[str, Any]) -> tuple[dict[str, Any], list[MetricPoint]]:
        envelope = _envelope(message["Body"])
        for listener in self.listeners:
            listener(envelope)
        with contextlib.suppress(BotoCoreError, ClientError):  # the emulator could not be asked about a target
            return envelope, self._meter.measure(bus, message["Body"], _waited_ms(message))
        return envelope, []


def _receive(sqs: Any, queue_url: str) -> list[dict[str, Any]]:
    """Take up to ten messages off the queue; one that could not be deleted comes again and counts only then."""
    found = sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S, AttributeNames=["SentTimestamp"]
    )
    messages: list[dict[str, Any]] = found.get("Messages", [])
    if messages:
        sqs.delete_message_batch(
            QueueUrl=queue_url,
            Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(messages)
            ],
        )
    return messages


def _waited_ms(message: Mapping[str, Any]) -> float:
    """Return how long ago the emulator took the event from the bus."""
    return max(0.0, time.time() * 1000 - float(message["Attributes"]["SentTimestamp"]))


def _envelope(body: str) -> dict[str, Any]:
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        return {"unreadable": type(error).__name__, "body": body}
    return envelope if isinstance(envelope, dict) else {"unreadable": "no object", "body": body}
