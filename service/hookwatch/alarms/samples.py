"""A metric source over samples that a test file or a recording gives.

Never interpolates: a period without samples has no datapoint.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hookwatch.alarms.metrics import Metric
from hookwatch.alarms.periods import within
from hookwatch.alarms.statistics import Samples, known_statistic, merged


@dataclass(slots=True)
class _Track:
    """The samples of one metric and unit, in time order."""

    unit: str | None
    times: list[int] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)


class SampleStore:
    """Answers `MetricSource.query` from samples in memory.

    A sample without a unit answers every unit; one with a unit answers an alarm that asks for none or for the same.
    """

    def __init__(self) -> None:
        self._tracks: dict[Metric, list[_Track]] = {}
        self._known: dict[tuple[Metric, str, int, str | None], dict[int, float | None]] = {}

    def add(self, key: Metric, entries: Iterable[tuple[int, Samples]], unit: str | None = None) -> None:
        """Add samples by time (seconds); times may come in any order."""
        present = [entry for entry in entries if entry[1]]
        ordered = sorted(present, key=lambda entry: entry[0])
        track = _Track(unit, [at for at, _ in ordered], [samples for _, samples in ordered])
        self._tracks.setdefault(key, []).append(track)
        self._known.clear()

    @property
    def metrics(self) -> list[Metric]:
        """Every metric that has a series."""
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
        key = Metric(namespace, metric, frozenset(dimensions.items()))
        statistic = known_statistic(stat)
        if statistic is None or key not in self._tracks:
            return []
        known = self._known.setdefault((key, stat, period_s, unit), {})
        found: list[tuple[int, float]] = []
        for at in range(start_s, end_s, period_s):
            if at not in known:
                known[at] = statistic.of(self._between(key, at, at + period_s, unit))
            value = known[at]
            if value is not None:
                found.append((at, value))
        return found

    def _between(self, key: Metric, start_s: int, end_s: int, unit: str | None) -> Samples:
        collected: Samples = []
        for track in self._tracks[key]:
            if unit is not None and track.unit not in (None, unit):
                continue
            for samples in track.samples[within(track.times, start_s, end_s)]:
                collected += samples
        return merged(collected) if len(collected) > 1 else collected
