"""AWS/Lambda data points of one request, as CloudWatch names and dimensions them.

Never sums, stores or forgets. Facts: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and
https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html, both read 2026-11-22. Only the dimension set
{FunctionName} is written; AWS writes the same points again under {FunctionName, Resource}.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "AWS/Lambda"


def _points(function: str, values: Mapping[str, float], *, time_s: float) -> list[MetricPoint]:
    milliseconds = {"Duration", "UrlRequestLatency"}
    return [
        MetricPoint(
            namespace=NAMESPACE,
            name=name,
            dimensions={"FunctionName": function},
            unit="Milliseconds" if name in milliseconds else "Count",
            value=value,
            time_s=time_s,
        )
        for name, value in values.items()
    ]


def executions(function: str, *, running: int, time_s: float) -> list[MetricPoint]:
    """Return the point of an execution that begins; `running` counts it too. It is known before the execution ends."""
    return _points(function, {"ConcurrentExecutions": float(running)}, time_s=time_s)


def invocation(function: str, *, failed: bool, duration_ms: float, started_s: float) -> list[MetricPoint]:
    """Return the points of an invocation that ran; their time is its start, zeros are sent too."""
    values = {
        "Invocations": 1.0,
        "Errors": float(failed),
        "Throttles": 0.0,
        "Duration": duration_ms,
    }
    return _points(function, values, time_s=started_s)


def throttle(function: str, *, time_s: float) -> list[MetricPoint]:
    """Return the point of a refused invocation, which counts neither as invocation nor as error."""
    return _points(function, {"Throttles": 1.0}, time_s=time_s)


def recursion(function: str, *, time_s: float) -> list[MetricPoint]:
    """Return the point of an invocation that was dropped because it ran in a loop; it counts as nothing else."""
    return _points(function, {"RecursiveInvocationsDropped": 1.0}, time_s=time_s)


def url_request(function: str, *, status: int, latency_ms: float, time_s: float) -> list[MetricPoint]:
    """Return the points of one Function URL request, whether or not the function ran."""
    server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    client = status >= HTTPStatus.BAD_REQUEST and not server
    values = {
        "UrlRequestCount": 1.0,
        "Url4xxCount": float(client),
        "Url5xxCount": float(server),
        "UrlRequestLatency": latency_ms,
    }
    return _points(function, values, time_s=time_s)
