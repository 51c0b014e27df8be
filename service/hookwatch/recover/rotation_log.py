"""Asks the function's own log which key a delivery verified with. Reads one field of one line and keeps nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.loop_stop_aws import Account

# A line cannot be older than its delivery, but two clocks may differ.
_SLACK = timedelta(minutes=5)


def stage_of(account: Account, log_group: str, guid: str, since: datetime) -> str | Problem | None:
    """The staging label under which the function found the key of a delivery; None if there is no line yet."""
    start_ms = round((since - _SLACK).timestamp() * 1000)
    # A GUID has no character that a filter pattern would read as its own.
    pattern = '{ $.message = "delivery" && $.delivery_id = "' + guid + '" }'
    more: dict[str, str] = {}
    while True:
        answer = account.ask(
            "logs", "filter_log_events", logGroupName=log_group, filterPattern=pattern, startTime=start_ms, **more
        )
        if isinstance(answer, Problem):
            return answer
        for event in answer.get("events", []):
            line = _line(event.get("message", ""))
            if line.get("delivery_id") == guid and line.get("key_stage"):
                return str(line["key_stage"])
        if not answer.get("nextToken"):
            return None
        more = {"nextToken": answer["nextToken"]}


def _line(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
