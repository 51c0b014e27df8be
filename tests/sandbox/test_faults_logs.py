"""Lines that somebody puts into a log group: CloudWatch reads metrics out of them as out of a function's own."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.sandbox.faults_http import Answer, Request
from hookwatch.sandbox.faults_logs import logged_lines

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud


def emf(name: str, unit: str = "Count") -> str:
    """Return a line with one metric."""
    directive = {"Namespace": "ByHand", "Dimensions": [[]], "Metrics": [{"Name": name, "Unit": unit}]}
    return json.dumps({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}, name: 5})


@pytest.mark.sandbox
@pytest.mark.parametrize("group", ["/aws/lambda/hookwatch-github", "/by/hand"])
def test_metrics_come_out_of_any_log_group(cloud: Cloud, group: str) -> None:
    """A good line is a data point, a broken one an error of its log group, be it a function's or not."""
    logs = cloud.through_proxy()("logs")
    if group == "/by/hand":
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    name = f"Five{group.count('a')}"
    events = [{"timestamp": 1, "message": text} for text in (emf(name), emf("Six", "Nonsense"), '{"_aws": 1}')]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    def totals(**wanted: Any) -> dict[str, float]:
        found = cloud.get("/api/metrics/totals")["totals"]
        return {each["name"]: each["sum"] for each in found if wanted.items() <= each.items()}

    assert totals(namespace="ByHand")[name] == 5
    errors = totals(namespace="AWS/Logs", dimensions={"LogGroupName": group})
    assert (errors["EMFParsingErrors"], errors["EMFValidationErrors"]) == (1, 1)


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("CreateLogStream", b"{}", 200),
        ("PutLogEvents", b"{}", 200),
        ("PutLogEvents", b"no JSON", 200),
        ("PutLogEvents", b'{"logGroupName": "g", "logEvents": [{"message": "m"}]}', 400),
    ],
)
def test_what_put_no_line_is_no_line(operation: str, body: bytes, status: int) -> None:
    """Another call, a body that is none, and a call that was refused."""
    assert list(logged_lines(operation, Request("POST", "/", {}, body), Answer(status))) == []
