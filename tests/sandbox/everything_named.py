"""Every metric, expression and log query that a stack's alarms and dashboards name, in the form to ask for it.

Never knows a name by itself: all of it is read from the resolved template, so that what is added there is asked too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.cfn import Stack

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
NOT_SIMULATED = "ANOMALY_DETECTION_BAND"
MINUTES = 2 * 24 * 60


@dataclass(frozen=True)
class Named:
    """One thing that must have data.

    Attributes:
        where: Alarm or widget, for whoever reads a failure.
        wanted: Id of the query that must have points, all others being there for it.
        document: What /api/metrics/query is asked.
        metrics: (namespace, name) of what it is made of.
    """

    where: str
    wanted: str
    document: dict[str, Any]
    metrics: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def of_alarms(stack: Stack) -> Iterator[Named]:
    """Every metric of every alarm by itself, and the series that is judged."""
    for key, resource in stack.walk():
        if resource.type != ALARMS[0]:
            continue
        entries = resource.properties.get("Metrics") or [_single(resource.properties)]
        metrics = {
            each["Id"]: (each["MetricStat"]["Metric"]["Namespace"], each["MetricStat"]["Metric"]["MetricName"])
            for each in entries
            if "MetricStat" in each
        }
        for entry in entries:
            expression = str(entry.get("Expression", ""))
            if NOT_SIMULATED in expression or (expression and entry.get("ReturnData") is False):
                continue
            shown = [{**each, "ReturnData": each is entry} for each in _needed(entries, entry)]
            made_of = frozenset(metrics[each["Id"]] for each in shown if each["Id"] in metrics)
            document = {"MetricDataQueries": shown, "minutes": MINUTES}
            yield Named(f"alarm {key}: {expression or metrics[entry['Id']]}", entry["Id"], document, made_of)


def _needed(entries: list[Any], entry: Any) -> list[Any]:
    """Return an entry, and with an expression all that it may name."""
    if "Expression" not in entry:
        return [entry]
    return [each for each in entries if NOT_SIMULATED not in str(each.get("Expression", ""))]


def _single(properties: Any) -> dict[str, Any]:
    metric = {key: properties[key] for key in ("Namespace", "MetricName")}
    stat = properties.get("ExtendedStatistic") or properties["Statistic"]
    metric["Dimensions"] = properties.get("Dimensions", [])
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": properties["Period"], "Stat": stat}}


def bodies(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dashboard as deployed."""
    for key, resource in stack.walk():
        if resource.type == "AWS::CloudWatch::Dashboard":
            yield key, json.loads(resource.properties["DashboardBody"])


def of_widgets(stack: Stack) -> Iterator[Named]:
    """Every row of every metric widget, hidden ones too."""
    for key, body in bodies(stack):
        for widget in body["widgets"]:
            if widget["type"] != "metric":
                continue
            drawn = widget["properties"]
            for at, row in enumerate(drawn["metrics"]):
                options = row[-1] if isinstance(row[-1], dict) else {}
                if isinstance(row[0], str):
                    rows, made_of = [[*row[: len(row) - bool(options)], {**options, "visible": True}]], {tuple(row[:2])}
                else:
                    rows = [_with(each, visible=number == at) for number, each in enumerate(drawn["metrics"])]
                    made_of = set()
                name = options.get("id", f"m{1}" if isinstance(row[0], str) else f"e{at + 1}")
                document = {
                    "metrics": rows,
                    "stat": drawn.get("stat", "Average"),
                    "period": drawn.get("period", 300),
                    "minutes": MINUTES,
                }
                what = options.get("expression") or f"{row[1]} {row[2:-1]}"
                yield Named(f"{key}, {drawn['title']!r}: {what}", name, document, frozenset(made_of))


def _with(row: list[Any], **changed: Any) -> list[Any]:
    return [*row[:-1], row[-1] | changed] if isinstance(row[-1], dict) else [*row, changed]


def log_queries(stack: Stack) -> Iterator[tuple[str, str]]:
    """Every query of a log widget, and every saved one, its log groups in front."""
    for key, body in bodies(stack):
        for widget in body["widgets"]:
            if widget["type"] == "log":
                yield f"{key}, {widget['properties']['title']!r}", widget["properties"]["query"]
    for key, resource in stack.walk():
        if resource.type == "AWS::Logs::QueryDefinition":
            groups = "".join(f"SOURCE '{group}' | " for group in resource.properties["LogGroupNames"])
            yield key, groups + resource.properties["QueryString"]


def shown_alarms(stack: Stack) -> set[str]:
    """Names of the alarms that alarm widgets show."""
    return {
        arn.rpartition(":alarm:")[2]
        for _, body in bodies(stack)
        for widget in body["widgets"]
        if widget["type"] == "alarm"
        for arn in widget["properties"]["alarms"]
    }


def made_alarms(stack: Stack) -> set[str]:
    """Names of the alarms that the stack makes."""
    return {str(resource.physical_name) for _, resource in stack.walk() if resource.type in ALARMS}
