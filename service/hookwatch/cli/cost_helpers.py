"""What the functions behind the scenes cost while there is nothing to do for them: the replay and the sweeper.

Never counts what they cost when they work: that is a matter of how much was parked, and `hookwatch.costs` has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.costs import Charge, Item
from hookwatch.costs.amounts import SECONDS_PER_MONTH
from hookwatch.costs.keeping import POLLS_PER_MONTH
from hookwatch.costs.spend import MB_PER_GB

if TYPE_CHECKING:
    from hookwatch.cfn import Stack

FUNCTIONS = frozenset({"AWS::Serverless::Function", "AWS::Lambda::Function"})
SCHEDULE = "AWS::Scheduler::Schedule"
MAPPING = "AWS::Lambda::EventSourceMapping"

METRICS_PER_SWEEPER = 3
"""Redelivered, StillMissing and ExpiringSoon: sent with each run, their zero included (`recover/sweeper_log.py`)."""
SWEEP_S = 10.0
SWEEP_MINUTES = 15
"""The sweeper runs every quarter of an hour; how long it takes is assumed, on the high side."""


def helpers(stack: Stack) -> tuple[Charge, ...]:
    """What looking into queues and running on schedule costs a month."""
    kinds = [resource.type for _, resource in stack.walk()]
    polled = kinds.count(MAPPING) + _queues(stack)
    scheduled = sweepers(stack)
    runs = scheduled * SECONDS_PER_MONTH / 60 / SWEEP_MINUTES
    memory_mb = stack.parameters.get("MemorySize")
    gb_s = runs * SWEEP_S * (memory_mb if isinstance(memory_mb, int | float) else 0) / MB_PER_GB
    return (
        Charge(Item.QUEUE_POLLS, polled, polled * POLLS_PER_MONTH),
        Charge(Item.SCHEDULES, scheduled, runs),
        Charge(Item.SCHEDULED_COMPUTE, scheduled, gb_s),
    )


def sweepers(stack: Stack) -> int:
    """How many functions run on a schedule of EventBridge Scheduler; each sends its metrics in every run."""
    return sum(resource.type == SCHEDULE for _, resource in stack.walk())


def _queues(stack: Stack) -> int:
    """How many queues SAM has Lambda look into."""
    sources = (item.properties.get("Events") for _, item in stack.walk() if item.type in FUNCTIONS)
    return sum(
        event.get("Type") == "SQS" for events in sources if isinstance(events, dict) for event in events.values()
    )
