"""Series for a dashboard query.

Never checks (`query` did) and never invents a datapoint: a period without data has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.alarms import evaluate_metrics
from hookwatch.sandbox.clock import iso

if TYPE_CHECKING:
    from hookwatch.alarms import MetricSource
    from hookwatch.sandbox.query import Asked


def answer(asked: Asked, source: MetricSource) -> dict[str, Any]:
    """Return the series of every shown query; an expression that gives several has several with one id."""
    return {
        "start": iso(asked.start_s),
        "end": iso(asked.end_s),
        "series": [
            {
                "id": key,
                "label": label,
                "period_s": series.period_s,
                "points": [{"time": iso(at_s), "value": value} for at_s, value in series.ordered()],
            }
            for key, label in asked.shown.items()
            for series in evaluate_metrics(key, asked.queries, source, asked.start_s, asked.end_s)
        ],
    }
