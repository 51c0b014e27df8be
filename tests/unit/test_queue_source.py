from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookwatch.sandbox.lambda_model import Invocation
from hookwatch.sandbox.queue_mapping import QueueMapping
from hookwatch.sandbox.queue_source import QueueSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ARN = "arn:aws:sqs:us-east-1:123456789012:work"


class Queue:
    """SQS with one queue, as the reader calls it; refuses while it is told to."""

    def __init__(
        self, bodies: Sequence[str], *, late: Sequence[str] = (), refuses: int = 0, visibility_s: int = 30
    ) -> None:
        self.endpoint = "http://127.0.0.1:1"
        self.waiting = list(bodies)
        self.late = list(late)
        self.deleted: list[str] = []
        self.asked: list[int] = []
        self.refuses = refuses
        self.visibility_s = visibility_s
        self._lock = threading.Lock()

    def __call__(self, service: str) -> Queue:
        assert service == "sqs"
        return self

    def get_queue_attributes(self, **_: Any) -> Any:
        if self.refuses:
            self.refuses -= 1
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetQueueAttributes")
        return {"Attributes": {"VisibilityTimeout": str(self.visibility_s)}}

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> Any:  # noqa: N803 - AWS's name
        with self._lock:
            self.asked.append(MaxNumberOfMessages)
            taken, self.waiting = self.waiting[:MaxNumberOfMessages], self.waiting[MaxNumberOfMessages:]
            if taken:
                self.waiting += self.late
                self.late = []
        if not taken:
            time.sleep(0.02)
            return {}
        return {
            "Messages": [
                {"MessageId": body, "ReceiptHandle": f"handle-{body}", "Body": body, "MD5OfBody": ""} for body in taken
            ]
        }

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:  # noqa: N803 - AWS's names
        assert QueueUrl == f"{self.endpoint}/123456789012/work"
        assert len(Entries) <= 10
        self.deleted += [entry["ReceiptHandle"].removeprefix("handle-") for entry in Entries]


class Function:
    """A function that answers as it is told, and remembers its batches."""

    def __init__(self, *kinds: str, answer: bytes = b"{}") -> None:
        self.kinds = list(kinds)
        self.answer = answer
        self.batches: list[list[str]] = []

    async def __call__(self, payload: bytes) -> Invocation:
        self.batches.append([record["messageId"] for record in json.loads(payload)["Records"]])
        kind: Any = self.kinds.pop(0) if self.kinds else "ok"
        return Invocation(kind=kind, payload=self.answer, request_id="r", trace_header="")


def mapping(**settings: Any) -> QueueMapping:
    """A mapping of one queue to one function."""
    return QueueMapping(**{"uuid": "u", "queue_arn": ARN, "function": "f", "enabled": True, **settings})


def read(queue: Queue, function: Function, over: Callable[[], bool], **settings: Any) -> QueueSource:
    """Read until something has happened; returns the reader."""

    async def main() -> QueueSource:
        source = QueueSource(mapping(**settings), queue, function)
        source.start()
        async with asyncio.timeout(20):
            while not over():  # noqa: ASYNC110 - the fake tells nobody
                await asyncio.sleep(0.01)
        await source.stop()
        return source

    return asyncio.run(main())


def names(count: int) -> list[str]:
    return [f"m{number}" for number in range(count)]


def test_a_batch_over_ten_is_received_in_several_calls_and_deleted_ten_at_a_time():
    """With a batch size of 25 the function gets one event of 25 messages, and SQS is never asked for more than ten."""
    queue, function = Queue(names(25)), Function()
    read(queue, function, lambda: len(queue.deleted) == 25, batch_size=25, window_s=1)
    assert function.batches == [names(25)]
    assert max(queue.asked) == 10


def test_a_window_gathers_what_comes_meanwhile_and_without_one_nothing_is_waited_for():
    """Messages that come a moment later are in the same batch only when the mapping has a window."""
    queue, function = Queue(names(2), late=["late"]), Function()
    read(queue, function, lambda: len(queue.deleted) == 3, window_s=1)
    assert function.batches == [["m0", "m1", "late"]]
    queue, function = Queue(names(2), late=["late"]), Function()
    read(queue, function, lambda: len(queue.deleted) == 3, window_s=0)
    assert function.batches == [["m0", "m1"], ["late"]]


def test_a_failed_batch_is_left_to_its_visibility_timeout():
    """An error deletes nothing and is not tried again by the reader."""
    queue, function = Queue(names(2)), Function("error")
    read(queue, function, lambda: bool(function.batches) and not queue.waiting)
    assert queue.deleted == []
    assert function.batches == [names(2)]


def test_an_answer_counts_only_where_the_mapping_says_that_it_reports():
    """Without ReportBatchItemFailures whatever a function returns is a success."""
    answer = b'{"batchItemFailures": [{"itemIdentifier": "m0"}]}'
    queue = Queue(names(2))
    read(queue, Function(answer=answer), lambda: len(queue.deleted) == 2)
    assert queue.deleted == names(2)
    queue = Queue(names(2))
    read(queue, Function(answer=answer), lambda: bool(queue.deleted), partial=True)
    assert queue.deleted == ["m1"]


def test_a_throttled_batch_is_tried_again_until_its_messages_are_visible():
    """It passes when the function is free; when that comes too late the batch is given up."""
    queue, function = Queue(names(1)), Function("throttled")
    read(queue, function, lambda: queue.deleted == names(1))
    assert len(function.batches) == 2
    queue, function = Queue(names(1), visibility_s=0), Function("throttled", "ok")
    read(queue, function, lambda: len(function.batches) == 1 and len(queue.asked) > 3)
    assert queue.deleted == []


def test_a_refused_call_is_told_and_tried_again():
    """The reader's problem is SQS's code while it lasts."""
    queue, function, seen = Queue(names(1), refuses=1), Function(), []

    async def main() -> None:
        source = QueueSource(mapping(), queue, function)
        source.start()
        async with asyncio.timeout(20):
            while not queue.deleted:
                seen.append(source.problem)
                await asyncio.sleep(0.01)
        assert source.problem == ""
        await source.stop()

    asyncio.run(main())
    assert "AccessDenied" in seen
