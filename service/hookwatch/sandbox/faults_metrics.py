"""AWS/Events metrics of one PutEvents call, named as AWS names them.

Never stores anything. Names and the lack of dimensions:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-22.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from hookwatch.sandbox.faults_putevents import RequestError, entry_bytes, read_entries
from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from hookwatch.sandbox.faults_http import Answer, Request

NAMESPACE = "AWS/Events"
HTTP_OK = 200
_THROTTLE_CODES = (b"Throttling", b"TooManyRequests")


def put_events_points(request: Request, answer: Answer, latency_ms: float) -> list[MetricPoint]:
    """Return the data points that one answered call leaves behind; an answer that is not PutEvents' leaves none."""
    succeeded = answer.status == HTTP_OK
    document = json.loads(answer.body) if succeeded else {}
    if not isinstance(document, dict):
        return []
    throttled = not succeeded and any(code in answer.body for code in _THROTTLE_CODES)
    points = [
        _point("PutEventsApproximateCallCount", 1),
        _point("PutEventsApproximateSuccessCount", int(succeeded)),
        _point("PutEventsApproximateFailedCount", int(not succeeded)),
        _point("PutEventsApproximateThrottledCount", int(throttled)),
        _point("PutEventsLatency", latency_ms, "Milliseconds"),
    ]
    entries = read_entries(request.body)
    if not isinstance(entries, RequestError):
        points.append(_point("PutEventsEntriesCount", len(entries)))
        points.append(_point("PutEventsRequestSize", sum(map(entry_bytes, entries)), "Bytes"))
    if succeeded:
        points.append(_point("PutEventsFailedEntriesCount", document.get("FailedEntryCount", 0)))
    return points


def _point(name: str, value: float, unit: str = "Count") -> MetricPoint:
    return MetricPoint(namespace=NAMESPACE, name=name, dimensions={}, unit=unit, value=float(value), time_s=time.time())
