"""How a worker's process or its execution can end other than with an answer: values only.

Never judges them; `lambda_ending` does.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """The execution, or the init phase, took longer than it may; the process was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """The process ended without an answer; `code` is negative for a signal, as subprocess has it."""

    code: int

    @property
    def reason(self) -> str:
        """Say it as Lambda does."""
        if self.code < 0:
            return f"signal: {signal.strsignal(-self.code) or -self.code}".lower()
        return f"exit status {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfMemory:
    """The process held more than its memory setting; it was killed."""
