"""Handlers that are fed by a queue or a schedule; each says in its log what it was given."""

from __future__ import annotations

import json
import time
from typing import Any

Event = dict[str, Any]
SHOWN_CHARS = 1_000
"""A log line may have 1 MB."""


def answer(event: Event, context: Any) -> Event:
    """Answer the providers, who are not what these tests are about."""
    return {"statusCode": 200, "body": "{}"}


def batch(event: Event, context: Any) -> Any:
    """Do with each message what its body says: `ok`, `fail`, or with the whole batch: `raise`, `odd`, `unknown`."""
    shown = [{**record, "body": record["body"][:SHOWN_CHARS]} for record in event["Records"]]
    print(json.dumps({"fed": {"Records": shown}, "bytes": len(json.dumps(event, ensure_ascii=False).encode())}))
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    wanted = {body["do"] for body in bodies}
    for body in bodies:
        time.sleep(body.get("seconds", 0))
    if "raise" in wanted:
        raise RuntimeError("as the message wished")
    if "odd" in wanted:
        return {"batchItemFailures": [{"itemIdentifer": "a key that Lambda does not know"}]}
    failed = [
        record["messageId"] for record, body in zip(event["Records"], bodies, strict=True) if body["do"] == "fail"
    ]
    if "unknown" in wanted:
        failed.append("no-such-message")
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def scheduled(event: Event, context: Any) -> Event:
    """Say that the time has come; fail where the schedule's input says so."""
    print(json.dumps({"scheduled": event, "request": context.aws_request_id}))
    if event.get("fail"):
        raise RuntimeError("as the schedule wished")
    return {"done": True}
