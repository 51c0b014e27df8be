"""The answer of `hookwatch cost` as plain data: what `--json` prints and the tables are drawn from.

Never computes a price; rounds to a millionth of a cent.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hookwatch.costs import PRICES
from hookwatch.costs.bill import COLD_SHARE, INIT_MS, MILLION, total
from hookwatch.costs.prices import REGION, Item
from hookwatch.costs.spend import spend
from hookwatch.costs.traffic import (
    BILLED_EVENT_BYTES,
    LOG_BYTES_PER_DELIVERY,
    RESERVOIR_PER_S,
    SAMPLED_SHARE,
    usage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookwatch.costs import Bill, Deployment, Line, LoopCase, Traffic

USD_DIGITS = 8

IN_SPEND_ALARM = frozenset({Item.REQUESTS, Item.COMPUTE, Item.EVENTS, Item.LOGS, Item.TRACES})
"""What the alarm SpendRate and the dashboard's spend widget model too."""


def document(
    traffic: Traffic, deployment: Deployment, billed: Bill, levels: Mapping[str, Bill], loops: Sequence[LoopCase]
) -> dict[str, Any]:
    """Put everything together."""
    month = billed.deliveries_per_month
    used = usage(traffic, MILLION, deployment)
    return {
        "region": REGION,
        "currency": "USD",
        "rate": {"per_s": traffic.rate_per_s, "per_month": month},
        "payload": {
            "bytes": traffic.payload_bytes,
            "entry_bytes": traffic.entry_bytes,
            "billed_events": round(used.billed_events / MILLION),
        },
        "level": deployment.level,
        "tracing": "on" if traffic.traced else "off",
        "traced_share": round(traffic.traced_share, 4),
        "duration_ms": traffic.duration_ms,
        "memory_mb": deployment.memory_mb,
        "items": [
            *(_delivery_item(*pair) for pair in zip(billed.per_million, billed.per_month, strict=True)),
            *(_fixed_item(line) for line in billed.fixed),
        ],
        "total": {
            "usd_per_million": _usd(billed.million_usd),
            "usd_per_month": _usd(billed.month_usd),
            "usd_fixed_per_month": _usd(billed.fixed_usd),
            "usd_per_million_all_in": _usd(billed.month_usd / month * MILLION) if month else None,
            "usd_per_hour_as_the_alarm_sees_it": _usd(_alarm_sees(traffic, deployment)),
        },
        "levels": {
            name: {
                "usd_per_month": _usd(each.month_usd),
                "usd_fixed_per_month": _usd(each.fixed_usd),
                "fixed": {line.item.value: _usd(line.usd) for line in each.fixed},
            }
            for name, each in levels.items()
        },
        "parked": {
            "usd_per_million": _usd(billed.parked_million.usd),
            "items": {line.item.value: _usd(line.usd) for line in billed.parked_million.lines},
        },
        "loop": [_loop(case) for case in loops],
        "prices": [
            {
                "item": item.value,
                "name": price.name,
                "usd": price.usd,
                "per": price.per,
                "unit": price.unit,
                "source": price.source,
                "read": price.read,
                "recalled": price.recalled,
            }
            for item, price in PRICES.items()
        ],
        "assumptions": _assumptions(traffic),
        "notes": list(billed.notes),
    }


def _delivery_item(million: Line, month: Line) -> dict[str, Any]:
    return {
        **_item(million, "per_delivery"),
        "quantity_per_million": million.quantity,
        "usd_per_million": _usd(million.usd),
        "quantity_per_month": month.quantity,
        "usd_per_month": _usd(month.usd),
    }


def _fixed_item(line: Line) -> dict[str, Any]:
    return {
        **_item(line, "fixed"),
        "quantity_per_million": None,
        "usd_per_million": None,
        "quantity_per_month": line.quantity,
        "usd_per_month": _usd(line.usd),
    }


def _item(line: Line, kind: str) -> dict[str, Any]:
    price = line.price
    return {
        "item": line.item.value,
        "name": price.name,
        "kind": kind,
        "unit": price.unit,
        "unit_usd": float(f"{price.usd_each:.12g}"),
        "in_spend_alarm": line.item in IN_SPEND_ALARM,
    }


def _loop(case: LoopCase) -> dict[str, Any]:
    return {
        "capped": case.capped,
        "concurrency": case.copies,
        "offered_per_s": case.offered_per_s,
        "limit_per_s": round(case.limit_per_s, 3),
        "answered_per_s": round(case.answered_per_s, 3),
        "refused_per_s": round(case.refused_per_s, 3),
        "usd_per_hour": _usd(case.hour_usd),
        "usd_per_day": _usd(case.day_usd),
        "items": {line.item.value: _usd(line.usd) for line in case.day},
        "alarms": [
            {
                "alarm": seen.guard.alarm,
                "watches": seen.guard.watches,
                "value": round(seen.value, 6),
                "limit": seen.guard.limit,
                "fires": seen.spent_usd is not None,
                "soonest_s": None if seen.spent_usd is None else seen.guard.soonest_s,
                "spent_usd": None if seen.spent_usd is None else _usd(seen.spent_usd),
            }
            for seen in case.sightings
        ],
    }


def _alarm_sees(traffic: Traffic, deployment: Deployment) -> float:
    hour = usage(traffic, traffic.rate_per_s * 3600, deployment, deployment.alarm_traced_share)
    return total(spend(hour))


def _assumptions(traffic: Traffic) -> list[str]:
    return [
        "List prices without free tiers, taxes and discounts; what consumers of the events cost is theirs.",
        "Deliveries are spread evenly, accepted at once, and all go to one function.",
        f"The function takes {traffic.duration_ms:g} ms for each. {COLD_SHARE:.0%} start a copy: {INIT_MS:g} ms more.",
        f"A delivery writes {LOG_BYTES_PER_DELIVERY:,} bytes of log, Lambda's own lines included.",
        f"X-Ray records {RESERVOIR_PER_S:g} request a second and {SAMPLED_SHARE:.0%} of the others."
        if traffic.traced
        else "X-Ray records nothing; a caller who asks for a trace is not foreseen.",
        f"EventBridge bills every {BILLED_EVENT_BYTES:,} bytes of an entry; delivery within the account is free.",
        "Custom metrics are those of a healthy function, billed for the whole month.",
    ]


def _usd(amount: float) -> float:
    return round(amount, USD_DIGITS) if math.isfinite(amount) else amount
