"""Compiles an artefact, so that a cold start does not have to.

Never decides by time stamps: the zip file carries fixed ones, and what times Lambda's unpacking leaves is not known.
Bytecode of the unchecked-hash kind is valid whatever the times are. Lambda's code folder is read-only, so without it
every cold start compiles every module again (2.5 times the import time, measured 2026-11). Another minor version of
Python ignores it and compiles the sources, which are shipped too.
"""

import os
import subprocess
from pathlib import Path

from artefact.errors import BuildError
from artefact.target import Target, compiler


def compile_folder(folder: Path, target: Target) -> Path | None:
    """Writes `__pycache__` folders for a target.

    Args:
        folder: The artefact.
        target: Whose bytecode is wanted.

    Returns:
        The interpreter that compiled, or None if this machine has none of the target's version.

    Raises:
        BuildError: If a module does not compile.
    """
    python = compiler(target)
    if python is None:
        return None
    command = [str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    if target.root:
        command += ["-s", str(folder), "-p", target.root]
    # With a fixed hash seed the constants of a module come in the same order in every build.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONHOME", None)
    done = subprocess.run(  # noqa: S603 - an interpreter that this build has found by its version
        [*command, str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{folder} does not compile:\n{(done.stdout + done.stderr).strip()}")
    return python
