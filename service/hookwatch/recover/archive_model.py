"""An archive, what is to be replayed of it, and how far that is. Values only; asks nobody and reads no clock.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html (read 2026-11-27)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Events reach an archive late: AWS advises to wait ten minutes before they are replayed.
ARCHIVE_DELAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive.

    Attributes:
        name: its name.
        arn: its ARN.
        bus_arn: the bus that it keeps, the only one that it can be replayed to.
        created: since when it keeps events.
        retention_days: for how long; 0 is for ever.
        events: how many it holds, roughly.
        size_bytes: how large these are.
    """

    name: str
    arn: str
    bus_arn: str
    created: datetime
    retention_days: int
    events: int
    size_bytes: int

    def begins(self, now: datetime) -> datetime:
        """The earliest moment of which it still holds events."""
        if not self.retention_days:
            return self.created
        return max(self.created, now - timedelta(days=self.retention_days))


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants replayed.

    Attributes:
        begin: from when.
        end: until when.
        rules: the names of the only rules that are to see it; empty for all.
    """

    begin: datetime
    end: datetime
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A replay that could be started.

    Attributes:
        name: what the replay will be called; replayed events carry it as `replay-name`.
        archive: what is replayed.
        asked: what was asked for.
        arns: rule -> ARN of the only rules that see it; empty for all.
        warnings: what to know before it is started, a sentence each.
    """

    name: str
    archive: Archive
    asked: Asked
    arns: dict[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is.

    Attributes:
        state: STARTING, RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED.
        reason: why, where AWS says it.
        last: the time of the last event that was replayed.
    """

    state: str
    reason: str
    last: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("COMPLETED", "CANCELLED", "FAILED")

    def share(self, asked: Asked) -> float:
        """How much of the span is done, 0 to 1. Events are replayed minute by minute, so this is a guess in between."""
        if self.state == "COMPLETED":
            return 1.0
        if self.last is None:
            return 0.0
        return min(1.0, max(0.0, (self.last - asked.begin) / (asked.end - asked.begin)))
