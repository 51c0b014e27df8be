"""The first moments of a worker process: tie its life to the sandbox's, then become the runtime client.

Run as a file, never imported by the sandbox: `python -I -S worker_launch.py TIE PARENT_PID COMMAND...`. It reads
nothing of the function. A sandbox that dies in whatever way, SIGKILL included, takes its workers along:

* TIE `signal` (Linux): the kernel kills this process when the thread that started it ends; that setting survives exec.
* TIE `pipe` (elsewhere): a forked guardian waits for the end of stdin, whose other end only the sandbox holds, and
  kills the process group.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent dies."""


def tie_by_signal(parent_pid: int) -> None:
    """Ask the kernel for SIGKILL at the parent's death, and notice a parent that died before we could ask."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def tie_by_pipe() -> None:
    """Leave a guardian behind that kills the process group at the end of stdin."""
    if os.fork() == 0:
        for descriptor in (1, 2):
            os.close(descriptor)
        while os.read(0, 1):
            pass
        os.killpg(0, signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def main(arguments: list[str]) -> None:
    """Tie, then become the command."""
    tie, parent_pid, *command = arguments
    if tie == "signal":
        tie_by_signal(int(parent_pid))
    else:
        tie_by_pipe()
    os.execv(command[0], command)  # noqa: S606 - no shell wanted; the command is the sandbox's own


if __name__ == "__main__":
    main(sys.argv[1:])
