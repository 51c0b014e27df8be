"""From when to when a dashboard query asks.

Never reads a clock: the sandbox's time is given.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.query_entry import BadQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MINUTES = 60
MINUTE_S = 60
MAX_TIME_S = 4_102_444_800
"""1 January 2100: beyond it a number is no Unix time in seconds, but most likely one in milliseconds."""

_AGO = re.compile(r"-P(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?")


def read_span(document: Mapping[str, Any], now_s: float, align_s: int) -> tuple[int, int] | BadQuery:
    """Return start and end in Unix seconds.

    Args:
        document: Holds `start` and `end` (ISO 8601, Unix seconds or `-PT3H`; also StartTime and EndTime) or `minutes`.
        now_s: Sandbox time; the end where none is given, rounded up so that the running period is shown too.
        align_s: The longest period; start is a multiple of it.
    """
    end = document.get("end", document.get("EndTime"))
    end_s = math.ceil(now_s / align_s) * align_s if end is None else _moment(end, now_s)
    if isinstance(end_s, BadQuery):
        return end_s
    start = document.get("start", document.get("StartTime"))
    if start is None:
        minutes = document.get("minutes", DEFAULT_MINUTES)
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes < MAX_TIME_S:
            return BadQuery("minutes must be a number above 0")
        start = end_s - minutes * MINUTE_S
    start_s = _moment(start, now_s)
    if isinstance(start_s, BadQuery):
        return start_s
    if not 0 <= start_s < end_s:
        return BadQuery("start must be before end")
    return int(start_s // align_s) * align_s, math.ceil(end_s)


def _moment(value: Any, now_s: float) -> float | BadQuery:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value <= MAX_TIME_S:
            return BadQuery(f"{value!r} is no Unix time in seconds")
        return float(value)
    if isinstance(value, str) and (ago := _AGO.fullmatch(value)) and any(ago.groups()):
        days, hours, minutes = (int(part or 0) for part in ago.groups())
        return now_s - ((days * 24 + hours) * 60 + minutes) * MINUTE_S
    try:
        moment = datetime.fromisoformat(value)
        moment_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return BadQuery(f"{value!r} is no time: write 2026-11-22T10:00:00Z, Unix seconds or -PT3H")
    return moment_s if 0 <= moment_s <= MAX_TIME_S else BadQuery(f"{value} is before 1970 or after 2100")
