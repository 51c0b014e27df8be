"""Runs ministack and outlives nobody: started as a program of its own, between the sandbox and ministack.

Never imports hookwatch, opens no socket and knows no AWS. It exists for the ways to end that nobody can catch: when
the sandbox dies, even by SIGKILL, the pipe on our standard input closes; then ministack is killed with everything it
started, and its folder is removed.

Talks JSON lines on standard output: `{"folder": ...}` first, `{"exit": ..., "log": ...}` if ministack ends by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOG_TAIL_BYTES = 2_000
POLL_S = 0.25
GRACE_S = 1.0
REMOVE_TRIES = 20


def main() -> int:
    """Start ministack with the environment given as JSON in the first argument, and wait for the end."""
    settings: dict[str, str] = json.loads(sys.argv[1])
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    folder = Path(tempfile.mkdtemp(prefix="hookwatch-cloud-"))
    child: subprocess.Popen[bytes] | None = None
    try:
        _tell({"folder": str(folder)})
        child = _start(settings, folder)
        _wait(child, folder)
    finally:
        _end(child)
        _remove(folder)
    return 0


def _start(settings: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    places = {"TMPDIR": folder, "HOME": folder, "S3_DATA_DIR": folder / "s3", "STATE_DIR": folder / "state"}
    with (folder / "ministack.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "ministack"],
            env={"PATH": os.defpath, **settings, **{name: str(place) for name, place in places.items()}},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: _prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - this program has one thread
        )


def _wait(child: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the sandbox has gone or ministack has ended."""
    while child.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], POLL_S)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return
    tail = (folder / "ministack.log").read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
    _tell({"exit": child.returncode, "log": tail})


def _end(child: subprocess.Popen[bytes] | None) -> None:
    """Kill ministack, its group and whatever it left to us as the reaper of its orphans."""
    if child is not None:
        for number, grace_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(grace_s)
    for orphan in _children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0):
            pass


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:  # no such file on macOS, where there is no reaper either
        return []


def _remove(folder: Path) -> None:
    # A process that was killed a moment ago may still be writing its last file.
    for _ in range(REMOVE_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(POLL_S / 5)


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _tell(document: dict[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
