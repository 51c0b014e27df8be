"""The amounts that people type after --rate, --payload and --duration."""

from __future__ import annotations

import pytest

from hookwatch.costs import Misread, read_duration_ms, read_payload_bytes, read_rate_per_s

MONTH_S = 730 * 3600


@pytest.mark.parametrize(
    ("text", "per_s"),
    [
        ("2/s", 2),
        ("0/s", 0),
        ("0.5/sec", 0.5),
        (".5/second", 0.5),
        ("100/min", 100 / 60),
        ("90 / hour", 0.025),
        ("5k/day", 5_000 / 86_400),
        ("1M/month", 1_000_000 / MONTH_S),
        ("1m/mo", 1_000_000 / MONTH_S),
        ("1,000,000/month", 1_000_000 / MONTH_S),
        ("1_000/d", 1_000 / 86_400),
        ("2.5M per month", 2_500_000 / MONTH_S),
        ("7/weeks", 7 / 604_800),
        ("1B/year", 1_000_000_000 / (12 * MONTH_S)),
    ],
)
def test_a_rate_is_deliveries_in_a_time(text: str, per_s: float) -> None:
    """Multiples and times that people write are understood; a month has 730 hours."""
    assert read_rate_per_s(text) == pytest.approx(per_s)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5/m", "min or month"),
        ("2", "is no rate"),
        ("", "is no rate"),
        ("fast", "is no rate"),
        ("-1/s", "is no rate"),
        ("1e3/s", "is no rate"),
        ("nan/s", "is no rate"),
        ("inf/s", "is no rate"),
        ("1,00/s", "is no rate"),
        ("2/fortnight", "fortnight is no time"),
        ("2/s/s", "is no rate"),
        ("2M/s", "no account takes"),
        ("9" * 400 + "/s", "no account takes"),
        ("٣/s", "is no rate"),
    ],
)
def test_no_rate_is_guessed(text: str, says: str) -> None:
    """What is no rate, or may be two, is refused with what would be one."""
    misread = read_rate_per_s(text)
    assert isinstance(misread, Misread)
    assert says in misread.sentence


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("12KB", 12_000),
        ("12kb", 12_000),
        ("12 k", 12_000),
        ("64KiB", 65_536),
        ("1MB", 1_000_000),
        ("1.5MB", 1_500_000),
        ("1MiB", 1_048_576),
        ("900", 900),
        ("900B", 900),
        ("0", 0),
        ("0.1", 1),
        ("1,048,576 bytes", 1_048_576),
    ],
)
def test_a_payload_is_bytes(text: str, size: int) -> None:
    """KB and MB are decimal, KiB and MiB binary, a bare number is bytes, and part of a byte is a byte."""
    assert read_payload_bytes(text) == size


@pytest.mark.parametrize("text", ["12XB", "", "KB", "-1KB", "1e6", "1GB", "12KB/s", "9" * 400])
def test_no_payload_is_guessed(text: str) -> None:
    """What is no size is refused."""
    assert isinstance(read_payload_bytes(text), Misread)


@pytest.mark.parametrize(("text", "duration_ms"), [("120ms", 120), ("1.5s", 1500), ("0.5 ms", 0.5), ("900s", 900_000)])
def test_a_duration_has_its_unit(text: str, duration_ms: float) -> None:
    """Milliseconds and seconds."""
    assert read_duration_ms(text) == duration_ms


@pytest.mark.parametrize("text", ["120", "0ms", "16min", "901s", "-5ms", "fast"])
def test_no_duration_is_guessed(text: str) -> None:
    """A bare number, nothing at all and more than Lambda runs are refused."""
    assert isinstance(read_duration_ms(text), Misread)
