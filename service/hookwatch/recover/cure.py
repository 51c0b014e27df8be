"""What brings a failed webhook back, whichever provider sent it."""

from __future__ import annotations

from enum import StrEnum


class Cure(StrEnum):
    """What brings it back: sending it again, mending something first, or nothing."""

    RETRY = "retry"
    FIX = "fix"
    NEVER = "never"
