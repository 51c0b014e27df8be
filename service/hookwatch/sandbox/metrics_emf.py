"""CloudWatch Embedded Metric Format: one log line into data points, as CloudWatch Logs does it.

Never stores anything and never raises: a line that is not EMF gives nothing, one that is broken EMF gives an error.
Rules: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html,
read 2026-11-22.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hookwatch.sandbox.lambda_model import MetricPoint

MAX_METRICS = 100
MAX_VALUES = 100
MAX_DIMENSIONS = 30
MAX_DIMENSION_CHARS = 1024
OLDEST_S = 14 * 24 * 3600
NEWEST_S = 2 * 3600

_SIZES = frozenset(f"{scale}{kind}" for kind in ("bytes", "bits") for scale in ("", "kilo", "mega", "giga", "tera"))
_RATED = frozenset({"Count", *(name.capitalize() for name in _SIZES)})
UNITS = _RATED | {f"{name}/Second" for name in _RATED} | {"Seconds", "Microseconds", "Milliseconds", "Percent", "None"}
"""StandardUnit of the CloudWatch API (botocore's cloudwatch model 1.43.106)."""


@dataclass(slots=True)
class Emf:
    """What one line gave.

    Attributes:
        points: Its data points.
        parsing_errors: Directives whose shape is wrong.
        validation_errors: Directives whose content breaks a limit; CloudWatch drops these silently.
    """

    points: list[MetricPoint] = field(default_factory=list)
    parsing_errors: int = 0
    validation_errors: int = 0


class _InvalidError(Exception):
    """A limit of the format is broken."""


def parse_emf(document: Mapping[str, Any], now_s: float) -> Emf:
    """Return the data points of one parsed log line.

    Args:
        document: The line's JSON object.
        now_s: The time of its arrival, Unix time.
    """
    result = Emf()
    if "_aws" not in document:
        return result
    header = document["_aws"]
    if not isinstance(header, Mapping) or not isinstance(header.get("CloudWatchMetrics"), list):
        result.parsing_errors += 1
        return result
    for directive in header["CloudWatchMetrics"]:
        try:
            time_s = _time(header.get("Timestamp"), now_s)
            result.points += _directive(directive, document, time_s)
        except _InvalidError:
            result.validation_errors += 1
        except (KeyError, TypeError, AttributeError, ValueError):
            result.parsing_errors += 1
    return result


def _time(timestamp: Any, now_s: float) -> float:
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        raise TypeError("Timestamp is milliseconds since the epoch")
    time_s = timestamp / 1000
    if not now_s - OLDEST_S <= time_s <= now_s + NEWEST_S:
        raise _InvalidError("Timestamp is too old or too new")
    return time_s


def _directive(directive: Mapping[str, Any], document: Mapping[str, Any], time_s: float) -> list[MetricPoint]:
    namespace, sets, metrics = directive["Namespace"], directive["Dimensions"], directive["Metrics"]
    if not isinstance(namespace, str) or not isinstance(sets, list) or not isinstance(metrics, list):
        raise TypeError("Namespace is a text, Dimensions and Metrics are lists")
    if not namespace or len(metrics) > MAX_METRICS:
        raise _InvalidError("no namespace, or too many metrics")
    named = [_dimensions(names, document) for names in sets]
    points = []
    for metric in metrics:
        unit = metric.get("Unit", "None")
        if unit not in UNITS:
            raise _InvalidError("no such unit")
        points += [
            MetricPoint(
                namespace=namespace, name=metric["Name"], dimensions=dimensions, unit=unit, value=value, time_s=time_s
            )
            for value in _values(document[metric["Name"]])
            for dimensions in named
        ]
    return points


def _dimensions(names: list[str], document: Mapping[str, Any]) -> dict[str, str]:
    if not isinstance(names, list):
        raise TypeError("a dimension set is a list of names")
    dimensions = {name: document[name] for name in names}
    if len(dimensions) > MAX_DIMENSIONS:
        raise _InvalidError("too many dimensions")
    for value in dimensions.values():
        if not isinstance(value, str):
            raise TypeError("a dimension's value is a text")
        if not 1 <= len(value) <= MAX_DIMENSION_CHARS:
            raise _InvalidError("a dimension's value is empty or too long")
    return dimensions


def _values(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_VALUES:
        raise _InvalidError("too many values")
    for number in values:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError("a metric's value is a number")
        if not math.isfinite(number):
            raise _InvalidError("CloudWatch stores neither NaN nor infinity")
    return [float(number) for number in values]
