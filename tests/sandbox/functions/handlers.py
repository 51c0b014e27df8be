"""Tiny handlers for the tests of the sandbox's Lambda side; every one runs under the real awslambdaric."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, NoReturn

Event = dict[str, Any]
SERVED = 0


def echo(event: Event, context: Any) -> Event:
    """Return the event itself."""
    return {"statusCode": 200, "body": json.dumps(event), "headers": {"X-Request": context.aws_request_id}}


def structured(event: Event, context: Any) -> Event:
    """Use every field of the response format."""
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "text/xml; charset=utf-8", "X-Number": 7, "Content-Length": "99999"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "PFJlc3BvbnNlLz4=",
        "isBase64Encoded": True,
    }


def inferred(event: Event, context: Any) -> Event:
    """Leave the response format to Lambda."""
    return {"message": "no status code"}


def process(event: Event, context: Any) -> Event:
    """Tell which process served, and how often; take as long as asked."""
    global SERVED  # noqa: PLW0603 - a warm process is told by the state it keeps
    SERVED += 1
    seconds = float((event.get("queryStringParameters") or {}).get("seconds", "0"))
    time.sleep(seconds)
    return {"pid": os.getpid(), "served": SERVED, "began": time.time() - seconds}


def surroundings(event: Event, context: Any) -> Event:
    """Return what the function can see of its platform."""
    return {
        "environment": dict(os.environ),
        "cwd": os.getcwd(),  # noqa: PTH109 - the plain call is what a function would make
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "left_ms": context.get_remaining_time_in_millis(),
        "executable": sys.executable,
    }


def raises(event: Event, context: Any) -> NoReturn:
    """Fail with a text that no caller may see."""
    raise KeyError("secret-detail")


def exits(event: Event, context: Any) -> NoReturn:
    """Die with a line half a breath before."""
    print("last words", flush=True)
    os._exit(3)


def chatty(event: Event, context: Any) -> Event:
    """Print a lot, on both streams, at several levels."""
    for number in range(200):
        print(f"line {number}")
    print("on stderr", file=sys.stderr)
    print(json.dumps({"level": "DEBUG", "message": "quiet"}))
    print(json.dumps({"level": "WARNING", "message": "loud"}))
    return {}


def large(event: Event, context: Any) -> Event:
    """Return more than Lambda passes on."""
    return {"statusCode": 200, "body": "x" * (6 * 1024 * 1024 + 200)}


def greedy(event: Event, context: Any) -> Event:
    """Hold more memory than any test allows."""
    hoard = bytearray(300 * 1024 * 1024)
    time.sleep(2)
    return {"bytes": len(hoard)}


def trace(event: Event, context: Any) -> Event:
    """Return the trace header."""
    return {"trace": os.environ.get("_X_AMZN_TRACE_ID")}
