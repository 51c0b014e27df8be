"""What a deployed stack says about its parking: queues, bucket, bus, limits. Never changes a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES
from hookwatch.recover.loop_stop import Problem

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
    answer = account.ask("cloudformation", "describe_stacks", StackName=name)
    if isinstance(answer, Problem):
        if answer.code == "ValidationError":
            return Problem(f"there is no stack {name} in this account and Region: name it with --stack")
        return answer
    stack = answer["Stacks"][0]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    parameters = {item["ParameterKey"]: item.get("ParameterValue", "") for item in stack.get("Parameters", [])}
    for key in ("ParkingQueueUrl", "ParkingDlqUrl", "EventBusArn"):
        if not outputs.get(key):
            return Problem(
                f"the stack {name} has no output {key}: is it hookwatch's, and deployed since parking came with it?"
            )
    size = parameters.get("MaxEntryBytes", "")
    return Parking(
        queue_url=outputs["ParkingQueueUrl"],
        dlq_url=outputs["ParkingDlqUrl"],
        bucket=outputs.get("ClaimBucketName", ""),
        bus_arn=outputs["EventBusArn"],
        max_entry_bytes=int(size) if size.isdigit() else DEFAULT_MAX_ENTRY_BYTES,
        archive=outputs.get("ArchiveName", ""),
    )
