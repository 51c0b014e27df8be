"""Moments as people write them: `6h` ago, or a time of day with its date. Never reads a clock by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hookwatch.recover.problem import Problem

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime, option: str) -> datetime | Problem:
    """The moment that a text means: a span counts back from now, a time without a zone is UTC.

    Args:
        text: what was written.
        now: now.
        option: where it was written, for the sentence that says what is wrong.
    """
    span = _SPAN.fullmatch(text)
    if span is not None:
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return Problem(f"{option} {text!r} is neither a span such as 90m, 6h or 2d nor a time such as 2026-11-27T18:00")
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
