"""The rule of SendMessage that ministack does not hold its callers to: attributes count towards a message's size.

Never sends. ministack 1.5.33 refuses a body of more than 1 MiB and characters that SQS does not take (measured
2026-11-27), but not a body of 1 MiB with an attribute beside it. Source:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html, read 2026-11-27.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE_BYTES = 1_048_576
OPERATIONS = frozenset({"SendMessage", "SendMessageBatch"})


def too_long(operation: str, body: bytes) -> tuple[str, str] | None:
    """Return code and message of the refusal of a call whose messages are too large, None for any other call."""
    if operation not in OPERATIONS or len(body) <= MAX_MESSAGE_BYTES:
        return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None  # the emulator says what is wrong with it
    entries = asked.get("Entries", [asked]) if isinstance(asked, dict) else []
    total_bytes = sum(message_bytes(entry) for entry in entries if isinstance(entry, dict))
    if total_bytes <= MAX_MESSAGE_BYTES:
        return None
    if operation == "SendMessageBatch":
        return (
            "BatchRequestTooLong",
            f"Batch requests cannot be longer than {MAX_MESSAGE_BYTES} bytes. You have sent {total_bytes} bytes.",
        )
    return (
        "InvalidParameterValue",
        f"One or more parameters are invalid. Reason: Message must be shorter than {MAX_MESSAGE_BYTES} bytes.",
    )


def message_bytes(entry: Mapping[str, Any]) -> int:
    """Return the size of a message as SQS counts it: its body, and name, type and value of each attribute."""
    total = len(str(entry.get("MessageBody") or "").encode(errors="surrogatepass"))
    for name, value in (entry.get("MessageAttributes") or {}).items():
        texts = (name, value.get("DataType", ""), value.get("StringValue", ""))
        total += sum(len(str(text).encode(errors="surrogatepass")) for text in texts)
        total += len(base64.b64decode(value.get("BinaryValue") or ""))
    return total
