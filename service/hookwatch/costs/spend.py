"""What running costs, from the five quantities that CloudWatch also counts: the formula of the alarm SpendRate.

Never counts what those metrics do not show (the start of a function, storage, API calls, anything by the month).
"""

from dataclasses import dataclass

from hookwatch.costs.lines import Line, line
from hookwatch.costs.prices import Item

BYTES_PER_GB = 1_073_741_824
"""CloudWatch Logs and Lambda memory are both billed by 1,024 MB (facts read 2026-11)."""
MB_PER_GB = 1_024


@dataclass(frozen=True, slots=True)
class Usage:
    """What ran in some span of time.

    Attributes:
        invocations: AWS/Lambda Invocations, Sum.
        duration_ms: AWS/Lambda Duration, Sum; it leaves out the start of a function.
        billed_events: Hookwatch BilledEvents, Sum: 64 KB pieces of events.
        log_bytes: AWS/Logs IncomingBytes, Sum.
        traces: requests that X-Ray recorded.
        memory_mb: the functions' memory.
    """

    invocations: float
    duration_ms: float
    billed_events: float
    log_bytes: float
    traces: float
    memory_mb: float


def spend(used: Usage) -> tuple[Line, ...]:
    """Price a usage, a line for each of its quantities."""
    return (
        line(Item.REQUESTS, used.invocations),
        line(Item.COMPUTE, used.duration_ms / 1000 * used.memory_mb / MB_PER_GB),
        line(Item.EVENTS, used.billed_events),
        line(Item.LOGS, used.log_bytes / BYTES_PER_GB),
        line(Item.TRACES, used.traces),
    )
