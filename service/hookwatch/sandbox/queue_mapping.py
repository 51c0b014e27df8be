"""Event source mappings of queues, as the emulator keeps them: AWS's own commands list and change them there.

Never receives a message. Blocking: call it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hookwatch.sandbox.cloud_model import ACCOUNT
from hookwatch.sandbox.deploy_sources import function_name

INITIAL_CONCURRENCY = 5
"""Batches at once without a maximum: Lambda starts with five and scales to a thousand more than a laptop has
(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html, read 2026-11-27)."""

PARTIAL = "ReportBatchItemFailures"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMapping:
    """One mapping.

    Attributes:
        uuid: Its id.
        queue_arn: The queue that it reads.
        function: Name of the function that it invokes.
        enabled: Whether it reads.
        batch_size: Messages in one event, at most.
        window_s: How long messages are gathered for a fuller batch.
        partial: Whether the function says which messages of a batch failed.
        concurrency: Batches at once, at most.
    """

    uuid: str
    queue_arn: str
    function: str
    enabled: bool
    batch_size: int = 10
    window_s: int = 0
    partial: bool = False
    concurrency: int = INITIAL_CONCURRENCY

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.queue_arn.rsplit(":", 1)[-1]

    def queue_url(self, endpoint: str) -> str:
        """Return the queue's URL at an endpoint."""
        return f"{endpoint}/{ACCOUNT}/{self.queue}"


def read_mappings(client: Any) -> dict[str, QueueMapping]:
    """Return the mappings of all queues by their ids."""
    found: dict[str, QueueMapping] = {}
    page: dict[str, Any] = {}
    while True:
        answer = client.list_event_source_mappings(**page)
        for listed in answer["EventSourceMappings"]:
            if ":sqs:" in listed.get("EventSourceArn", ""):
                found[listed["UUID"]] = _mapping(listed)
        if not answer.get("NextMarker"):
            return found
        page = {"Marker": answer["NextMarker"]}


def _mapping(listed: Any) -> QueueMapping:
    return QueueMapping(
        uuid=listed["UUID"],
        queue_arn=listed["EventSourceArn"],
        function=function_name(listed["FunctionArn"]),
        enabled=listed["State"] == "Enabled",
        batch_size=int(listed.get("BatchSize") or 10),
        window_s=int(listed.get("MaximumBatchingWindowInSeconds") or 0),
        partial=PARTIAL in (listed.get("FunctionResponseTypes") or ()),
        concurrency=int((listed.get("ScalingConfig") or {}).get("MaximumConcurrency") or INITIAL_CONCURRENCY),
    )
