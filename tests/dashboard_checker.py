"""Judges a CloudWatch dashboard body, which no linter does: cfn-lint takes any text for one.

Never knows which dashboard it sees. The structure is that of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
(read 2026-11-22), plus `sparkline`, `start` and `end` of a widget, which the console itself writes.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = 24
MAX_WIDGETS = 500
MAX_HEIGHT = 1000
MAX_ALARMS = 100
BODY_KEYS = {"widgets", "variables", "start", "end", "periodOverride"}
WIDGET_KEYS = {"type", "x", "y", "width", "height", "properties"}
VIEWS = {
    "metric": {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"},
    "log": {"table", "timeSeries", "bar", "pie"},
}
PROPERTIES = {
    "text": {"markdown", "background"},
    "alarm": {"alarms", "sortBy", "states", "title"},
    "log": {"query", "region", "title", "view", "stacked"},
    "metric": {
        *("metrics", "annotations", "view", "stacked", "sparkline", "stat", "period", "region", "title", "yAxis"),
        *("legend", "liveData", "start", "end", "setPeriodToTimeRange"),
    },
}
NEEDED = {
    "text": {"markdown"},
    "alarm": {"alarms", "title"},
    "log": {"query", "region", "title"},
    "metric": {"metrics", "region", "title", "view", "stat", "period"},
}
ROW_OPTIONS = {"expression", "id", "label", "color", "stat", "period", "visible", "yAxis", "region"}
LINE_KEYS = {"value", "label", "color", "fill", "yAxis", "visible"}
STATISTIC = re.compile(r"SampleCount|Sum|Average|Minimum|Maximum|p\d{1,2}(\.\d+)?")
COLOR = re.compile(r"#[0-9a-f]{6}")
MAX_DYNAMIC_LABELS = 6


def faults(body: dict[str, Any]) -> list[str]:
    """Everything that PutDashboard would refuse, or that a reader would stumble over, one sentence each."""
    found = [f"the body has an unknown key {key}" for key in body.keys() - BODY_KEYS]
    widgets = body.get("widgets", [])
    if not 0 < len(widgets) <= MAX_WIDGETS:
        found.append(f"{len(widgets)} widgets")
    for widget in widgets:
        name = widget.get("properties", {}).get("title", widget.get("type"))
        found += [f"{name}: {fault}" for fault in _widget(widget)]
    return found + list(_overlaps(widgets))


def _widget(widget: dict[str, Any]) -> Iterator[str]:
    kind, properties = widget.get("type"), widget.get("properties", {})
    yield from (f"unknown key {key}" for key in widget.keys() - WIDGET_KEYS)
    yield from (f"no {key}" for key in WIDGET_KEYS - widget.keys())
    if kind not in PROPERTIES or WIDGET_KEYS - widget.keys():
        yield f"type {kind}"
        return
    x, y, width, height = (widget[key] for key in ("x", "y", "width", "height"))
    if not all(type(number) is int for number in (x, y, width, height)):
        yield "its place is not in whole numbers"
    elif not (x >= 0 and y >= 0 and width >= 1 and 1 <= height <= MAX_HEIGHT and x + width <= COLUMNS):
        yield f"at {x},{y} with {width}x{height} it leaves the {COLUMNS} columns"
    yield from (f"unknown property {key}" for key in properties.keys() - PROPERTIES[kind])
    yield from (f"no {key}" for key in NEEDED[kind] if not properties.get(key))
    if kind in VIEWS and properties.get("view", "timeSeries") not in VIEWS[kind]:
        yield f"view {properties['view']}"
    match kind:
        case "metric":
            yield from _metric(properties)
        case "log" if not re.match(r"SOURCE '[^'$]+'( \| SOURCE '[^'$]+')* \| ", properties.get("query", "")):
            yield "the query does not begin with its log groups"
        case "alarm":
            yield from _alarms(properties)
        case _:
            pass


def _alarms(properties: dict[str, Any]) -> Iterator[str]:
    arns = properties.get("alarms", [])
    if not 1 <= len(arns) <= MAX_ALARMS:
        yield f"{len(arns)} alarms"
    yield from (
        f"{arn} is no alarm" for arn in arns if not re.match(r"arn:[a-z-]+:cloudwatch:[^:]+:\d{12}:alarm:", arn)
    )
    yield from (f"{arn} twice" for arn in {arn for arn in arns if arns.count(arn) > 1})
    if properties.get("sortBy", "default") not in {"default", "stateUpdatedTimestamp", "timestamp"}:
        yield f"sortBy {properties['sortBy']}"
    yield from (f"state {state}" for state in set(properties.get("states", [])) - {"OK", "ALARM", "INSUFFICIENT_DATA"})


def _metric(properties: dict[str, Any]) -> Iterator[str]:
    if properties.get("sparkline") and properties.get("view") != "singleValue":
        yield "a sparkline belongs to a single value"
    if not STATISTIC.fullmatch(str(properties.get("stat"))):
        yield f"stat {properties.get('stat')}"
    if not _is_period(properties.get("period")):
        yield f"period {properties.get('period')!r}"
    if not properties.get("yAxis", {}).get("left", {}).get("label"):
        yield "no unit on the left axis"
    ids = [row[-1]["id"] for row in properties.get("metrics", []) if isinstance(row[-1], dict) and "id" in row[-1]]
    yield from (f"two rows have the id {name}" for name in {name for name in ids if ids.count(name) > 1})
    for row in properties.get("metrics", []):
        yield from _row(row, properties)
    for line in properties.get("annotations", {}).get("horizontal", []):
        yield from (f"line with {key}" for key in line.keys() - LINE_KEYS)
        if type(line.get("value")) not in (int, float) or not line.get("label"):
            yield f"line {line} needs a number and a label"
        yield from _axis(line, properties)


def _row(row: list[Any], properties: dict[str, Any]) -> Iterator[str]:
    options = row[-1] if isinstance(row[-1], dict) else {}
    names = row[:-1] if options else row
    if not all(isinstance(name, str) and name for name in names):
        yield f"row {row} holds something else than names"
    if "expression" in options:
        if names:
            yield f"row {row} is both metric and expression"
    elif len(names) < 2 or len(names) % 2:
        yield f"row {row} has half a dimension"
    yield from (f"row {row} has an unknown option {key}" for key in options.keys() - ROW_OPTIONS)
    if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", options.get("id", "x")):
        yield f"id {options['id']}"
    if not options.get("label") or options["label"].count("${") > MAX_DYNAMIC_LABELS:
        yield f"row {row} needs a label"
    if "visible" in options and not isinstance(options["visible"], bool):
        yield f"visible {options['visible']!r}"
    if not COLOR.fullmatch(options.get("color", "#000000")):
        yield f"color {options['color']}"
    if not STATISTIC.fullmatch(options.get("stat", "Sum")):
        yield f"stat {options['stat']}"
    yield from _axis(options, properties)


def _axis(options: dict[str, Any], properties: dict[str, Any]) -> Iterator[str]:
    axis = options.get("yAxis", "left")
    if axis not in ("left", "right") or (axis == "right" and "right" not in properties.get("yAxis", {})):
        yield f"nothing is known of the axis {axis}"


def _is_period(period: object) -> bool:
    return type(period) is int and period >= 60 and period % 60 == 0


def _overlaps(widgets: list[dict[str, Any]]) -> Iterator[str]:
    placed = [widget for widget in widgets if not WIDGET_KEYS - widget.keys()]
    for one, other in itertools.combinations(placed, 2):
        apart = (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or one["y"] + one["height"] <= other["y"]
            or other["y"] + other["height"] <= one["y"]
        )
        if not apart:
            yield f"{one['properties'].get('title')} and {other['properties'].get('title')} overlap"
