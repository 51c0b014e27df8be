"""The bill: what a million deliveries cost, and what a month costs.

Never counts a free tier, a tax or a discount, nor what consumers of the events cost.
"""

import math
from dataclasses import dataclass

from hookwatch.costs.amounts import SECONDS_PER_MONTH
from hookwatch.costs.deployment import Deployment
from hookwatch.costs.keeping import DAYS_PER_MONTH, Parked, keeping, parked
from hookwatch.costs.lines import Line, line
from hookwatch.costs.prices import Item
from hookwatch.costs.spend import BYTES_PER_GB, MB_PER_GB, spend
from hookwatch.costs.traffic import MAX_BUS_ENTRY_BYTES, Traffic, answered_limit_per_s, usage

MILLION = 1_000_000

COLD_SHARE = 0.01
INIT_MS = 400.0
"""One delivery in a hundred starts a copy, which takes this long: assumptions (facts, performance section 5, 2026-11;
217 to 359 ms were measured on a faster machine). Together they are about one cent in a million deliveries."""
SECRET_REFRESH_S = 225.0
"""A copy asks for the versions of its secret every 150 to 300 s (REFRESH_INTERVAL_S of ingest/secrets.py, 2026-11)."""
CALLS_PER_START = 2
"""DescribeSecret and GetSecretValue, once in every new copy."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What deliveries cost.

    Attributes:
        deliveries_per_month: how many arrive in 730 hours.
        per_million: lines of what a million deliveries cost at this rate, month-long storage included.
        per_month: the same lines for a month.
        fixed: lines of what a month costs without any delivery.
        parked_million: what a million deliveries cost more that the bus did not take at first.
        notes: what a reader of the numbers must know, in sentences.
    """

    deliveries_per_month: float
    per_million: tuple[Line, ...]
    per_month: tuple[Line, ...]
    fixed: tuple[Line, ...]
    parked_million: Parked
    notes: tuple[str, ...]

    @property
    def million_usd(self) -> float:
        """A million deliveries, fixed costs apart."""
        return total(self.per_million)

    @property
    def fixed_usd(self) -> float:
        """A month without deliveries."""
        return total(self.fixed)

    @property
    def month_usd(self) -> float:
        """A month with them."""
        return total(self.per_month) + self.fixed_usd


def total(lines: tuple[Line, ...]) -> float:
    """Add lines up, in USD."""
    return math.fsum(each.usd for each in lines)


def running(traffic: Traffic, deliveries: float, deployment: Deployment) -> tuple[Line, ...]:
    """Everything that a number of deliveries cost at this rate."""
    used = usage(traffic, deliveries, deployment)
    starts = used.invocations * COLD_SHARE
    logged_gb = used.log_bytes / BYTES_PER_GB
    kept_months = deployment.log_retention_days / DAYS_PER_MONTH
    more = [
        line(Item.COLD_STARTS, starts * INIT_MS / 1000 * used.memory_mb / MB_PER_GB),
        line(Item.LOG_STORAGE, logged_gb * kept_months),
        line(Item.SECRET_CALLS, _refreshes(traffic, used.invocations) + starts * CALLS_PER_START),
    ]
    if deployment.masks_logs:
        more.append(line(Item.LOG_MASKING, logged_gb))
    if deployment.contributor_rules:
        # All deliveries go to one function, and each function has a rule of its own.
        more.append(line(Item.CONTRIBUTOR_MATCHES, used.invocations))
    return (*spend(used), *more, *keeping(traffic, deliveries, deployment))


def bill(traffic: Traffic, deployment: Deployment) -> Bill:
    """Write the bill."""
    deliveries = traffic.rate_per_s * SECONDS_PER_MONTH
    return Bill(
        deliveries_per_month=deliveries,
        per_million=running(traffic, MILLION, deployment),
        per_month=running(traffic, deliveries, deployment),
        fixed=tuple(line(charge.item, charge.quantity) for charge in deployment.charges),
        parked_million=parked(traffic, MILLION, deployment),
        notes=_notes(traffic, deployment),
    )


def _refreshes(traffic: Traffic, deliveries: float) -> float:
    """How often the copies that these deliveries keep busy look whether their secret has changed."""
    if traffic.rate_per_s == 0:
        return deliveries
    copies = max(1, math.ceil(traffic.rate_per_s * traffic.duration_ms / 1000))
    return min(deliveries, copies * deliveries / traffic.rate_per_s / SECRET_REFRESH_S)


def _notes(traffic: Traffic, deployment: Deployment) -> tuple[str, ...]:
    notes = []
    if not traffic.reaches_function:
        notes.append("Lambda answers requests over 6 MB with 413 by itself: no function runs and nothing is billed.")
    elif traffic.is_claim_checked(deployment):
        notes.append(
            f"An entry of {traffic.entry_bytes:,} bytes does not go onto the bus: the payload goes into the "
            f"claim-check bucket for {deployment.claim_days} days, and a slim event that points to it is published. "
            "What consumers fetch is theirs."
        )
    elif not traffic.fits_bus:
        notes.append(
            f"An entry of {traffic.entry_bytes:,} bytes does not fit on any bus ({MAX_BUS_ENTRY_BYTES:,}): these "
            "deliveries end as too_large with 413, and no event is billed."
        )
    elif traffic.entry_bytes >= deployment.max_entry_bytes:
        notes.append(
            f"Priced as if published, but an entry of {traffic.entry_bytes:,} bytes needs MaxEntryBytes above "
            f"{deployment.max_entry_bytes:,}; until then these deliveries end as too_large and no event is billed."
        )
    copies = deployment.reserved_concurrency
    limit_per_s = answered_limit_per_s(copies, traffic.duration_ms)
    if copies and traffic.rate_per_s > limit_per_s:
        notes.append(
            f"ReservedConcurrency={copies} lets {limit_per_s:,.4g} deliveries a second through, at "
            f"{traffic.duration_ms:g} ms each; the rest is answered 429, but priced here as if it were answered."
        )
    if deployment.unpriced:
        notes.append(f"Not in the bill: {'; '.join(deployment.unpriced)}.")
    return tuple(notes)
