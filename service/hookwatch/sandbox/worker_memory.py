"""The most memory that a process has held.

Never opens the file twice: it is read once for every invocation, and opening costs ten times as much as reading.
"""

from __future__ import annotations

import os

STATUS_BYTES = 4096
KB_PER_MB = 1024


class PeakMemory:
    """Looks at one process through /proc; knows nothing where there is no such folder."""

    def __init__(self, pid: int, proc: str = "/proc") -> None:
        self._file: int | None
        try:
            self._file = os.open(f"{proc}/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = None

    def megabytes(self) -> int | None:
        """Return the peak so far, rounded up; None where nobody tells, or nobody any more."""
        if self._file is None:
            return None
        try:
            status = os.pread(self._file, STATUS_BYTES, 0)
        except OSError:
            return None
        peak = status.partition(b"VmHWM:")[2].split(maxsplit=1)
        return -(-int(peak[0]) // KB_PER_MB) if peak else None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
