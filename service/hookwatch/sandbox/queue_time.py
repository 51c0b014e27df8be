"""Waiting in queues, in sandbox time: a visibility timeout of a minute is a second under `--speed 60`.

Never touches what a message is or how often it was received. Retention stays the emulator's, in real time: it is days.
"""

from __future__ import annotations

import json
import math
from typing import Any

WAITS = ("VisibilityTimeout", "DelaySeconds")
OPERATIONS = frozenset(
    {
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "ReceiveMessage",
        "SendMessage",
        "SendMessageBatch",
    }
)


def quickened(operation: str, body: bytes, speed: float) -> bytes:
    """Return the body of an SQS call with its waits in real seconds.

    Args:
        operation: AWS's name of it; every other operation's body comes back as it is.
        body: JSON; anything else comes back as it is.
        speed: how many sandbox seconds pass in one real second.
    """
    # A message's own text may hold these words too: only a body that can hold a wait is read.
    if speed == 1 or operation not in OPERATIONS or not any(name.encode() in body for name in WAITS):
        return body
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(asked, dict):
        return body
    entries = asked.get("Entries")
    for each in (asked, *(entries if isinstance(entries, list) else ())):
        _shorten(each, speed)
    return json.dumps(asked, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _shorten(asked: Any, speed: float) -> None:
    for name in WAITS:
        if isinstance(asked, dict) and isinstance(wait_s := asked.get(name), int) and wait_s > 0:
            asked[name] = max(1, math.ceil(wait_s / speed))
