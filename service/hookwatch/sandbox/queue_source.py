"""Lambda's reader of one queue: receives, invokes, deletes what succeeded, leaves the rest to its visibility timeout.

Never moves a message to a dead-letter queue: SQS does that when a message has been received too often, and so does
ministack (measured 2026-11-27). Calls SQS with the function's own role, as Lambda does. Source:
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and
https://docs.aws.amazon.com/lambda/latest/operatorguide/sqs-retries.html, read 2026-11-27.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.lambda_model import FunctionStoppedError
from hookwatch.sandbox.queue_batch import events, failed_ids

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_model import Invocation
    from hookwatch.sandbox.queue_mapping import QueueMapping

RECEIVE_MOST = 10
"""ReceiveMessage gives ten messages at most; a larger batch is received in several calls."""

WAIT_S = 1
"""AWS waits up to 20 s for a message; here a mapping that is disabled should be silent a second later."""

IDLE_S = 0.1
RETRY_S = 1.0
THROTTLED_PAUSE_S = 0.5


class QueueSource:
    """Reads one queue for one function, from `start` to `stop`.

    Attributes:
        mapping: How it reads; may be replaced while it runs.
        problem: Why the last call of SQS failed; empty when it did not.
    """

    def __init__(
        self,
        mapping: QueueMapping,
        clients: Clients,
        invoke: Callable[[bytes], Awaitable[Invocation]],
        speed: float = 1.0,
    ) -> None:
        """Read for `invoke`; `speed` says how much faster than real time messages become visible again."""
        self.mapping = mapping
        self.problem = ""
        self._speed = speed
        self._invoke = invoke
        self._clients = clients
        self._threads = ThreadPoolExecutor(2 + mapping.concurrency, thread_name_prefix="queue")
        self._batches: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._sqs: Any = None

    def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Stop reading; what is with the function comes back to the queue when its visibility timeout has passed."""
        tasks = [*self._batches, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _read(self) -> None:
        while True:
            if not self.mapping.enabled:
                await asyncio.sleep(IDLE_S)
                continue
            await self._slot()
            mapping = self.mapping
            try:
                visibility_s, messages = await self._in_thread(self._gather, mapping)
            except (BotoCoreError, ClientError) as error:
                self.problem = _code(error)
                await asyncio.sleep(RETRY_S)
                continue
            self.problem = ""
            give_up_s = time.monotonic() + visibility_s / self._speed
            for payload, sent in events(messages, mapping.queue_arn):
                await self._slot()
                task = asyncio.create_task(self._run(mapping, payload, sent, give_up_s))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)

    async def _slot(self) -> None:
        """Wait until one more batch may run."""
        while len(self._batches) >= self.mapping.concurrency:
            await asyncio.wait(self._batches, return_when="FIRST_COMPLETED")

    def _gather(self, mapping: QueueMapping) -> tuple[float, list[Mapping[str, Any]]]:
        """Return the visibility timeout, and the messages of one batch."""
        if self._sqs is None:
            self._sqs = self._clients("sqs")
        url = mapping.queue_url(self._clients.endpoint)
        names = ["VisibilityTimeout"]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        gathered: list[Mapping[str, Any]] = []
        end_s = float("inf")
        while len(gathered) < mapping.batch_size and time.monotonic() < end_s:
            received = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(RECEIVE_MOST, mapping.batch_size - len(gathered)),
                WaitTimeSeconds=WAIT_S,
                # The queue's own, said aloud, so that it passes in sandbox time.
                VisibilityTimeout=int(found["VisibilityTimeout"]),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not received and not gathered:
                break
            if not gathered:
                end_s = time.monotonic() + mapping.window_s
            gathered += received
        return float(found["VisibilityTimeout"]), gathered

    async def _run(
        self, mapping: QueueMapping, payload: bytes, sent: Sequence[Mapping[str, Any]], give_up_s: float
    ) -> None:
        invocation = await self._invoked(payload, give_up_s)
        if invocation is None or invocation.kind != "ok":
            return
        kept = failed_ids(invocation.payload, {message["MessageId"] for message in sent}) if mapping.partial else ()
        done = [message["ReceiptHandle"] for message in sent if message["MessageId"] not in kept]
        if done:
            try:
                await self._in_thread(self._delete, mapping, done)
            except (BotoCoreError, ClientError) as error:
                self.problem = _code(error)  # they come again: at least once is what SQS promises

    async def _invoked(self, payload: bytes, give_up_s: float) -> Invocation | None:
        """Return how the function ended; None when it was throttled until the messages became visible again."""
        while True:
            try:
                invocation = await self._invoke(payload)
            except FunctionStoppedError:
                return None
            if invocation.kind != "throttled":
                return invocation
            if time.monotonic() + THROTTLED_PAUSE_S >= give_up_s:
                return None
            await asyncio.sleep(THROTTLED_PAUSE_S)

    def _delete(self, mapping: QueueMapping, handles: Sequence[str]) -> None:
        url = mapping.queue_url(self._clients.endpoint)
        for start in range(0, len(handles), RECEIVE_MOST):
            entries = [
                {"Id": str(index), "ReceiptHandle": handle}
                for index, handle in enumerate(handles[start : start + RECEIVE_MOST])
            ]
            self._sqs.delete_message_batch(QueueUrl=url, Entries=entries)

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def _code(error: BotoCoreError | ClientError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
