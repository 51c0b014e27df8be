"""A moment as a person writes it: ISO 8601, or how long ago. Pure: what time it is now, it is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SPAN = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|w)(?:\s+ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}

EXAMPLES = "2026-11-27T20:00Z, 2026-11-27T21:00+01:00, 6h, '30 min ago', now"


def moment(text: str, now: datetime) -> datetime | None:
    """The moment that a text means, in UTC; None if it means none. A time without an offset is UTC."""
    text = text.strip()
    if text == "now":
        return now.astimezone(UTC)
    span = _SPAN.fullmatch(text)
    try:
        if span is not None:
            return now.astimezone(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def shown(when: datetime) -> str:
    """A moment for people and for AWS's own tool."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
