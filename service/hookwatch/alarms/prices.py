"""What an alarm costs a month.

Never counts the free tier (ten standard alarm metrics an account) and never asks AWS. us-east-1, USD.
Source: https://aws.amazon.com/cloudwatch/pricing/ and the observability facts, read 2026-11; the anomaly figure (three
alarm metrics) is recalled there, not seen.
"""

from dataclasses import dataclass
from typing import Any

from hookwatch.alarms.queries import HIGH_RESOLUTION_PERIODS_S
from hookwatch.alarms.reading import ALARM_TYPES, COMPOSITE_ALARM
from hookwatch.cfn import Resource, Stack

STANDARD_USD = 0.10
"""One alarm metric at a period of a minute or more."""
HIGH_RESOLUTION_USD = 0.30
"""One alarm metric at a period of 10, 20 or 30 s."""
COMPOSITE_USD = 0.50
"""One composite alarm."""
ANOMALY_METRICS = 3
"""Alarm metrics that one metric under an anomaly band counts for: the metric and two bounds."""
PRICES_READ = "us-east-1, aws.amazon.com/cloudwatch/pricing, read 2026-11, free tier not counted"


@dataclass(frozen=True, slots=True)
class Price:
    """A price a month in USD, and how it is made up."""

    usd: float
    made_of: str

    def __str__(self) -> str:
        return f"${self.usd:.2f} a month ({self.made_of})"


def alarm_price(resource: Resource) -> Price:
    """Return the price of one alarm resource."""
    if resource.type == COMPOSITE_ALARM:
        return Price(COMPOSITE_USD, "one composite alarm")
    entries = resource.properties.get("Metrics")
    if not isinstance(entries, list):
        return _metrics(1, fine=_is_fine(resource.properties.get("Period")), banded=False)
    stats = [entry["MetricStat"] for entry in entries if isinstance(entry, dict) and "MetricStat" in entry]
    fine = any(_is_fine(stat.get("Period")) for stat in stats if isinstance(stat, dict))
    banded = any("ANOMALY_DETECTION_BAND" in str(entry) for entry in entries)
    return _metrics(max(1, len(stats)), fine=fine, banded=banded)


def stack_prices(stack: Stack) -> dict[str, Price]:
    """Return the price of every alarm of a stack and its nested stacks, by qualified id."""
    return {key: alarm_price(resource) for key, resource in stack.walk() if resource.type in ALARM_TYPES}


def _is_fine(period: Any) -> bool:
    return str(period).isdigit() and int(period) in HIGH_RESOLUTION_PERIODS_S


def _metrics(count: int, *, fine: bool, banded: bool) -> Price:
    each = HIGH_RESOLUTION_USD if fine else STANDARD_USD
    billed = count * ANOMALY_METRICS if banded else count
    kind = "high-resolution metric" if fine else "metric"
    spoken = f"{billed} {kind}{'s' if billed > 1 else ''} at ${each:.2f}"
    return Price(round(billed * each, 2), f"{spoken}, an anomaly band counts threefold" if banded else spoken)
