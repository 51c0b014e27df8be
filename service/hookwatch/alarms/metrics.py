"""Metrics as CloudWatch keys them, and the one question that alarms ask about them.

Never stores, never aggregates: a `MetricSource` answers, be it a test's samples or the sandbox's metric store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

INSIGHT_NAMESPACE = "INSIGHT_RULE_METRIC"
"""Our pseudo namespace for `INSIGHT_RULE_METRIC('rule', 'metric')`: dimensions are `{RuleName: rule}`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: CloudWatch compares dimensions as a set, exactly."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    def __str__(self) -> str:
        pairs = ", ".join(f"{name}: {value}" for name, value in sorted(self.dimensions))
        return f"{self.namespace} {self.name} {{{pairs}}}"


def metric(namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> Metric:
    """Make a `Metric` from a plain mapping of dimensions."""
    return Metric(namespace, name, frozenset((dimensions or {}).items()))


class MetricSource(Protocol):
    """Anything that can answer what CloudWatch's GetMetricData answers for one metric."""

    def query(  # noqa: PLR0913, PLR0917 - the question has these eight parts
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
        """Return `(start of period, value)` for each period in `[start_s, end_s)` that has data, oldest first.

        `start_s` is a multiple of `period_s`; `unit` None means any unit.
        """
