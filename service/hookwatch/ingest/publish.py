"""Events onto the bus. Never raises for what AWS answers, never runs past the deadline, never drops an entry silently.

PutEvents answers 200 even when entries failed, and botocore does not retry entries; both are done here.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html (read 2026-11-22)
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES
from hookwatch.ingest import clients, payload
from hookwatch.ingest.model import Refusal
from hookwatch.ingest.publish_errors import NEVER_TAKEN, judge_code, judge_error
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.ingest.model import Envelope
    from hookwatch.ingest.secrets import Deadline

# PutEvents takes at most ten entries (API reference, read 2026-11-22).
MAX_ENTRIES = 10
MAX_DETAIL_TYPE_CHARACTERS = 128
# An entry's size counts 14 bytes for its time. "Calculating PutEvents event entry size" (user guide, read 2026-11-22).
TIME_BYTES = 14
# Our own answer has this long from the moment the handler begins: GitHub hangs up at 10 s, Twilio at 15 s. How it is
# divided: see budget.
ANSWER_WITHIN_S = 8.0
CONNECT_TIMEOUT_S = 0.8
READ_TIMEOUT_S = 2.2
# Below this much time left, or what the longest attempt so far took, no further attempt is begun.
CALL_BUDGET_S = CONNECT_TIMEOUT_S + READ_TIMEOUT_S
FIRST_BACKOFF_S = 0.05
# A new client's first request is the one that opens the connection; a cut one is simply tried again.
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Published:
    """Every entry is on the bus.

    Attributes:
        event_ids: EventBridge's ids, in the order of the envelopes.
        attempts: how many PutEvents calls it took.
    """

    event_ids: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True)
class NotPublished:
    """Some entries are not on the bus.

    Attributes:
        refusal: why.
        missing: the envelopes that are not on the bus, in order.
        attempts: how many PutEvents calls were made.
        refusals: why each of the missing is not on the bus.
    """

    refusal: Refusal
    missing: tuple[Envelope, ...]
    attempts: int
    refusals: tuple[Refusal, ...]


def entry_bytes(envelope: Envelope) -> int:
    """The size of an entry by EventBridge's own arithmetic, in bytes."""
    size = envelope.detail_bytes
    if size is None:
        size = payload.utf8_length((envelope.detail,))
    return TIME_BYTES + size + payload.utf8_length((envelope.source, envelope.detail_type, *envelope.resources))


def refusal_before_call(envelope: Envelope, size_bytes: int, max_entry_bytes: int) -> Refusal | None:
    """What EventBridge would refuse anyway, found without a call."""
    if not 1 <= len(envelope.detail_type) <= MAX_DETAIL_TYPE_CHARACTERS:
        return Refusal(Outcome.MALFORMED, "detail_type_length")
    if size_bytes >= max_entry_bytes:
        return Refusal(Outcome.TOO_LARGE, "entry_over_limit")
    return None


class Publisher:
    """Puts envelopes onto one bus."""

    def __init__(
        self,
        event_bus: str,
        client: Any,
        detail: Callable[..., None],
        max_bytes: int = DEFAULT_MAX_ENTRY_BYTES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a publisher.

        Args:
            event_bus: name or ARN of the bus.
            client: an EventBridge client that does not retry by itself.
            detail: where the story of failed attempts goes.
            max_bytes: the size that the entries of one call must stay under together.
            sleep: how to wait, in seconds.
        """
        self._event_bus = event_bus
        self._client = client
        self._detail = detail
        self._max_bytes = max_bytes
        self._sleep = sleep

    def publish(self, envelopes: Sequence[Envelope], deadline: Deadline) -> Published | NotPublished:
        """Put all envelopes onto the bus, trying again what may succeed while there is time."""
        ids: dict[int, str] = {}
        todo = list(enumerate(envelopes))
        attempts = 0
        worst = Refusal(Outcome.PUBLISH_FAILED, "out_of_time")
        why = dict.fromkeys(range(len(envelopes)), worst)
        backoff_s, longest_s = FIRST_BACKOFF_S, CALL_BUDGET_S
        final: list[tuple[int, Envelope]] = []
        largest = MAX_ENTRIES
        while todo and attempts < MAX_ATTEMPTS * len(envelopes) and deadline.left_s() >= longest_s:
            attempts += 1
            batch, todo = self._split(todo, largest)
            again: list[tuple[int, Envelope]] = []
            began_s = deadline.clock()
            verdicts = self._put([each for _, each in batch])
            longest_s = max(longest_s, deadline.clock() - began_s)
            for (position, envelope), verdict in zip(batch, verdicts, strict=True):
                match verdict:
                    case str():
                        ids[position] = verdict
                    case (True, refusal):
                        worst = why[position] = refusal
                        again.append((position, envelope))
                    case (False, refusal) if len(batch) > 1 and refusal.error_code in NEVER_TAKEN and _whole(refusal):
                        # One entry is wrong, and EventBridge does not say which: each has to stand for itself.
                        worst, largest = refusal, 1
                        again.append((position, envelope))
                    case (False, refusal):
                        worst = why[position] = refusal
                        final.append((position, envelope))
            todo = again + todo
            if again or final:
                left_ms = round(deadline.left_s() * 1000)
                self._detail("attempt", attempt=attempts, code=worst.error_code, again=len(again), left_ms=left_ms)
            if again:
                # Full jitter keeps functions that were throttled together from coming back together. At most half of
                # what is to spare, since a pause that fits exactly would end with the last moment.
                self._sleep(max(0.0, min(random.uniform(0, backoff_s), (deadline.left_s() - longest_s) / 2)))  # noqa: S311 - spreads load, protects nothing
                backoff_s *= 2
        missing = sorted(final + todo, key=lambda each: each[0])
        if missing:
            refusals = tuple(why[position] for position, _ in missing)
            return NotPublished(worst, tuple(envelope for _, envelope in missing), attempts, refusals)
        return Published(tuple(ids[position] for position in sorted(ids)), attempts)

    def _split(
        self, todo: list[tuple[int, Envelope]], largest: int
    ) -> tuple[list[tuple[int, Envelope]], list[tuple[int, Envelope]]]:
        """What fits into one call, and the rest: entries are limited in number, and together in size."""
        if len(todo) == 1:
            return todo, []
        size = 0
        for count, (_, envelope) in enumerate(todo[:largest]):
            size += entry_bytes(envelope)
            if count and size >= self._max_bytes:
                return todo[:count], todo[count:]
        return todo[:largest], todo[largest:]

    def _put(self, envelopes: Sequence[Envelope]) -> list[str | tuple[bool, Refusal]]:
        """One call: for each entry its event id, or whether to try again and why it failed."""
        try:
            answer = self._client.put_events(Entries=[self._entry(each) for each in envelopes])
        except ClientError as error:
            return [judge_error(error)] * len(envelopes)
        except BotoCoreError as error:
            # Connect and read timeouts, a cut connection. The event may have arrived: at least once, not exactly once.
            return [(True, Refusal(Outcome.PUBLISH_FAILED, "unreachable", type(error).__name__))] * len(envelopes)
        entries = answer.get("Entries", [])
        if len(entries) != len(envelopes):
            return [(True, Refusal(Outcome.PUBLISH_FAILED, "answer_incomplete"))] * len(envelopes)
        return [entry.get("EventId") or judge_code(entry.get("ErrorCode", "Unknown")) for entry in entries]

    def _entry(self, envelope: Envelope) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "Time": envelope.time_ms // 1000,
            "Source": envelope.source,
            "DetailType": envelope.detail_type,
            "Detail": envelope.detail,
            "Resources": list(envelope.resources),
            "EventBusName": self._event_bus,
        }
        trace = envelope.trace or os.environ.get("_X_AMZN_TRACE_ID")
        if trace:
            entry["TraceHeader"] = trace
        return entry


def _whole(refusal: Refusal) -> bool:
    """Whether the call was refused, and not the entry."""
    return refusal.reason in ("call_refused", "refused_by_bus")


class EventsClient:
    """PutEvents with a body that is written here: `json` takes three times as long for it as all the hashing together.

    Everything else of the call is botocore's: endpoint, signature, connection, errors.
    """

    def __init__(self) -> None:
        """Make a client with one attempt a call, because retries are counted and timed by the publisher."""
        self._client = clients.client("events", connect_s=CONNECT_TIMEOUT_S, read_s=READ_TIMEOUT_S)
        self._client.meta.events.register("before-call.events.PutEvents", self._write_body)
        self._body = b""

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - AWS's spelling
        """Call PutEvents; entries are as in its API, with times as seconds since the epoch."""
        self._body = payload.encode_bytes({"Entries": Entries})
        try:
            return self._client.put_events(Entries=[])
        finally:
            # A megabyte that nobody needs any more would wait here for the next delivery.
            self._body = b""

    def _write_body(self, params: dict[str, Any], **_: object) -> None:
        params["body"] = self._body
