"""Filter patterns of CloudWatch Logs: documented examples, and a refusal where something is not supported."""

from __future__ import annotations

import json

import pytest

from hookwatch.sandbox.filter_pattern import BadPattern, read_pattern

LINE = json.dumps(
    {
        "message": "delivery",
        "outcome": "publish_failed",
        "total_ms": 12.5,
        "count": 3,
        "cold": True,
        "warm": False,
        "nothing": None,
        "record": {"type": "REPORT", "list": [{"x": 1}, {"x": "two"}]},
    }
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", True),
        ('{ $.outcome = "publish_failed" }', True),
        ('{$.outcome="publish_failed"}', True),
        ("{ $.outcome = publish_failed }", True),
        ('{ $.outcome = "publish_*" }', True),
        ('{ $.outcome = "*_throttled" }', False),
        ('{ $.outcome != "accepted" }', True),
        ('{ $.absent != "accepted" }', False),
        ('{ $.message = "delivery" && $.outcome = "accepted" }', False),
        ('{ $.message = "nothing" || $.outcome = "publish_failed" }', True),
        ('{ ($.message = "delivery") && ($.outcome = "accepted" || $.count = 3) }', True),
        ("{ $.total_ms > 12 }", True),
        ("{ $.total_ms >= 12.5 && $.total_ms <= 12.5 }", True),
        ("{ $.total_ms < 12.5 }", False),
        ("{ $.outcome > 5 }", False),
        ('{ $.count = "3" }', False),
        ("{ $.cold IS TRUE && $.warm IS FALSE }", True),
        ("{ $.nothing IS NULL }", True),
        ("{ $.absent IS NULL }", False),
        ("{ $.absent NOT EXISTS }", True),
        ("{ $.nothing NOT EXISTS }", False),
        ('{ $.record.type = "REPORT" }', True),
        ("{ $.record.list[0].x = 1 }", True),
        ('{ $.record.list[1].x = "two" }', True),
        ("{ $.record.list[2].x = 1 }", False),
        ("publish_failed", True),
        ("publish_failed delivery", True),
        ("publish_failed accepted", False),
        ('"outcome\\": \\"publish_failed"', True),
        ("?accepted ?delivery", True),
        ("?accepted ?parked", False),
        ("delivery -accepted", True),
        ("delivery -publish_failed", False),
    ],
)
def test_a_pattern_matches_as_documented(pattern: str, expected: bool):
    """Comparisons, logic, paths and terms decide as the user guide says."""
    matches = read_pattern(pattern)
    assert not isinstance(matches, BadPattern), matches
    assert matches(LINE) is expected


@pytest.mark.parametrize("line", ["START RequestId: x", "[1, 2]", "{broken", '"text"'])
def test_a_json_pattern_skips_other_lines(line: str):
    """A line that is no JSON object matches no JSON pattern, whatever it compares."""
    matches = read_pattern("{ $.absent NOT EXISTS }")
    assert not isinstance(matches, BadPattern)
    assert matches(line) is False


@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        "{ }",
        "{ $.a = }",
        "{ $.a }",
        "{ a = 1 }",
        '{ $.a = "x" } more',
        '{ $.a = "x" && }',
        "{ ($.a = 1 }",
        "{ $.a IS MAYBE }",
        '{ $.a < "x" }',
        "[a, b]",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str):
    """A pattern that cannot be read is an error, never one that matches everything."""
    assert isinstance(read_pattern(pattern), BadPattern)
