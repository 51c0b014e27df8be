"""For which interpreter and platform an artefact is made.

Never installs or compiles anything: it says what to ask pip for, and which Python could compile.
"""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """One interpreter on one platform.

    Attributes:
        name: What a person calls it.
        version: Major and minor version of CPython.
        platforms: pip's platform tags, the newest first; empty for the machine that builds.
        root: Where the code will lie when it runs, so that tracebacks name paths that exist there.
    """

    name: str
    version: tuple[int, int]
    platforms: tuple[str, ...]
    root: str | None

    @property
    def dotted_version(self) -> str:
        """The version as pip and command names spell it, for example `3.13`."""
        return ".".join(str(part) for part in self.version)


LAMBDA = Target(
    name="Lambda python3.13 arm64",
    version=(3, 13),
    # python3.13 runs on Amazon Linux 2023, whose glibc is 2.34
    # (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, read 2026-11-22). pip takes the tags
    # literally, so the older ones that the wheels really carry are listed too.
    platforms=(
        "manylinux_2_34_aarch64",
        "manylinux_2_28_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ),
    root="/var/task",
)


def host() -> Target:
    """The interpreter that runs this build, for imports and benchmarks on the building machine."""
    version = sys.version_info[:2]
    name = f"this machine, {platform.python_implementation()} {version[0]}.{version[1]} {platform.machine()}"
    return Target(name=name, version=version, platforms=(), root=None)


def compiler(target: Target) -> Path | None:
    """A CPython of the target's version, which alone writes bytecode that the target accepts; None if there is none.

    A name on the PATH proves nothing: a version manager's shim may be there without the version behind it, and a
    release candidate writes bytecode that the release refuses.
    """
    candidates = (sys.executable, shutil.which(f"python{target.dotted_version}"))
    return next((Path(path) for path in candidates if path and _identity(path) == _wanted(target)), None)


def _wanted(target: Target) -> str:
    return f"cpython {target.dotted_version} final"


def _identity(python: str) -> str:
    code = "import sys; v = sys.version_info; print(sys.implementation.name, f'{v[0]}.{v[1]}', v.releaselevel)"
    try:
        done = subprocess.run(  # noqa: S603 - a Python that this build has looked up itself
            [python, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
