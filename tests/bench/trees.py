"""The two code folders that are compared: our artefact, and the plain handler beside what pip installs for it.

Never builds anything its own way: ours comes out of tools/build_artefact.py, the plain one out of `pip install`, with
the versions and hashes of the repository's lock. Both carry bytecode, so that neither compiles while it is measured.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "build" / "bench"
LOCK = REPOSITORY / "requirements" / "run.txt"

PLAIN_NEEDS = (
    "aws-secretsmanager-caching",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "six",
    "urllib3",
)
_PLAIN_SOURCE = Path(__file__).with_name("plain_handler.py")


class BenchError(Exception):
    """The benchmark cannot be run; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A handler and where its code lies."""

    name: str
    folder: Path
    module: str


def ours(python: Path, version: str) -> Tree:
    """Our artefact, built for an interpreter of this machine.

    Raises:
        BenchError: If it cannot be built.
    """
    folder = FOLDER / f"ours-{version}"
    tool = REPOSITORY / "tools" / "build_artefact.py"
    _run([python, tool, "--host", "--output", folder, "--no-zip", "--no-imports"], "our artefact cannot be built")
    return Tree("ours", folder, "hookwatch.ingest.handler")


def plain(python: Path, version: str) -> Tree:
    """The plain handler beside its libraries, untrimmed; installed once for each lock.

    Raises:
        BenchError: If pip cannot install them.
    """
    lock = _lock_of(LOCK.read_text(encoding="utf-8"), PLAIN_NEEDS)
    folder = FOLDER / f"plain-{version}-{hashlib.sha256(lock.encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        scratch = folder.with_name(f"{folder.name}-{os.getpid()}")
        requirements = scratch / "requirements.txt"
        scratch.mkdir(parents=True)
        requirements.write_text(lock, encoding="utf-8")
        pip: list[str | Path] = [
            python,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--no-input",
            "--no-deps",
        ]
        try:
            _run(
                [*pip, "--require-hashes", "--only-binary=:all:", "-r", requirements, "--target", scratch],
                "the plain handler's libraries cannot be installed",
            )
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    shutil.copyfile(_PLAIN_SOURCE, folder / _PLAIN_SOURCE.name)
    _run([python, "-m", "compileall", "-q", folder / _PLAIN_SOURCE.name], "the plain handler cannot be compiled")
    return Tree("plain", folder, _PLAIN_SOURCE.stem)


def _lock_of(lock: str, names: tuple[str, ...]) -> str:
    """The part of a lock that pins these names.

    Raises:
        BenchError: If one of them is not in the lock.
    """
    pins = {
        pin[1]: pin[0].rstrip("\\ \n") for pin in re.finditer(r"^([\w.-]+)==.*(?:\n +--hash=.*)+", lock, re.MULTILINE)
    }
    missing = [name for name in names if name not in pins]
    if missing:
        raise BenchError(f"{LOCK.name} does not pin {', '.join(missing)}: run `make lock`.")
    return "\n".join(pins[name] for name in names) + "\n"


def _run(command: Sequence[str | Path], failure: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise BenchError(f"{failure}:\n{said}")
