"""What the AWS reads are answered from, and how they refuse. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.cloud_observer import CloudObserver


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sandbox saw.

    Attributes:
        observer: lines and metrics.
        alarms: the alarms of the template.
        log_groups: the log group of each function, by its name.
    """

    observer: CloudObserver
    alarms: LiveAlarms
    log_groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer of AWS."""

    code: str
    message: str
