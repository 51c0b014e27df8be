"""The replay function's environment as frozen settings. Never shows a value; collects every problem and fails once."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hookwatch.config import DEFAULT_MAX_ENTRY_BYTES, LARGEST_MAX_ENTRY_BYTES, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

# template.yaml sets exactly these; a contract test holds the two.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "HOOKWATCH_EVENT_BUS": "the name or ARN of the event bus",
        "HOOKWATCH_MAX_ENTRY_BYTES": "the largest PutEvents entry that is tried, in bytes",
        "HOOKWATCH_CLAIM_BUCKET": "the bucket that holds what neither the bus nor the queue can take",
        "HOOKWATCH_PARKING_QUEUE_URL": "the queue whose messages are published again",
        "HOOKWATCH_PARKING_DLQ_URL": "the queue for messages that never will be",
    }
)
_OPTIONAL = ("HOOKWATCH_MAX_ENTRY_BYTES", "HOOKWATCH_CLAIM_BUCKET")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the replay function needs to know; the bucket is empty where there is none."""

    event_bus: str
    max_entry_bytes: int
    claim_bucket: str
    queue_url: str
    dlq_url: str


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings out of an environment.

    Raises:
        ConfigError: something is missing or wrong; all problems are in the one message.
    """
    values = {name: environ.get(name, "").strip() for name in VARIABLES}
    problems = [
        f"{name} is not set: {VARIABLES[name]}" for name, value in values.items() if not value and name not in _OPTIONAL
    ]
    problems += [
        f"{name} must be one word without spaces"
        for name, value in values.items()
        if any(character.isspace() for character in value)
    ]
    size = values["HOOKWATCH_MAX_ENTRY_BYTES"] or str(DEFAULT_MAX_ENTRY_BYTES)
    if not (size.isascii() and size.isdigit() and len(size) < 10 and 1 <= int(size) <= LARGEST_MAX_ENTRY_BYTES):  # noqa: PLR2004 - as in config
        problems.append(
            f"HOOKWATCH_MAX_ENTRY_BYTES must be a whole number of bytes from 1 to {LARGEST_MAX_ENTRY_BYTES}"
        )
    if problems:
        raise ConfigError("hookwatch cannot start:\n" + "\n".join(f"- {problem}" for problem in problems))
    return Settings(
        event_bus=values["HOOKWATCH_EVENT_BUS"],
        max_entry_bytes=int(size),
        claim_bucket=values["HOOKWATCH_CLAIM_BUCKET"],
        queue_url=values["HOOKWATCH_PARKING_QUEUE_URL"],
        dlq_url=values["HOOKWATCH_PARKING_DLQ_URL"],
    )
