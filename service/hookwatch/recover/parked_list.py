"""What waits in the two queues: how much, how long, whose. Changes nothing but receive counts of what it looks at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hookwatch.ingest.parked import Parked, decode
from hookwatch.recover.parked_queue import TOO_MANY_RECEIVES, Held, Queue
from hookwatch.recover.problem import Problem
from hookwatch.recover.replay_model import DAMAGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.parked_stack import Parking

# Long enough to look at a message; if we are interrupted it comes back by itself.
HOLD_S = 60
# SQS tells CloudWatch the age of the oldest message each minute, late by a few.
METRIC_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that are alike in what a person asks first."""

    provider: str
    detail_type: str
    reason: str
    messages: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue.

    Attributes:
        name: the queue's name.
        visible: how many can be received now.
        in_flight: how many are being worked on, or wait after a failure.
        oldest_age_s: the age of the oldest message as SQS tells CloudWatch, or of the oldest one looked at; None if
            neither is known.
        looked_at: how many messages were looked at.
        groups: what they are, the most frequent first.
    """

    name: str
    visible: int
    in_flight: int
    oldest_age_s: int | None
    looked_at: int
    groups: tuple[Group, ...]


def read_waiting(account: Account, parking: Parking, sample: int, now: datetime) -> tuple[Waiting, ...] | Problem:
    """Look at the parking queue and its dead-letter queue, and at up to `sample` messages of each."""
    found: list[Waiting] = []
    for url in (parking.queue_url, parking.dlq_url):
        queue = Queue(account, url)
        depth = queue.depth()
        if isinstance(depth, Problem):
            return depth
        held = peek(queue, sample if depth.visible else 0)
        if isinstance(held, Problem):
            return held
        # CloudWatch keeps the last value for a while after a queue has run empty.
        age_s = _age_s(account, queue.name, now) if depth.visible + depth.in_flight else None
        if age_s is None and held:
            age_s = max(0, round(now.timestamp() - min(each.sent_ms for each in held) / 1000))
        kinds = groups(held, dead=url == parking.dlq_url)
        found.append(Waiting(queue.name, depth.visible, depth.in_flight, age_s, len(held), kinds))
    return tuple(found)


def peek(queue: Queue, limit: int, until: Callable[[Held], bool] = lambda _: False) -> tuple[Held, ...] | Problem:
    """Look at up to so many messages, stopping behind the one that is looked for, and give all of them back."""
    held: list[Held] = []
    try:
        while len(held) < limit:
            received = queue.receive(limit - len(held), HOLD_S)
            if isinstance(received, Problem):
                return received
            held.extend(received)
            if not received or any(until(each) for each in received):
                break
    finally:
        queue.give_back(held)
    return tuple(held)


def groups(held: tuple[Held, ...], *, dead: bool) -> tuple[Group, ...]:
    """Count messages of the parking queue, or of its dead-letter queue, by provider, detail-type and why."""
    counts = Counter(_kind(each, dead=dead) for each in held)
    return tuple(Group(*kind, messages) for kind, messages in counts.most_common())


def why(held: Held, *, dead: bool) -> str:
    """Why a message is where it is: what it says, what it was parked for, or what is wrong with it."""
    parked = decode(held.message.body)
    if held.reason:
        return held.reason
    if not isinstance(parked, Parked):
        return f"{DAMAGED}{parked.reason}"
    return TOO_MANY_RECEIVES if dead else parked.reason


def _kind(held: Held, *, dead: bool) -> tuple[str, str, str]:
    parked = decode(held.message.body)
    reason = why(held, dead=dead)
    if isinstance(parked, Parked):
        return parked.provider, parked.envelope.detail_type, reason
    return parked.provider or "?", "?", reason


def _age_s(account: Account, queue: str, now: datetime) -> int | None:
    now = now.astimezone(UTC)
    answer = account.ask(
        "cloudwatch",
        "get_metric_statistics",
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - METRIC_WINDOW,
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    points = [] if isinstance(answer, Problem) else answer.get("Datapoints", [])
    return round(max(points, key=lambda point: point["Timestamp"])["Maximum"]) if points else None
