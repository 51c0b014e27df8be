"""The parking queue emptied from here, by a person who does not want to wait: the same code as the function's.

Never leaves a message held: what was not settled is given back, also when somebody presses Ctrl-C.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.ingest.publish import Publisher
from hookwatch.recover.problem import Problem
from hookwatch.recover.replay_claim import CheckIn
from hookwatch.recover.replay_one import Replayer
from hookwatch.recover.replay_queue import ParkingQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.parked_queue import Held, Queue
    from hookwatch.recover.parked_stack import Parking
    from hookwatch.recover.replay_model import Verdict

# Ten messages at four seconds each, and room.
HOLD_S = 180


@dataclass(slots=True)
class Drained:
    """What came of it.

    Attributes:
        replayed: how many are on the bus.
        refused: how many went to the dead-letter queue.
        failed: how many stay parked and wait.
        reasons: why, and how often.
        problem: what stopped it, if something did.
        stopped: whether it ended because too many failed one after the other.
    """

    replayed: int = 0
    refused: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    problem: Problem | None = None
    stopped: bool = False

    def count(self, verdict: Verdict) -> None:
        """Count one message."""
        match verdict.outcome:
            case "replayed":
                self.replayed += 1
            case "refused":
                self.refused += 1
            case "failed":
                self.failed += 1
        if verdict.text:
            self.reasons[verdict.text] += 1

    @property
    def settled(self) -> int:
        """How many were looked at."""
        return self.replayed + self.refused + self.failed


@dataclass(frozen=True, slots=True)
class Drain:
    """Empties a parking queue.

    Attributes:
        replayer: publishes one message.
        parking: takes what is given up and what has to wait.
        queue: what messages come from.
    """

    replayer: Replayer
    parking: ParkingQueue
    queue: Queue

    def run(self, limit: int, stop_after: int, step: Callable[[Verdict], None]) -> Drained:
        """Replay until nothing can be received, `limit` is reached, or so many failed one after the other."""
        done = Drained()
        in_a_row = 0
        unsettled: list[Held] = []
        try:
            while done.settled < limit and not done.stopped:
                received = self.queue.receive(limit - done.settled, HOLD_S)
                if isinstance(received, Problem):
                    done.problem = received
                    break
                if not received:
                    break
                unsettled = list(received)
                while unsettled and not done.stopped and done.problem is None:
                    verdict = self._one(unsettled[0], done)
                    unsettled.pop(0)
                    in_a_row = in_a_row + 1 if verdict.outcome == "failed" else 0
                    done.stopped = in_a_row >= stop_after
                    step(verdict)
                if done.problem is not None:
                    break
        finally:
            self.queue.give_back(unsettled)
        return done

    def _one(self, held: Held, done: Drained) -> Verdict:
        verdict = self.replayer.replay(held.message.body)
        if verdict.outcome == "refused":
            code = self.parking.give_up(held.message, verdict.text)
            if code is not None:
                done.problem = Problem(f"the dead-letter queue does not take what is given up ({code})", code=code)
                self.queue.give_back([held])
                return verdict
        if verdict.outcome == "failed":
            self.parking.delay([held.message])
        elif (problem := self.queue.delete(held)) is not None:
            # It is on the bus, or in the dead-letter queue, and will be once more: at least once.
            done.problem = problem
        done.count(verdict)
        return verdict


def drain(account: Account, parking: Parking, queue: Queue) -> Drain:
    """The drain of a stack's parking queue, publishing with the caller's own rights."""
    publisher = Publisher(parking.bus_arn, account.client("events"), _no_details, parking.max_entry_bytes)
    replayer = Replayer(
        publish=publisher.publish,
        objects=account.client("s3"),
        bucket=parking.bucket,
        claim=CheckIn(parking.bucket, lambda: account.client("s3"), parking.max_entry_bytes)
        if parking.bucket
        else None,
        max_entry_bytes=parking.max_entry_bytes,
        clock=time.monotonic,
        now_ms=lambda: time.time_ns() // 1_000_000,
    )
    return Drain(replayer, ParkingQueue(account.client("sqs"), parking.queue_url, parking.dlq_url), queue)


def _no_details(message: str, **fields: object) -> None:
    """What a person sees is the verdict."""
