"""JSON answers that hold whatever a payload held: NaN, lone surrogates, endless nesting.

Never changes what JSON can say: only what it cannot say becomes a text.
"""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import Response

MAX_SHOWN_DEPTH = 200
"""Ours, for documents that Python's own encoder cannot write: deeper levels are cut."""


class Json(Response):
    """A JSON answer in ASCII."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the body."""
        try:
            return _dumps(content)
        except (ValueError, RecursionError):
            return _dumps(_showable(content, 0))


def _dumps(content: Any) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def _showable(node: Any, depth: int) -> Any:
    if depth > MAX_SHOWN_DEPTH:
        return f"(nested deeper than {MAX_SHOWN_DEPTH} levels)"
    match node:
        case dict():
            return {str(key): _showable(value, depth + 1) for key, value in node.items()}
        case list():
            return [_showable(value, depth + 1) for value in node]
        case float() if not math.isfinite(node):
            return str(node)
        case _:
            return node
