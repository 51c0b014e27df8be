"""What it costs that no delivery is lost: the claim check, the archive, the table of duplicates, and what was parked.

Never counts what consumers fetch from the bucket, and nothing at all for a part that is not there.
"""

import math
from dataclasses import dataclass

from hookwatch.costs.amounts import SECONDS_PER_MONTH
from hookwatch.costs.deployment import Deployment
from hookwatch.costs.lines import Line, line
from hookwatch.costs.prices import Item
from hookwatch.costs.spend import BYTES_PER_GB, Usage, spend
from hookwatch.costs.traffic import LOG_BYTES_PER_DELIVERY, Traffic

DAYS_PER_MONTH = SECONDS_PER_MONTH / 86_400

WRITES_PER_DELIVERY = 2
"""One conditional write that says a delivery is being worked on, one that says it is done; each item is under 1 KB, and
what DynamoDB deletes by itself is free (facts 2.4 and DynamoDB's pricing page, 2026-11)."""
QUEUE_PIECE_BYTES = 65_536
"""SQS bills every 64 KB of a message as one request (facts 5.3, 2026-09)."""
POLLERS = 5
POLL_S = 20
"""An event source mapping looks into its queue by five long polls of 20 s at a time, whether anything is there or not:
recalled, and the part of it that is documented is that Lambda polls (lambda/latest/dg/with-sqs.html, 2026-11)."""
POLLS_PER_MONTH = POLLERS * SECONDS_PER_MONTH / POLL_S


@dataclass(frozen=True, slots=True)
class Parked:
    """What parked deliveries cost beside what every delivery does: into the queue, out of it, and the replay."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """All of it."""
        return math.fsum(each.usd for each in self.lines)


def keeping(traffic: Traffic, deliveries: float, deployment: Deployment) -> tuple[Line, ...]:
    """What a number of deliveries cost that all went well, a line for each part that is there."""
    reached = deliveries if traffic.reaches_function else 0.0
    gb = reached * traffic.entry_bytes / BYTES_PER_GB
    found = []
    if deployment.deduplicates:
        found.append(line(Item.DEDUPE_WRITES, reached * WRITES_PER_DELIVERY))
    if traffic.is_claim_checked(deployment):
        found += [
            line(Item.CLAIM_PUTS, reached),
            line(Item.CLAIM_STORAGE, gb * deployment.claim_days / DAYS_PER_MONTH),
        ]
        gb = reached * traffic.bus_entry_bytes(deployment) / BYTES_PER_GB
    if deployment.archive_days:
        found += [
            line(Item.ARCHIVE, gb),
            line(Item.ARCHIVE_STORAGE, gb * deployment.archive_days / DAYS_PER_MONTH),
        ]
    return tuple(found)


def parked(traffic: Traffic, deliveries: float, deployment: Deployment) -> Parked:
    """What it costs more when so many deliveries are parked first; the replay takes them one by one, at worst."""
    pieces = math.ceil(traffic.bus_entry_bytes(deployment) / QUEUE_PIECE_BYTES)
    replay = Usage(
        invocations=deliveries,
        duration_ms=deliveries * traffic.duration_ms,
        billed_events=0,
        log_bytes=deliveries * LOG_BYTES_PER_DELIVERY,
        traces=0,
        memory_mb=deployment.memory_mb,
    )
    # Sent and received piece by piece, deleted as one.
    queue = line(Item.QUEUE_REQUESTS, deliveries * (2 * pieces + 1))
    return Parked((queue, *(each for each in spend(replay) if each.quantity)))
