"""Judges EventBridge event patterns offline: does this pattern match this event, and if not, why not.

This package never calls AWS and imports nothing of the rest of hookwatch but `cfn` (and that only in `rules`). The
matcher is pure standard library. It agrees with event-ruler 2.0.1 and with the recorded answers of the real
TestEventPattern on all cases of the conformance sets (facts measured 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.errors import InvalidEvent, InvalidPattern
from hookwatch.patterns.explanation import Explanation, explain_compiled
from hookwatch.patterns.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Explanation", "InvalidEvent", "InvalidPattern", "Pattern", "compile_pattern", "explain", "matches"]


def matches(pattern: str | Mapping[str, Any], event: str | Mapping[str, Any]) -> bool:
    """Tell whether EventBridge would send `event` to the targets of a rule with `pattern`.

    JSON text keeps what a dict cannot: number literals and duplicate keys, both of which EventBridge sees.

    Raises:
        InvalidPattern: EventBridge would refuse the pattern.
        InvalidEvent: the event is no JSON object.
    """
    return compile_pattern(pattern).matches(event)


def explain(pattern: str | Mapping[str, Any], event: str | Mapping[str, Any]) -> Explanation:
    """Explain that verdict: per path what is wanted, what was found, and why not.

    Raises:
        InvalidPattern: EventBridge would refuse the pattern.
        InvalidEvent: the event is no JSON object.
    """
    return explain_compiled(compile_pattern(pattern), event)
