"""A module whose first import fails and whose later ones do not; MARKER names the file that remembers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_marker = Path(os.environ["MARKER"])
if not _marker.exists():
    _marker.touch()
    raise LookupError("configuration is wrong")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say so."""
    return {"ready": True}
