"""Pages, cursors and addresses of the fake GitHub. Reads requests and knows no hook.

A cursor names the delivery that a page ended with, so that what is delivered meanwhile moves nothing.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from hookwatch.sandbox.github_api_auth import Caller


def owner(request: Request, kind: str, caller: Caller) -> str:
    """Whose hooks a path is about."""
    match kind:
        case "repository":
            return f"{request.path_params['owner']}/{request.path_params['repo']}"
        case "organization":
            return str(request.path_params["owner"])
        case _:
            return caller.app_id


def number(request: Request, name: str, default: int) -> int:
    """A number in the query; the default where it is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else default


def address(request: Request) -> str:
    """Where a request went, without its query."""
    return str(request.url.replace(query=""))


def link(request: Request, **query: object) -> str:
    """The header that leads to the next page."""
    kept = {name: value for name, value in request.query_params.items() if name not in query}
    url = request.url.replace(query="").include_query_params(**kept, **query)
    return f'<{url}>; rel="next"'


def cursor(delivery_id: int) -> str:
    """An opaque place in the list of deliveries."""
    return base64.urlsafe_b64encode(f"v1_{delivery_id}".encode()).decode("ascii").rstrip("=")


def from_cursor(text: str | None) -> int | None:
    """The id in a cursor; None for no cursor, 0 for one that we never gave out."""
    if text is None:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return 0
    digits = plain.removeprefix("v1_")
    return int(digits) if plain.startswith("v1_") and digits.isdigit() else 0
