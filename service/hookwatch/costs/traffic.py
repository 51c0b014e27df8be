"""What deliveries use: from a rate and a payload to the quantities that are billed.

Never prices. Every number that is assumed and not given is a constant here with its reason.
"""

import math
from dataclasses import dataclass

from hookwatch.costs.deployment import Deployment
from hookwatch.costs.spend import Usage

DEFAULT_DURATION_MS = 120.0
"""What a delivery takes at 256 MB, PutEvents included. Assumed on the high side (facts 5.3, 2026-11): the handler's own
work is a few milliseconds, the rest is waiting for EventBridge. `--duration` takes what AWS/Lambda Duration says."""
LOG_BYTES_PER_DELIVERY = 1_530
"""An accepted delivery's own line, Lambda's start and report lines, and the 26 bytes that CloudWatch Logs adds to each.
Measured 2026-11, held to the real lines by tests/contract/test_cost.py."""
TRACED_LOG_BYTES = 160
"""How much longer the report line of a traced invocation is. Measured 2026-11, held by the same test."""
ENTRY_OVERHEAD_BYTES = 330
"""What source, detail type, resources, time and the key `hookwatch` add to a payload. Measured and held likewise."""
BILLED_EVENT_BYTES = 65_536
"""EventBridge bills every 64 KB of an entry as one event (aws.amazon.com/eventbridge/pricing, facts read 2026-06)."""
MAX_BUS_ENTRY_BYTES = 1_048_576
"""The most that MaxEntryBytes can be: PutEvents takes entries under 1 MB (botocore 1.44.5, facts read 2026-11)."""
SLIM_ENTRY_BYTES = 4_096
"""About what is left of an event whose payload is in the claim-check bucket; assumed, one billed event in any case."""
MAX_REQUEST_BYTES = 6_291_456
"""Over 6 MB, Lambda answers 413 by itself (gettingstarted-limits.html, facts read 2026-11)."""
REQUESTS_PER_COPY_PER_S = 10
"""A Function URL takes ten requests a second for each copy that may run at once, and answers 429 to more
(https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html, read 2026-11 at second hand)."""
RESERVOIR_PER_S = 1.0
SAMPLED_SHARE = 0.05
"""X-Ray's default rule: the first request of every second, and 5 percent of the others
(https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html, read 2026-11-23). That Lambda uses it, and
counts for each function by itself, is recalled."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What arrives.

    Attributes:
        rate_per_s: deliveries a second, evenly spread, to one function.
        payload_bytes: the size of each.
        duration_ms: how long the function takes for each.
        traced: whether X-Ray samples (the template's Tracing=Active).
    """

    rate_per_s: float
    payload_bytes: int
    duration_ms: float = DEFAULT_DURATION_MS
    traced: bool = True

    @property
    def entry_bytes(self) -> int:
        """The size of a delivery's entry on the bus."""
        return self.payload_bytes + ENTRY_OVERHEAD_BYTES

    @property
    def reaches_function(self) -> bool:
        """Whether Lambda passes a request of this size on."""
        return self.payload_bytes <= MAX_REQUEST_BYTES

    @property
    def fits_bus(self) -> bool:
        """Whether EventBridge takes an entry of this size, if MaxEntryBytes lets it through."""
        return self.reaches_function and self.entry_bytes < MAX_BUS_ENTRY_BYTES

    def is_claim_checked(self, deployment: Deployment) -> bool:
        """Whether the payload goes into the claim-check bucket instead of onto the bus."""
        return bool(self.reaches_function and deployment.claim_days and self.entry_bytes >= deployment.max_entry_bytes)

    def bus_entry_bytes(self, deployment: Deployment) -> int:
        """The size of what goes onto the bus: the slim event, where the payload goes into the bucket."""
        return SLIM_ENTRY_BYTES if self.is_claim_checked(deployment) else self.entry_bytes

    @property
    def traced_share(self) -> float:
        """The share of requests that X-Ray records, from 0 to 1.

        Requests that come by chance (Poisson) leave a second empty with probability e^-rate.
        """
        if not self.traced:
            return 0.0
        if self.rate_per_s == 0:
            return 1.0
        firsts_per_s = -math.expm1(-self.rate_per_s) * RESERVOIR_PER_S
        return (firsts_per_s + SAMPLED_SHARE * (self.rate_per_s - firsts_per_s)) / self.rate_per_s


def usage(traffic: Traffic, deliveries: float, deployment: Deployment, traced_share: float | None = None) -> Usage:
    """What a number of deliveries use; `traced_share` replaces X-Ray's own sampling."""
    reached = deliveries if traffic.reaches_function else 0.0
    fits = traffic.fits_bus or traffic.is_claim_checked(deployment)
    pieces = math.ceil(traffic.bus_entry_bytes(deployment) / BILLED_EVENT_BYTES) if fits else 0
    share = traffic.traced_share if traced_share is None else traced_share
    return Usage(
        invocations=reached,
        duration_ms=reached * traffic.duration_ms,
        billed_events=reached * pieces,
        log_bytes=reached * (LOG_BYTES_PER_DELIVERY + TRACED_LOG_BYTES * share),
        traces=reached * share,
        memory_mb=deployment.memory_mb,
    )


def answered_limit_per_s(copies: int, duration_ms: float) -> float:
    """How many requests a second so many copies can answer."""
    return min(float(REQUESTS_PER_COPY_PER_S * copies), copies * 1000 / duration_ms)
