"""Installs the locked wheels for a target into a folder, once for each lock.

Never builds a source distribution and never resolves a version: whatever is not in the lock with its hash is refused.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from artefact import trim
from artefact.errors import BuildError
from artefact.target import Target


def install(lock: Path, target: Target, cache: Path) -> Path:
    """Installs a lock's wheels for a target and trims them.

    `sam build` asks once for each function and gets the same folder every time.

    Args:
        lock: A requirements file with hashes.
        target: For which interpreter and platform.
        cache: A folder of earlier installations, which may be deleted at any time.

    Returns:
        A folder in `cache`. Copy it; never write into it.

    Raises:
        BuildError: If pip is missing or refuses; its own last lines are in the message.
    """
    kept = cache / _key(lock, target)
    if kept.is_dir():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="installing-") as scratch:
        folder = Path(scratch, "wheels")
        _run_pip(lock, target, folder)
        trim.trim(folder)
        try:
            folder.rename(kept)
        except OSError:
            if not kept.is_dir():  # a build beside this one may have been quicker
                raise
    return kept


def copy(wheels: Path, output: Path) -> None:
    """Copies an installed folder into the artefact."""
    shutil.copytree(wheels, output, dirs_exist_ok=True)


def _key(lock: Path, target: Target) -> str:
    """Changes with everything that decides what the folder holds."""
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(repr(target).encode())
    digest.update(Path(trim.__file__).read_bytes())
    return f"wheels-{target.dotted_version}-{digest.hexdigest()[:16]}"


def _run_pip(lock: Path, target: Target, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--target", str(folder)]
    if target.platforms:
        command += ["--implementation", "cp", "--python-version", target.dotted_version]
        command += [part for tag in target.platforms for part in ("--platform", tag)]
    command += ["--requirement", str(lock)]
    # SAM runs make with the SAM command line's own Python settings, which are not meant for this pip.
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(  # noqa: S603 - our own interpreter, and arguments that are ours
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise BuildError(f"pip could not install {lock} for {target.name}:\n{said}")
