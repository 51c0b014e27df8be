"""Kills functions in the middle of their work, or stops them so that they run into their timeout.

It finds them as the children of this process that run AWS's runtime client, so nobody else's process can be hit.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from random import Random
    from types import TracebackType

RUNTIME = "awslambdaric"


class Killer:
    """`with Killer(...):` kills some workers a second until the block ends."""

    def __init__(self, random: Random, *, kills_per_s: float, hangs: int, spared: frozenset[int]) -> None:
        """Kill so many workers a second but for those `spared`; the first few, `hangs`, are stopped instead."""
        self._random = random
        self._spared = spared
        self._pause_s = 1 / kills_per_s if kills_per_s else 0.0
        self._hangs = hangs
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.killed = 0

    def __enter__(self) -> Self:
        if self._pause_s:
            self._thread = threading.Thread(target=self._work)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(self._pause_s * self._random.uniform(0.5, 1.5)):
            found = [pid for pid in workers() if pid not in self._spared]
            if not found:
                continue
            with contextlib.suppress(ProcessLookupError):
                if self._hangs:
                    os.kill(self._random.choice(found), signal.SIGSTOP)
                    self._hangs -= 1
                else:
                    os.kill(self._random.choice(found), signal.SIGKILL)
                self.killed += 1


def workers() -> list[int]:
    """The processes of the sandbox's functions, as far as this process started them."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    ours = str(os.getpid())
    return [int(pid) for pid, parent, *args in rows if parent == ours and args and RUNTIME in args[0]]
