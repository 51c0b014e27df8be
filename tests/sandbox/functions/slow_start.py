"""A module that takes a while to import, as a cold start does; then as quick as any."""

from __future__ import annotations

import os
import time
from typing import Any

time.sleep(float(os.environ["IMPORT_SECONDS"]))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Say so."""
    time.sleep(float((event.get("queryStringParameters") or {}).get("seconds", "0")))
    return {"pid": os.getpid()}
