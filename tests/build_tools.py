"""The modules behind tools/build_artefact.py, which lie outside the source root; the one place that finds them."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TOOL = REPOSITORY / "tools" / "build_artefact.py"

if str(TOOL.parent) not in sys.path:
    sys.path.append(str(TOOL.parent))

from artefact import archive, build, bytecode, imports, report, sources, target, trim, wheels  # noqa: E402 - see above
from artefact.errors import BuildError  # noqa: E402 - see above

__all__ = [
    "BuildError",
    "archive",
    "build",
    "bytecode",
    "imports",
    "report",
    "sources",
    "target",
    "trim",
    "wheels",
]
