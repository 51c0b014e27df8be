"""Moments as people write them: `6h` ago, or a time of day with its date. Never reads a clock by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hookwatch.recover.problem import Problem

_SPAN = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|w)(?:\s+ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime, option: str) -> datetime | Problem:
    """The moment that a text means: a span counts back from now, a time without a zone is UTC.

    Args:
        text: what was written.
        now: now.
        option: where it was written, for the sentence that says what is wrong.
    """
    text = text.strip()
    span = _SPAN.fullmatch(text)
    try:
        if text == "now":
            return now.astimezone(UTC)
        if span is not None:
            return now.astimezone(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return Problem(f"{option} {text!r} is neither a span such as 90m, 6h or 2d nor a time such as 2026-11-27T18:00")


def shown(when: datetime) -> str:
    """A moment for people and for AWS's own tool."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
