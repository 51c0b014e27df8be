"""Every data point that the sandbox saw, newest kept.

Never merges points: one in, one kept, so that any statistic over any period can be computed later. The totals beside
them are for people, and for nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.cloud_store import Store

if TYPE_CHECKING:
    from hookwatch.sandbox.lambda_model import MetricPoint

MAX_POINTS = 200_000
"""Ours: about an hour of fifty deliveries a second with one line each."""


MAX_TOTALS = 5_000


@dataclass(slots=True)
class _Total:
    unit: str
    samples: int = 0
    sum: float = 0.0
    last: float = 0.0


class MetricStore:
    """Data points of every namespace."""

    def __init__(self) -> None:
        self._points: Store[MetricPoint] = Store(MAX_POINTS)
        self._totals: dict[tuple[str, str, tuple[tuple[str, str], ...]], _Total] = {}

    def add(self, point: MetricPoint) -> None:
        """Keep one data point."""
        self._points.add(point)
        key = (point.namespace, point.name, tuple(sorted(point.dimensions.items())))
        if key not in self._totals and len(self._totals) >= MAX_TOTALS:
            return
        total = self._totals.setdefault(key, _Total(point.unit))
        total.samples += 1
        total.sum += point.value
        total.last = point.value

    def totals(self) -> list[dict[str, Any]]:
        """Return every metric's number of samples, sum and last value since the start."""
        return [
            {"namespace": namespace, "name": name, "dimensions": dict(dimensions), **asdict(total)}
            for (namespace, name, dimensions), total in self._totals.items()
        ]

    def query(
        self, *, namespace: str | None = None, name: str | None = None, limit: int = MAX_POINTS
    ) -> list[MetricPoint]:
        """Return the points of a namespace and name, newest first."""
        found: list[MetricPoint] = []
        for point in self._points.newest(MAX_POINTS):
            if namespace not in (None, point.namespace) or name not in (None, point.name):
                continue
            found.append(point)
            if len(found) >= limit:
                break
        return found


def point_as_json(point: MetricPoint) -> dict[str, Any]:
    """Return a data point as the API shows it; `time` is ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(point.time_s, UTC)
    return {
        "namespace": point.namespace,
        "name": point.name,
        "dimensions": dict(point.dimensions),
        "unit": point.unit,
        "value": point.value,
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
