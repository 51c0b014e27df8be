"""Puts this checkout's package and its command into the environment that runs this. Builds and downloads nothing.

`pip install -e .` would do the same, but has to fetch a build backend first: slower, and not pinned by a hash.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the path file and the command."""
    Path(sysconfig.get_path("purelib"), "hookwatch.pth").write_text(f"{ROOT / 'service'}\n")
    command = Path(sysconfig.get_path("scripts"), "hookwatch")
    command.write_text(f"#!{sys.executable}\nimport sys\n\nfrom hookwatch.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


if __name__ == "__main__":
    main()
