"""A file of lines that one run at a time appends to. Knows nothing of what a line says.

A run locks it, leaves out what is no longer worth keeping, and appends; what it was given is on the disk when a write
returns, so that a killed run leaves what is not known as not known.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO


def state_file(environ: Mapping[str, str], folder: str, name: str) -> Path:
    """Where such a file is: under XDG_STATE_HOME."""
    base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".local" / "state")
    return Path(base) / "hookwatch" / folder / f"{name}.jsonl"


@contextmanager
def opened(path: Path, kept: Callable[[], Sequence[bytes]], busy: str) -> Iterator[BinaryIO | Problem]:
    """Open the file for one run.

    Args:
        path: the file.
        kept: reads the lines that are still worth something, without their ends; asked under the lock.
        busy: what to say if another run has it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = path.with_suffix(".lock").open("w")
    except OSError as error:
        yield _unwritable(path, error)
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _replace(path, kept())
            file = path.open("ab")
        except BlockingIOError:
            yield Problem(busy, found=True)
            return
        except OSError as error:
            yield _unwritable(path, error)
            return
        with file:
            yield file


def append(file: BinaryIO, line: bytes) -> None:
    """Write one line and see that it is on the disk: a killed program's buffer is lost."""
    file.write(line + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _replace(path: Path, lines: Sequence[bytes]) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(line + b"\n" for line in lines)
    fresh.replace(path)


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(f"the file {path} cannot be written ({error.strerror}): set XDG_STATE_HOME to a folder that can")
