"""Pins every dependency with its hashes, for all the Python versions that we support, without naming any index.

Needs `uv` on the PATH (pip install uv); nothing else in this repository does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"


def main() -> int:
    """Compile every `.in` file."""
    uv = shutil.which("uv")
    if uv is None:
        print("make lock needs uv: pip install uv", file=sys.stderr)
        return 2
    for source in ("lambda", "run", "dev", "sam", "aws"):
        subprocess.run(  # noqa: S603 - every argument is ours
            [
                *(uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-emit-index-url"),
                *("--generate-hashes", "--custom-compile-command", "make lock"),
                *(f"{source}.in", "-o", f"{source}.txt"),
            ],
            cwd=REQUIREMENTS,
            check=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
