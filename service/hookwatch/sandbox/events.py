"""What reached the bus, as a rule's target sees it.

Never looks at the calls that publish: on each bus a rule that matches everything sends each event to a queue, and the
queue is read. So an event counts only when EventBridge itself delivered it, whoever put it there.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import ACCOUNT, REGION
from hookwatch.sandbox.cloud_store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.aws_metrics_rules import RuleMeter
    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_model import MetricPoint

MAX_EVENTS = 1_000
QUEUE = "hookwatch-sandbox-events"
RULE = "hookwatch-sandbox-everything"
PATTERN = json.dumps({"source": [{"prefix": ""}]})
BATCH = 10
WAIT_S = 1
RETRY_S = 0.5


class EventBuses:
    """EventBridge with the account's own key. Blocking: call it in a thread."""

    def __init__(self, clients: Clients) -> None:
        self._events = clients("events")

    def names(self) -> list[str]:
        """Return the names of all buses."""
        return [bus["Name"] for bus in self._events.list_event_buses()["EventBuses"]]

    def put(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Publish entries; returns their results."""
        results: list[dict[str, Any]] = self._events.put_events(Entries=entries)["Entries"]
        return results


class EventTap:
    """On every bus a rule, a queue and its reader."""

    def __init__(
        self, clients: Clients, buses: tuple[str, ...], meter: RuleMeter, on_metric: Callable[[MetricPoint], None]
    ) -> None:
        """Listen on these buses; what the rules there do with an event is told to `on_metric` before it is kept."""
        self._clients = clients
        self._buses = buses
        self._meter = meter
        self._on_metric = on_metric
        self._readers: list[asyncio.Task[None]] = []
        self.events: Store[dict[str, Any]] = Store(MAX_EVENTS)

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

    def _set_up(self, sqs: Any, bus: str, queue: str) -> str:
        events = self._clients("events")
        queue_url: str = sqs.create_queue(QueueName=queue)["QueueUrl"]
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"}
        events.put_rule(Name=RULE, EventBusName=bus, EventPattern=PATTERN)
        events.put_targets(Rule=RULE, EventBusName=bus, Targets=[target])
        return queue_url

    async def _read(self, sqs: Any, queue_url: str, bus: str) -> None:
        while True:
            try:
                bodies, points = await asyncio.to_thread(self._receive, sqs, queue_url, bus)
            except (BotoCoreError, ClientError):
                await asyncio.sleep(RETRY_S)
                continue
            for point in points:
                self._on_metric(point)
            for body in bodies:
                self.events.add(_envelope(body), len(body))

    def _receive(self, sqs: Any, queue_url: str, bus: str) -> tuple[list[str], list[MetricPoint]]:
        found = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S, AttributeNames=["SentTimestamp"]
        )
        messages = found.get("Messages", [])
        if messages:
            sqs.delete_message_batch(
                QueueUrl=queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                    for index, message in enumerate(messages)
                ],
            )
        points = [
            point for message in messages for point in self._meter.measure(bus, message["Body"], _waited_ms(message))
        ]
        return [message["Body"] for message in messages], points


def _waited_ms(message: Mapping[str, Any]) -> float:
    """Return how long ago the emulator took the event from the bus."""
    return max(0.0, time.time() * 1000 - float(message["Attributes"]["SentTimestamp"]))


def _envelope(body: str) -> dict[str, Any]:
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        return {"unreadable": type(error).__name__, "body": body}
    return envelope if isinstance(envelope, dict) else {"unreadable": "no object", "body": body}
