"""What the bill must know of a deployment; the command line reads it out of the templates.

Never reads a template itself.
"""

from dataclasses import dataclass
from typing import Literal

from hookwatch.costs.prices import Item


@dataclass(frozen=True, slots=True)
class Charge:
    """Something that costs the same every month: `count` things that make `quantity` units of the price."""

    item: Item
    count: int
    quantity: float


@dataclass(frozen=True, slots=True)
class Guard:
    """An alarm that would see a loop.

    Attributes:
        alarm: its qualified id.
        watches: what it compares with its limit.
        limit: more than this raises it, in invocations a period or in USD an hour.
        period_s: the period of its metric.
        soonest_s: from the first of it to ALARM, at the soonest.
    """

    alarm: str
    watches: Literal["invocations", "usd_per_hour"]
    limit: float
    period_s: int
    soonest_s: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """One stack at one monitoring level.

    Attributes:
        level: the monitoring level.
        memory_mb: memory of each function.
        reserved_concurrency: copies of a function that may run at once; 0 when nothing is reserved.
        max_entry_bytes: entries of this size or more are not published.
        log_retention_days: how long lines are kept.
        masks_logs: whether a data protection policy scans the log groups.
        alarm_traced_share: the share of requests that the alarm SpendRate takes as traced.
        charges: what costs the same every month.
        guards: the alarms that would see a loop.
        unpriced: what the bill leaves out and why: resources without a price here, nested stacks that were not found.
        claim_days: how long the claim-check bucket keeps a payload; 0 where there is no bucket.
        archive_days: how long the archive keeps an event; 0 where there is none.
        deduplicates: whether each delivery is looked up in a table.
    """

    level: str
    memory_mb: int
    reserved_concurrency: int
    max_entry_bytes: int
    log_retention_days: int
    masks_logs: bool
    alarm_traced_share: float
    charges: tuple[Charge, ...]
    guards: tuple[Guard, ...]
    unpriced: tuple[str, ...]
    claim_days: int = 0
    archive_days: int = 0
    deduplicates: bool = False

    @property
    def contributor_rules(self) -> int:
        """Contributor Insights rules, each of which reads every delivery's line."""
        return sum(charge.count for charge in self.charges if charge.item is Item.CONTRIBUTOR_RULES)
