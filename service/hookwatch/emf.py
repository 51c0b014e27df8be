"""What makes a log line a metric: an EMF document, and the time in its form. Never writes a line or decides a value.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
(read 2026-11-22)
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import EphemeralMetrics

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "Hookwatch"
SERVICE = "hookwatch"


def service_name() -> str:
    """The value of the dimension `service`, and of the field that every line has."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE)


class Emf:
    """Metrics of one provider: the dimensions are always `service` and `provider`."""

    def __init__(self, provider: str, units: Mapping[str, str]) -> None:
        """Make it.

        Args:
            provider: the value of the dimension.
            units: metric -> unit; what is not named is a count.
        """
        # Powertools' plain `Metrics` keeps its dimensions in the class, where another provider would inherit them.
        self._metrics = EphemeralMetrics(
            namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE), service=service_name()
        )
        self._metrics.set_default_dimensions(provider=provider)
        self._units = units
        self._directives: dict[tuple[str, ...], Any] = {}

    def document(self, values: Mapping[str, float], now_ms: int) -> dict[str, Any]:
        """The fields that make a line count these values; the line itself must name `service` and `provider`."""
        names = tuple(values)
        directive = self._directives.get(names)
        if directive is None:
            for name, value in values.items():
                self._metrics.add_metric(name, self._units.get(name, "Count"), value)
            # Powertools checks names, units and limits once for every set of metrics; only values change after that.
            directive = self._metrics.serialize_metric_set()["_aws"]["CloudWatchMetrics"]
            self._metrics.clear_metrics()
            self._directives[names] = directive
        return {"_aws": {"Timestamp": now_ms, "CloudWatchMetrics": directive}, **values}


class Timestamps:
    """Moments as RFC 3339 with milliseconds; the text of the last second is kept, because most lines share it."""

    def __init__(self) -> None:
        """Nothing kept yet."""
        self._second, self._text = 0, ""

    def text(self, now_ms: int) -> str:
        """A moment, given in milliseconds since the epoch."""
        second, ms = divmod(now_ms, 1000)
        if second != self._second or not self._text:
            self._second = second
            self._text = f"{datetime.fromtimestamp(second, tz=UTC):%Y-%m-%dT%H:%M:%S}"
        return f"{self._text}.{ms:03}Z"
