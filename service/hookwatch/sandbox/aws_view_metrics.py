"""GetMetricStatistics and GetMetricData over the sandbox's metrics.

Never invents a datapoint. Shapes: botocore's cloudwatch model 1.43.106 (API version 2010-08-01, read 2026-11-27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.alarms import evaluate_metrics
from hookwatch.sandbox.aws_view_model import Refused
from hookwatch.sandbox.query import read_query
from hookwatch.sandbox.query_entry import BadQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.aws_view_model import Seen

DEFAULT_PERIOD_S = 60


def get_metric_statistics(seen: Seen, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Return the datapoints of one metric, in no order, as on AWS."""
    statistics = [*asked.get("Statistics", ()), *asked.get("ExtendedStatistics", ())]
    if not statistics:
        return Refused("InvalidParameterCombination", "At least one of Statistics and ExtendedStatistics is required")
    period_s = int(asked.get("Period", DEFAULT_PERIOD_S))
    start_s = int(asked["StartTime"]) // period_s * period_s
    dimensions = {each["Name"]: each["Value"] for each in asked.get("Dimensions", ())}
    points: dict[int, dict[str, Any]] = {}
    for statistic in statistics:
        found = seen.observer.source.query(
            *(asked["Namespace"], asked["MetricName"], dimensions, statistic, period_s),
            *(start_s, int(asked["EndTime"]) + 1, asked.get("Unit")),
        )
        for at_s, value in found:
            point = points.setdefault(at_s, {"Timestamp": at_s, "Unit": asked.get("Unit", "None")})
            if statistic in asked.get("ExtendedStatistics", ()):
                point.setdefault("ExtendedStatistics", {})[statistic] = value
            else:
                point[statistic] = value
    return {"Label": asked["MetricName"], "Datapoints": list(points.values())}


def get_metric_data(seen: Seen, asked: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """Return the series of metrics and expressions, newest point first unless asked otherwise."""
    query = read_query(dict(asked), seen.observer.clock.now_s())
    if isinstance(query, BadQuery):
        return Refused("ValidationError", query.sentence)
    results = []
    for key, label in query.shown.items():
        for series in evaluate_metrics(key, query.queries, seen.observer.source, query.start_s, query.end_s):
            points = series.ordered()
            if asked.get("ScanBy") != "TimestampAscending":
                points = points[::-1]
            results.append(
                {
                    "Id": key,
                    "Label": label,
                    "Timestamps": [at_s for at_s, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
    return {"MetricDataResults": results, "Messages": []}
