"""Reads the amounts that people type: a rate, a payload, a duration.

Never guesses: what has two readings is refused with both. Values out, a `Misread` where there is none.
"""

import math
import re
from dataclasses import dataclass

HOURS_PER_MONTH = 730
"""A month as AWS bills one (https://aws.amazon.com/lambda/pricing/ and its calculator; facts read 2026-11)."""
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600

_MULTIPLES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_SPANS_S = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("min", "minute"), 60),
    **dict.fromkeys(("h", "hr", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86_400),
    **dict.fromkeys(("w", "week"), 604_800),
    **dict.fromkeys(("mo", "month"), SECONDS_PER_MONTH),
    **dict.fromkeys(("y", "yr", "year"), 12 * SECONDS_PER_MONTH),
}
_BYTES = {
    **dict.fromkeys(("", "b", "byte", "bytes"), 1),
    **dict.fromkeys(("k", "kb"), 1_000),
    **dict.fromkeys(("m", "mb"), 1_000_000),
    "kib": 1_024,
    "mib": 1_048_576,
}
_DURATIONS_MS = {"ms": 1.0, "s": 1_000.0}
_NUMBER = r"(\d+(?:[_,]\d{3})*(?:\.\d+)?|\.\d+)"
_RATE = re.compile(rf"{_NUMBER}\s*([kmb]?)\s*(?:/|\s+per\s+)\s*([a-z]+)", re.IGNORECASE | re.ASCII)
_SIZE = re.compile(rf"{_NUMBER}\s*([a-z]*)", re.IGNORECASE | re.ASCII)

MAX_RATE_PER_S = 1_000_000.0
"""More than any account can take: a Region's PutEvents quota is 10,000 a second or less (facts read 2026-11)."""
MAX_DURATION_MS = 900_000.0
"""A Lambda function runs for fifteen minutes at most (gettingstarted-limits.html, facts read 2026-11)."""


@dataclass(frozen=True, slots=True)
class Misread:
    """What was typed is no such amount, and what would be."""

    sentence: str


def read_rate_per_s(text: str) -> float | Misread:
    """Read `2/s`, `100/min` or `1M/month` as deliveries a second; a month has 730 hours."""
    wanted = "write a number and a time, such as 2/s, 100/min, 5k/day or 1M/month"
    match = _RATE.fullmatch(text.strip())
    if match is None:
        return Misread(f"{text!r} is no rate: {wanted}")
    number, multiple, span = match.group(1), match.group(2).lower(), match.group(3).lower()
    if span == "m":
        return Misread(f"{text!r} may be a minute or a month: write min or month")
    span_s = _SPANS_S.get(span) or _SPANS_S.get(span.removesuffix("s"))
    if span_s is None:
        return Misread(f"{text!r} is no rate, because {match.group(3)} is no time: {wanted}")
    rate_per_s = _number(number) * _MULTIPLES[multiple] / span_s
    if rate_per_s > MAX_RATE_PER_S:
        return Misread(f"{text!r} is more than {MAX_RATE_PER_S:,.0f} a second, which no account takes")
    return rate_per_s


def read_payload_bytes(text: str) -> int | Misread:
    """Read `12KB`, `1.5MB`, `64KiB` or `900` as bytes; KB and MB are decimal, KiB and MiB binary."""
    match = _SIZE.fullmatch(text.strip())
    multiple = _BYTES.get(match.group(2).lower()) if match else None
    if match is None or multiple is None:
        return Misread(f"{text!r} is no size: write bytes or a unit, such as 900, 12KB, 64KiB or 1MB")
    size = _number(match.group(1)) * multiple
    return math.ceil(size) if math.isfinite(size) else Misread(f"{text!r} is too large")


def read_duration_ms(text: str) -> float | Misread:
    """Read `120ms` or `1.5s` as milliseconds."""
    match = _SIZE.fullmatch(text.strip())
    multiple = _DURATIONS_MS.get(match.group(2).lower()) if match else None
    if match is None or multiple is None:
        return Misread(f"{text!r} is no duration: write one such as 120ms or 1.5s")
    duration_ms = _number(match.group(1)) * multiple
    if not 0 < duration_ms <= MAX_DURATION_MS:
        return Misread(f"{text!r} is no duration of a function: more than 0 ms and at most 15 minutes")
    return duration_ms


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))
