"""What reached the bus, as a rule's target sees it.

Never looks at the calls that publish: a rule that matches everything sends each event to a queue, and the queue is
read. So an event counts only when EventBridge itself delivered it.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.cloud_model import ACCOUNT, REGION
from hookwatch.sandbox.cloud_store import Store

if TYPE_CHECKING:
    from hookwatch.sandbox.deploy_clients import Clients

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
    """A rule, a queue and its reader."""

    def __init__(self, clients: Clients, buses: tuple[str, ...]) -> None:
        self._clients = clients
        self._buses = buses
        self._reader: asyncio.Task[None] | None = None
        self.events: Store[dict[str, Any]] = Store(MAX_EVENTS)

    async def start(self) -> None:
        """Make rule and queue, then read until `stop`."""
        sqs, queue_url = await asyncio.to_thread(self._set_up)
        self._reader = asyncio.create_task(self._read(sqs, queue_url))

    async def stop(self) -> None:
        """Stop reading; the call under way ends with the emulator."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def _set_up(self) -> tuple[Any, str]:
        sqs, events = self._clients("sqs"), self._clients("events")
        queue_url: str = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"}
        for bus in self._buses:
            events.put_rule(Name=RULE, EventBusName=bus, EventPattern=PATTERN)
            events.put_targets(Rule=RULE, EventBusName=bus, Targets=[target])
        return sqs, queue_url

    async def _read(self, sqs: Any, queue_url: str) -> None:
        while True:
            try:
                messages = await asyncio.to_thread(self._receive, sqs, queue_url)
            except (BotoCoreError, ClientError):
                await asyncio.sleep(RETRY_S)
                continue
            for body in messages:
                self.events.add(_envelope(body), len(body))

    def _receive(self, sqs: Any, queue_url: str) -> list[str]:
        found = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_S)
        messages = found.get("Messages", [])
        if messages:
            sqs.delete_message_batch(
                QueueUrl=queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                    for index, message in enumerate(messages)
                ],
            )
        return [message["Body"] for message in messages]


def _envelope(body: str) -> dict[str, Any]:
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        return {"unreadable": type(error).__name__, "body": body}
    return envelope if isinstance(envelope, dict) else {"unreadable": "no object", "body": body}
