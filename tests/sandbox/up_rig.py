"""Runs `hookwatch up` as a process of its own and knows everything that it started. Kills only what it started."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.cloud_rig import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

START = "import sys; from hookwatch.cli import main; sys.exit(main())"


# Below what systems give away by themselves, and apart for each process of a test run: a port that is free now must
# still be free when the program has started.
FIRST_PORT, PORTS_EACH = 20_000, 900
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = itertools.cycle(range(FIRST_PORT + _worker % 12 * PORTS_EACH, FIRST_PORT + (_worker % 12 + 1) * PORTS_EACH, 3))


def free_ports() -> int:
    """Return the first of three free ports in a row."""
    for port in itertools.islice(_ports, PORTS_EACH // 3):
        with contextlib.ExitStack() as sockets:
            try:
                for offset in range(3):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port + offset))
            except OSError:
                continue
            return port
    raise AssertionError("no three free ports in a row")


def command(*arguments: str) -> list[str]:
    """Return the command line of `hookwatch up`."""
    return [sys.executable, "-c", START, "up", *arguments]


def environment(temp: Path) -> dict[str, str]:
    """Return an environment whose temporary files can be told from everybody else's."""
    return {**os.environ, "TMPDIR": str(temp), "PYTHONPATH": str(ROOT / "service"), "COLUMNS": "120"}


def run_up(temp: Path, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(*arguments), env=environment(temp), cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@contextlib.contextmanager
def running_up(temp: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run it in the background; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        command(*arguments), env=environment(temp), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def descendants(pid: int) -> set[int]:
    """Return the process ids below one process, workers of workers included."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run; a zombie does not."""
    left = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                left.add(pid)
    return left


def gone(pids: set[int], temp: Path, patience_s: float = 10.0) -> bool:
    """Return whether all processes end and the folder is empty, within a while."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if not alive(pids) and not list(temp.iterdir()):
            return True
        time.sleep(0.05)
    return False
