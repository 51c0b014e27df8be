"""Reads what the functions say: deliveries, metrics and traces out of lines, points and segments.

Never keeps a line that is none of these, beyond the last few for whoever has to find out why nothing arrived.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_store import Store
from hookwatch.sandbox.lambda_model import MetricPoint
from hookwatch.sandbox.metrics import MetricStore
from hookwatch.sandbox.metrics_emf import parse_emf
from hookwatch.sandbox.traces import TraceStore

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DELIVERIES = 5_000
MAX_LINES = 5_000


class CloudObserver:
    """The `Observer` of all functions."""

    def __init__(self) -> None:
        self.metrics = MetricStore()
        self.traces = TraceStore()
        self.deliveries: Store[dict[str, Any]] = Store(MAX_DELIVERIES)
        self.lines: Store[dict[str, str]] = Store(MAX_LINES)

    def log_line(self, function: str, line: str) -> None:
        """Take one line of a function's log group."""
        self.lines.add({"function": function, "line": line}, len(line))
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
        self._emf(function, document)

    def metric(self, point: MetricPoint) -> None:
        """Take one data point of AWS's own."""
        self.metrics.add(point)

    def segment(self, document: Mapping[str, object]) -> None:
        """Take one X-Ray document."""
        self.traces.add(document)

    def _emf(self, function: str, document: Mapping[str, Any]) -> None:
        now_s = time.time()
        emf = parse_emf(document, now_s)
        for point in emf.points:
            self.metrics.add(point)
        for name, count in (("EMFParsingErrors", emf.parsing_errors), ("EMFValidationErrors", emf.validation_errors)):
            if count:
                self.metrics.add(
                    MetricPoint(
                        namespace="AWS/Logs",
                        name=name,
                        dimensions={"LogGroupName": f"/aws/lambda/{function}"},
                        unit="Count",
                        value=float(count),
                        time_s=now_s,
                    )
                )
