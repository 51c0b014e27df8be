"""Asks EventBridge itself: one TestEventPattern call, and what it means beside our own verdict.

This module never makes a client and never retries; it is given one. It knows no botocore type: an error is told by
the code that botocore puts into its response.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

_INVALID_PATTERN = "InvalidEventPatternException"
_REASON = "Reason: "


class Client(Protocol):
    """The part of boto3's `events` client that is used."""

    def test_event_pattern(self, *, EventPattern: str, Event: str) -> Any:  # noqa: N803 - boto3 spells its arguments so
        """Ask whether the pattern matches the event."""


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What the service said.

    Attributes:
        matched: its verdict; None where it refused the pattern.
        reason: its reason for refusing the pattern, first line; "" otherwise.
    """

    matched: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The service could not be asked, or refused the event; `problem` is what to tell the user."""

    problem: str


def ask(client: Client, pattern: str, event: str) -> LiveAnswer | NoAnswer:
    """Ask the service about one pair. The event has to be complete (see `envelope`)."""
    try:
        answer = client.test_event_pattern(EventPattern=pattern, Event=event)
    except Exception as error:  # noqa: BLE001 - boto3 builds its error classes at run time; all of them end here as a value
        details = getattr(error, "response", None)
        failure = details.get("Error", {}) if isinstance(details, dict) else {}
        message = str(failure.get("Message") or error).splitlines()[0]
        if failure.get("Code") == _INVALID_PATTERN:
            return LiveAnswer(None, message.partition(_REASON)[2] or message)
        return NoAnswer(f"{failure.get('Code') or type(error).__name__}: {message}")
    result = answer.get("Result") if isinstance(answer, dict) else None
    return LiveAnswer(result) if isinstance(result, bool) else NoAnswer("the answer has no Result")
