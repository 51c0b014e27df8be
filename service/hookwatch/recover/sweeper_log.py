"""One line for each run of the sweeper: log record and metrics at once. Never sees a payload or a token."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from hookwatch.emf import Emf, Timestamps, service_name
from hookwatch.ingest.payload import encode
from hookwatch.telemetry import RECOVERY_MEASURES

if TYPE_CHECKING:
    from hookwatch.recover.github_story import Story
    from hookwatch.recover.problem import Problem

PROVIDER = "github"


class SweeperLog:
    """The log and the metrics of the sweeper."""

    def __init__(self) -> None:
        """Nothing written yet."""
        self._timestamps = Timestamps()
        self._emf = Emf(PROVIDER, RECOVERY_MEASURES)

    def write(self, story: Story, request_id: str) -> None:
        """Write what a run did. All three metrics are sent each time: their zero is the news that all is well."""
        plan, ran = story.looked.plan, story.ran
        stopped = None if ran is None else ran.stopped
        counts = {
            "Redelivered": 0 if ran is None else len(ran.asked),
            "StillMissing": story.missing,
            "ExpiringSoon": len(story.expiring_soon),
        }
        fields = {
            "outcome": "swept" if stopped is None else "stopped",
            "reason": None if stopped is None else stopped.code or "stopped",
            "problem": None if stopped is None else stopped.message,
            "read": plan.read,
            "planned": len(plan.now),
            "recovered": story.recovered,
            "refused": None if ran is None else len(ran.refused),
            "in_other_hands": None if ran is None else len(ran.taken),
            "verdicts": dict(Counter(item.verdict.value for item in plan.items)),
            "causes": dict(Counter(item.cause.name for item in plan.items)),
            "waited_s": round(story.waited_s, 1),
            "requests": story.requests,
        }
        now_ms = time.time_ns() // 1_000_000
        level = "INFO" if stopped is None and not story.missing else "WARNING"
        self._line(level, fields, request_id, now_ms, self._emf.document(counts, now_ms))

    def fail(self, problem: Problem, request_id: str) -> None:
        """Write why a run could not be finished; nothing is counted, because nothing is known."""
        fields = {"outcome": "failed", "reason": problem.code or "failed", "problem": problem.message}
        self._line("ERROR", fields, request_id, time.time_ns() // 1_000_000, {})

    def _line(self, level: str, fields: dict[str, Any], request_id: str, now_ms: int, emf: dict[str, Any]) -> None:
        line = {
            "level": level,
            "message": "sweep",
            "timestamp": self._timestamps.text(now_ms),
            "service": service_name(),
            "function_request_id": request_id,
            "provider": PROVIDER,
            **{name: value for name, value in fields.items() if value is not None},
            **emf,
        }
        sys.stdout.write(f"{encode(line)}\n")
        sys.stdout.flush()
