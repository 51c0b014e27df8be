"""One line for each message of the parking queue: log record and metrics at once. Never sees a payload."""

from __future__ import annotations

import os
import sys
import time
import traceback
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hookwatch.emf import Emf, Timestamps, service_name
from hookwatch.ingest.payload import encode
from hookwatch.telemetry import RECOVERY_MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.recover.replay_model import Message, Outcome, Verdict

METRICS: Mapping[Outcome, str] = MappingProxyType(
    {"replayed": "Replayed", "failed": "ReplayFailed", "refused": "ReplayRefused"}
)
# A parked event that failed is still safe; one that was given up needs a person.
LEVELS: Mapping[Outcome, str] = MappingProxyType({"replayed": "INFO", "failed": "WARNING", "refused": "ERROR"})
# What a message says of itself is cut here: it may be anything.
MAX_ID_CHARACTERS = 128


class ReplayLog:
    """The log and the metrics of the replay function."""

    def __init__(self) -> None:
        """Nothing written yet."""
        self._cold = True
        self._timestamps = Timestamps()
        self._emf: dict[str, Emf] = {}

    def write(self, message: Message, verdict: Verdict, request_id: str, *, retry_in_s: int | None = None) -> None:
        """Write a message's one line."""
        error = verdict.error
        now_ms = time.time_ns() // 1_000_000
        provider = verdict.provider if verdict.provider and is_provider(verdict.provider) else None
        fields: dict[str, Any] = {
            "level": LEVELS[verdict.outcome] if error is None else "ERROR",
            "message": "replay",
            "timestamp": self._timestamps.text(now_ms),
            "service": service_name(),
            "function_request_id": request_id,
            "xray_trace_id": os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0].removeprefix("Root="),
            "cold_start": self._cold,
            "provider": provider,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "error_code": verdict.error_code,
            "delivery_id": verdict.delivery_id and verdict.delivery_id[:MAX_ID_CHARACTERS],
            "event_id": verdict.event_id,
            "message_id": message.message_id,
            "receives": message.receives,
            "attempts": verdict.attempts,
            "place": verdict.place,
            "waited_ms": None if verdict.parked_ms is None else now_ms - verdict.parked_ms,
            "retry_in_s": retry_in_s,
        }
        if error is not None:
            # Where it happened, not what it said: an exception's message may quote the payload.
            fields["exception_name"] = type(error).__name__
            fields["exception"] = "".join(traceback.format_tb(error.__traceback__))
        fields = {name: value for name, value in fields.items() if value not in (None, "")}
        if provider is not None:
            emf = self._emf.setdefault(provider, Emf(provider, RECOVERY_MEASURES))
            fields |= emf.document({METRICS[verdict.outcome]: 1}, now_ms)
        sys.stdout.write(f"{encode(fields)}\n")
        sys.stdout.flush()
        self._cold = False


def is_provider(name: str) -> bool:
    """Whether a message names a provider of ours; every value of a dimension is a metric to pay for."""
    return name.isidentifier() and find_spec(f"hookwatch.ingest.providers.{name}") is not None
