from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.sandbox.worker_memory import PeakMemory

if TYPE_CHECKING:
    from pathlib import Path


def test_the_peak_is_read_anew_every_time_and_rounded_up(tmp_path: Path):
    """What the kernel says now counts, in whole megabytes; after close nothing is known."""
    status = tmp_path / "7" / "status"
    status.parent.mkdir()
    status.write_text("Name:\tpython\nVmPeak:\t  900000 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10 kB\n")
    peak = PeakMemory(7, str(tmp_path))
    assert peak.megabytes() == 20
    status.write_text("Name:\tpython\nVmPeak:\t  900000 kB\nVmHWM:\t   20481 kB\nVmRSS:\t   10 kB\n")
    assert peak.megabytes() == 21
    peak.close()
    assert peak.megabytes() is None
    peak.close()


def test_a_process_that_is_not_there_or_is_ending_has_no_peak(tmp_path: Path):
    """Nothing is known, and nothing raises; a process that has given its memory back has no such line."""
    assert PeakMemory(7, str(tmp_path)).megabytes() is None
    (tmp_path / "8").mkdir()
    (tmp_path / "8" / "status").write_text("Name:\tpython\nState:\tZ (zombie)\n")
    assert PeakMemory(8, str(tmp_path)).megabytes() is None
