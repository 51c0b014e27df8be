"""Completes an event with the fields that EventBridge's TestEventPattern insists on.

This module never changes what is there: missing fields are put in front of the text, so that number literals and
duplicate keys stay as they were written. Standard library only.
"""

from __future__ import annotations

import json

from hookwatch.patterns import jsontext
from hookwatch.patterns.errors import InvalidEvent

MANDATORY: dict[str, str | list[str]] = {
    "id": "00000000-0000-0000-0000-000000000000",
    "account": "123456789012",
    "source": "hookwatch.sample",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "hookwatch sample",
}
"""Fields that the service asks for (docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html,
facts read 2026-11), with values that no rule of anybody's asks for. An empty `resources` counts as absent."""


def complete(event: str) -> tuple[str, tuple[str, ...]]:
    """Give the event with every mandatory field, and the names of those that were missing.

    Raises:
        InvalidEvent: not a JSON object.
    """
    try:
        node = jsontext.read(event)
    except jsontext.NotJson as broken:
        raise InvalidEvent(str(broken)) from None
    if not isinstance(node, tuple):
        raise InvalidEvent("an event is a JSON object")
    present = {key for key, _ in node}
    missing = tuple(name for name in MANDATORY if name not in present)
    if not missing:
        return event, ()
    added = json.dumps({name: MANDATORY[name] for name in missing})[1:-1]
    body = event.strip()[1:].lstrip()
    return f"{{{added}{'' if body.startswith('}') else ', '}{body}", missing
