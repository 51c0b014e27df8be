"""AWS/Events data points of rules, under every set of dimensions that AWS publishes them with.

Never counts anything: what happened comes in. Names and dimensions:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-22 and 2026-11-27. A rule on
the default bus has RuleName alone, a rule on another bus has EventBusName and RuleName. "None" in AWS's table is the
sum over the account.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookwatch.sandbox.lambda_model import MetricPoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMESPACE = "AWS/Events"
DEFAULT_BUS = "default"

_BUS, _ACCOUNT = "EventBusName", ""
_WIDER: Mapping[str, tuple[str, ...]] = {
    "Invocations": (_ACCOUNT,),
    "InvocationAttempts": (_BUS, _ACCOUNT),
    "SuccessfulInvocationAttempts": (_BUS, _ACCOUNT),
    "RetryInvocationAttempts": (_BUS, _ACCOUNT),
    "ThrottledRules": (_BUS, _ACCOUNT),
    "TriggeredRules": (_BUS, _ACCOUNT),
    "IngestiontoInvocationStartLatency": (_BUS, _ACCOUNT),
    "IngestiontoInvocationCompleteLatency": (_BUS, _ACCOUNT),
    "IngestionToInvocationSuccessLatency": (_BUS, _ACCOUNT),
}
"""Which metrics of a rule are also published for its bus, and for the account; every other one has the rule alone."""


def matched(bus: str) -> MetricPoint:
    """Return the point of an event on a bus that at least one rule takes."""
    return _point("MatchedEvents", 1, {_BUS: bus})


def points(bus: str, rule: str, happened: Mapping[str, float]) -> Iterator[MetricPoint]:
    """Return the points of a rule by metric name; a count of zero is not sent, a latency of zero is."""
    own = {"RuleName": rule} if bus == DEFAULT_BUS else {_BUS: bus, "RuleName": rule}
    for name, value in happened.items():
        if not value and not name.endswith("Latency"):
            continue
        yield _point(name, value, own)
        for wider in _WIDER.get(name, ()):
            yield _point(name, value, {_BUS: bus} if wider == _BUS else {})


def _point(name: str, value: float, dimensions: Mapping[str, str]) -> MetricPoint:
    return MetricPoint(
        namespace=NAMESPACE,
        name=name,
        dimensions=dimensions,
        unit="Milliseconds" if name.endswith("Latency") else "Count",
        value=float(value),
        time_s=time.time(),
    )
