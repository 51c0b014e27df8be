"""Messages from the dead-letter queue back into the parking queue. Sends before it deletes, so that none can be lost.

Not by StartMessageMoveTask: that moves everything, and what was given up as damaged would only come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.parked_list import why
from hookwatch.recover.problem import Problem
from hookwatch.recover.replay_model import DAMAGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.parked_queue import Held, Queue

# Long enough to go through a long queue once; what we do not move comes back when it is over, or we are.
HOLD_S = 900


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages are meant.

    Attributes:
        reason: those whose reason begins so; empty for all.
        damaged: also those that were given up as damaged.
        limit: at most so many.
    """

    reason: str = ""
    damaged: bool = False
    limit: int = 1_000_000

    def takes(self, held: Held) -> bool:
        """Whether a message of the dead-letter queue is meant."""
        reason = why(held, dead=True)
        return reason.startswith(self.reason) and (self.damaged or not reason.startswith(DAMAGED))


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of it.

    Attributes:
        moved: how many went back.
        left: how many were looked at and left where they are.
        doubled: how many are in both queues now, because they could not be deleted.
        problem: what stopped it, if something did.
    """

    moved: int
    left: int
    doubled: int = 0
    problem: Problem | None = None


def move_back(dlq: Queue, queue: Queue, choice: Choice, step: Callable[[], None]) -> Moved:
    """Move what is meant, calling `step` for each message."""
    moved = doubled = 0
    left: list[Held] = []
    unsettled: list[Held] = []
    try:
        while moved + doubled < choice.limit:
            received = dlq.receive(choice.limit - moved - doubled, HOLD_S)
            if isinstance(received, Problem):
                return Moved(moved, len(left), doubled, received)
            seen = {each.message.message_id for each in left}
            unsettled = list(received)
            # What comes round again was let go by SQS: we have been through all of it.
            if not received or any(each.message.message_id in seen for each in received):
                break
            for held in received:
                if not choice.takes(held):
                    left.append(unsettled.pop(0))
                    continue
                problem = queue.send(held.message.body)
                if problem is not None:
                    return Moved(moved, len(left), doubled, problem)
                unsettled.pop(0)
                if dlq.delete(held) is None:
                    moved += 1
                else:
                    doubled += 1
                step()
    finally:
        dlq.give_back([*left, *unsettled])
    return Moved(moved, len(left), doubled)
