"""AWS/Logs data points: how much the functions log.

Never reads a line's content. CloudWatch Logs publishes sums once a minute; here they are taken whenever `drain` is
called. Names and dimensions: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html,
read 2026-11-22. IncomingBytes counts the lines as UTF-8; AWS does not say there whether the 26 bytes that it bills for
each line are in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hookwatch.sandbox.lambda_model import MetricPoint

NAMESPACE = "AWS/Logs"


@dataclass(slots=True)
class _Sum:
    lines: int = 0
    bytes: int = 0


class LogMeter:
    """Counts lines and bytes of each log group."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}

    def add(self, group: str, line: str) -> None:
        """Count one line."""
        total = self._sums.setdefault(group, _Sum())
        total.lines += 1
        total.bytes += len(line.encode("utf-8", "replace"))

    def drain(self, time_s: float) -> list[MetricPoint]:
        """Return the points since the last time."""
        sums, self._sums = self._sums, {}
        return [
            point
            for group, total in sums.items()
            for point in (
                log_point(group, "IncomingLogEvents", total.lines, time_s=time_s),
                log_point(group, "IncomingBytes", total.bytes, time_s=time_s, unit="Bytes"),
            )
        ]


def log_point(group: str, name: str, value: float, *, time_s: float, unit: str = "Count") -> MetricPoint:
    """Return one data point of a log group; `time_s` is Unix time."""
    return MetricPoint(
        namespace=NAMESPACE,
        name=name,
        dimensions={"LogGroupName": group},
        unit=unit,
        value=float(value),
        time_s=time_s,
    )
