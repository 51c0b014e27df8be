"""Data points as series: answers what alarms and dashboards ask CloudWatch.

Never keeps single points (`metrics` does): equal values of the same ten seconds are one entry with a weight, so that a
day of sandbox time fits into memory. The oldest entries give way when there are too many.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.alarms import Metric
from hookwatch.alarms.periods import period_start, within
from hookwatch.alarms.statistics import known_statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.lambda_model import MetricPoint

BUCKET_S = 10
"""The finest period of an alarm; every other one is a multiple of it (API_PutMetricAlarm.html, read 2026-11-22)."""

MAX_ENTRIES = 500_000
"""Ours: about 60 MB."""


@dataclass(slots=True)
class _Track:
    """One metric in one unit: values with their weights, by the start of their ten seconds."""

    starts: list[int] = field(default_factory=list)
    weights: dict[int, dict[float, int]] = field(default_factory=dict)


class SeriesStore:
    """A `MetricSource` over what the sandbox saw."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._entries = 0
        self._tracks: dict[Metric, dict[str, _Track]] = {}
        self._order: deque[tuple[_Track, int]] = deque()

    def add(self, point: MetricPoint) -> None:
        """Take one data point."""
        key = Metric(point.namespace, point.name, frozenset(point.dimensions.items()))
        track = self._tracks.setdefault(key, {}).setdefault(point.unit, _Track())
        start_s = int(point.time_s // BUCKET_S) * BUCKET_S
        if start_s not in track.weights:
            track.weights[start_s] = {}
            insort(track.starts, start_s)
            self._order.append((track, start_s))
        weights = track.weights[start_s]
        self._entries += point.value not in weights
        weights[point.value] = weights.get(point.value, 0) + 1
        while self._entries > self._max_entries:
            self._forget(*self._order.popleft())

    @property
    def metrics(self) -> list[Metric]:
        """Every metric that has data."""
        return list(self._tracks)

    def query(  # noqa: PLR0913, PLR0917 - the question of MetricSource
        self,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        stat: str,
        period_s: int,
        start_s: int,
        end_s: int,
        unit: str | None,
    ) -> list[tuple[int, float]]:
        """Answer as `MetricSource.query` says; a statistic that is none gives nothing."""
        statistic = known_statistic(stat)
        tracks = self._tracks.get(Metric(namespace, metric, frozenset(dimensions.items())), {})
        if statistic is None:
            return []
        periods: dict[int, dict[float, int]] = {}
        for name, track in tracks.items():
            if unit not in (None, name):
                continue
            for bucket_s in track.starts[within(track.starts, start_s, end_s)]:
                at_s = period_start(bucket_s, start_s, period_s)
                _merge(periods.setdefault(at_s, {}), track.weights[bucket_s])
        values = ((at_s, statistic.of(list(periods[at_s].items()))) for at_s in sorted(periods))
        return [(at_s, value) for at_s, value in values if value is not None]

    def _forget(self, track: _Track, start_s: int) -> None:
        self._entries -= len(track.weights.pop(start_s))
        del track.starts[bisect_left(track.starts, start_s)]


def _merge(into: dict[float, int], weights: Mapping[float, int]) -> None:
    for value, weight in weights.items():
        into[value] = into.get(value, 0) + weight
