"""FilterLogEvents over the lines that the functions wrote.

The sandbox keeps the newest lines only, so an old line can be gone here where CloudWatch Logs would still have it.
Shapes: botocore's logs model 1.43.106 (API version 2014-03-28, read 2026-11-27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.aws_view_model import Refused
from hookwatch.sandbox.filter_pattern import BadPattern, read_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.aws_view_model import Seen

MAX_EVENTS = 10_000
"""The most events of one answer (API_FilterLogEvents.html, read 2026-11-27)."""

GROUP_ARN = ":log-group:"


def filter_log_events(seen: Seen, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Return the lines of one log group that match."""
    named = str(asked.get("logGroupName") or asked.get("logGroupIdentifier", "").rpartition(GROUP_ARN)[2])
    functions = {function for function, group in seen.log_groups.items() if group == named}
    if not functions:
        return Refused("ResourceNotFoundException", "The specified log group does not exist.")
    matches = read_pattern(asked.get("filterPattern", ""))
    if isinstance(matches, BadPattern):
        return Refused("InvalidParameterException", matches.sentence)
    events = [
        {
            "logStreamName": item["function"],
            "timestamp": item["time_ms"],
            "ingestionTime": item["time_ms"],
            "message": item["line"],
            "eventId": str(number),
        }
        for number, item in enumerate(seen.observer.lines.oldest_first())
        if item["function"] in functions
        and asked.get("startTime", 0) <= item["time_ms"] < asked.get("endTime", item["time_ms"] + 1)
        and matches(item["line"])
    ]
    return {"events": events[: asked.get("limit", MAX_EVENTS)], "searchedLogStreams": []}
