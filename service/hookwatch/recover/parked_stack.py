"""What a deployed stack says about its parking: queues, bucket, bus, limits. Never changes a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES
from hookwatch.recover.problem import Problem
from hookwatch.recover.stack_outputs import stack_facts

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop_aws import Account


@dataclass(frozen=True, slots=True)
class Parking:
    """The parking of one stack.

    Attributes:
        queue_url: the parking queue.
        dlq_url: its dead-letter queue.
        bucket: the bucket for what the queue cannot hold; empty where there is none.
        bus_arn: the bus that everything goes to.
        max_entry_bytes: the largest entry that the bus takes.
        archive: the archive of the bus, by name; empty where there is none.
    """

    queue_url: str
    dlq_url: str
    bucket: str
    bus_arn: str
    max_entry_bytes: int
    archive: str


def read_parking(account: Account, name: str) -> Parking | Problem:
    """Read a stack's outputs and parameters."""
    facts = stack_facts(account, name)
    if isinstance(facts, Problem):
        return facts
    outputs = facts.outputs
    for key in ("ParkingQueueUrl", "ParkingDlqUrl", "EventBusArn"):
        if not outputs.get(key):
            return Problem(
                f"the stack {name} has no output {key}: is it hookwatch's, and deployed since parking came with it?"
            )
    size = facts.parameters.get("MaxEntryBytes", "")
    return Parking(
        queue_url=outputs["ParkingQueueUrl"],
        dlq_url=outputs["ParkingDlqUrl"],
        bucket=outputs.get("ClaimBucketName", ""),
        bus_arn=outputs["EventBusArn"],
        max_entry_bytes=int(size) if size.isdigit() else DEFAULT_MAX_ENTRY_BYTES,
        archive=outputs.get("ArchiveName", ""),
    )
