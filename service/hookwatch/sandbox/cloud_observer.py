"""Reads what the functions say: deliveries, metrics and traces out of lines, points and segments.

Never keeps a line that is none of these, beyond the last few for whoever has to find out why nothing arrived. This is
the one door by which data points come in, and where their time becomes the sandbox's.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.aws_metrics_logs import LogMeter, log_point
from hookwatch.sandbox.clock import Clock
from hookwatch.sandbox.cloud_store import Store
from hookwatch.sandbox.insight_store import InsightStore
from hookwatch.sandbox.metrics import MetricStore
from hookwatch.sandbox.metrics_emf import parse_emf
from hookwatch.sandbox.metrics_series import SeriesStore
from hookwatch.sandbox.traces import TraceStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.sandbox.lambda_model import MetricPoint

MAX_DELIVERIES = 5_000
MAX_LINES = 5_000


class CloudObserver:
    """The `Observer` of all functions.

    Attributes:
        clock: Sandbox time.
        metrics: Every data point, in sandbox time.
        series: The same as series.
        source: The series and what Contributor Insights rules count, for alarms and queries.
        log_groups: Log group by function name; `/aws/lambda/NAME` where it is not here.
        listeners: Called with every line of the functions' log groups.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.metrics = MetricStore()
        self.series = SeriesStore()
        self.source = InsightStore(self.series)
        self.traces = TraceStore()
        self.deliveries: Store[dict[str, Any]] = Store(MAX_DELIVERIES)
        self.lines: Store[dict[str, Any]] = Store(MAX_LINES)
        self.log_groups: dict[str, str] = {}
        self.listeners: list[Callable[[str], None]] = []
        self._log_meter = LogMeter()

    def log_line(self, function: str, line: str) -> None:
        """Take one line of a function's log group."""
        for listener in self.listeners:
            listener(line)
        self.lines.add({"function": function, "time_ms": int(self.clock.now_s() * 1000), "line": line}, len(line))
        self._read(self._group(function), line)

    def group_line(self, group: str, line: str) -> None:
        """Take one line that somebody put into a log group, be it a function's or not."""
        function = next((name for name in self.log_groups if self._group(name) == group), None)
        if function is not None:
            self.log_line(function, line)
        else:
            self._read(group, line)

    def _read(self, group: str, line: str) -> None:
        self._log_meter.add(group, line)
        if not line.startswith("{"):
            return
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(document, dict):
            return
        if isinstance(document.get("outcome"), str):
            self.deliveries.add(document, len(line))
        self.source.add(group, document, self.clock.now_s())
        self._emf(group, document)

    def metric(self, point: MetricPoint) -> None:
        """Take one data point, stamped by the machine's clock."""
        stamped = point if self.clock.speed == 1 else replace(point, time_s=self.clock.stamp_s(point.time_s))
        self.metrics.add(stamped)
        self.series.add(stamped)

    def segment(self, document: Mapping[str, object]) -> None:
        """Take one X-Ray document."""
        self.traces.add(document)

    def meter_logs(self) -> None:
        """Turn what was logged since the last time into data points, as CloudWatch Logs does once a minute."""
        for point in self._log_meter.drain(time.time()):
            self.metric(point)

    def _group(self, function: str) -> str:
        return self.log_groups.get(function, f"/aws/lambda/{function}")

    def _emf(self, group: str, document: Mapping[str, Any]) -> None:
        now_s = time.time()
        emf = parse_emf(document, now_s)
        for point in emf.points:
            self.metric(point)
        for name, count in (("EMFParsingErrors", emf.parsing_errors), ("EMFValidationErrors", emf.validation_errors)):
            if count:
                self.metric(log_point(group, name, count, time_s=now_s))
