"""The lines of one PutLogEvents call: CloudWatch Logs reads metrics out of them as out of a function's own.

Never keeps a line. Shape: API_PutLogEvents.html (CloudWatch Logs API, read 2026-11-27).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.sandbox.faults_http import Answer, Request

HTTP_OK = 200


def logged_lines(operation: str, request: Request, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield log group and text of each line that an answered call put there; nothing for any other call."""
    if operation != "PutLogEvents" or answer.status != HTTP_OK:
        return
    try:
        document = json.loads(request.body)
        found = [(str(document["logGroupName"]), str(event["message"])) for event in document["logEvents"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    yield from found
