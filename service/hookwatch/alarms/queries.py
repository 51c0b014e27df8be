"""The metrics and expressions of one alarm, from its properties.

Never evaluates. Both forms are read: MetricName beside Namespace, and the Metrics list.
"""

import re
from dataclasses import dataclass
from typing import Any

from hookwatch.alarms.math import ExpressionQuery, Kind, MathFault, MetricQuery, Query, check, parse
from hookwatch.alarms.math.queries import inputs
from hookwatch.alarms.metrics import Metric
from hookwatch.alarms.properties import NOT_SIMULATED, Properties
from hookwatch.alarms.statistics import BASIC, parse_statistic

ID = re.compile(r"[a-z][A-Za-z0-9_]*")
PLAIN_ID = "m1"
"""The id that a plain metric alarm's only metric gets."""

SYNTAX, KINDS, PERIOD, TOO_MANY, FORM = "A001", "A002", "A004", "A006", "A007"
"""Rules of `lint` for the faults found here."""

MAX_METRICS = 10
"""Metrics in one alarm on a math expression.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html, read 2026-11-22.
"""

HIGH_RESOLUTION_PERIODS_S = frozenset({10, 20, 30})
STANDARD_PERIOD_S = 60
"""Periods that CloudWatch takes: 10, 20, 30 and multiples of 60 (API_PutMetricAlarm.html, read 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class ReadQueries:
    """Queries by id, and the id of the one that is compared; empty when there were faults."""

    queries: dict[str, Query]
    watched: str

    @property
    def metrics(self) -> list[MetricQuery]:
        """The plain metrics among them."""
        return [query for query in self.queries.values() if isinstance(query, MetricQuery)]


def valid_period(period_s: float) -> bool:
    """Tell whether CloudWatch takes this period (seconds)."""
    return period_s in HIGH_RESOLUTION_PERIODS_S or (period_s > 0 and period_s % STANDARD_PERIOD_S == 0)


def read_queries(properties: Properties) -> ReadQueries:
    """Read the queries of an alarm; faults go to `properties`."""
    if "Metrics" not in properties.raw:
        return ReadQueries({PLAIN_ID: _metric(PLAIN_ID, properties, properties, "Statistic")}, PLAIN_ID)
    entries = properties.raw["Metrics"]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        properties.fault("Metrics is no list of metrics and expressions", FORM)
        return ReadQueries({}, "")
    if "MetricName" in properties.raw:
        properties.fault("MetricName and Metrics stand beside each other; an alarm has one of them", FORM)
    queries: dict[str, Query] = {}
    returned: list[str] = []
    for entry in entries:
        query = _entry(properties.part(entry))
        if query is None:
            continue
        if query.id in queries:
            properties.fault(f"the id {query.id} stands twice in Metrics", FORM)
        queries[query.id] = query
        if str(entry.get("ReturnData", True)).lower() != "false":
            returned.append(query.id)
    found = ReadQueries(queries, _watched(queries, returned, properties))
    if len(found.metrics) > MAX_METRICS:
        properties.fault(f"{len(found.metrics)} metrics in one alarm, {MAX_METRICS} are allowed", TOO_MANY)
    return found


def _watched(queries: dict[str, Query], returned: list[str], properties: Properties) -> str:
    if properties.faults:
        return ""
    if len(returned) != 1:
        spoken = f"{len(returned)} ({', '.join(returned)})" if returned else "none"
        properties.fault(f"exactly one entry of Metrics must return data, here it is {spoken}", FORM)
        return ""
    for query in queries.values():
        if isinstance(query, ExpressionQuery):
            _check(query, queries, properties, must_be_series=query.id == returned[0])
    periods = sorted({query.period_s for query in inputs(queries[returned[0]], queries)})
    if len(periods) > 1:
        spoken = ", ".join(map(str, periods))
        properties.fault(f"all metrics of an alarm must have the same Period, here are {spoken} s", FORM)
    return returned[0]


def _check(query: ExpressionQuery, queries: dict[str, Query], properties: Properties, *, must_be_series: bool) -> None:
    kind = check(query, queries)
    if isinstance(kind, MathFault):
        properties.fault(
            f"expression {query.id}, {kind}", KINDS if kind.simulated else NOT_SIMULATED, simulated=kind.simulated
        )
    elif must_be_series and kind is not Kind.SERIES:
        properties.fault(f"expression {query.id} gives {kind.value}; an alarm needs one series", KINDS)


def _entry(own: Properties) -> Query | None:
    identity = own.text("Id")
    if identity and not ID.fullmatch(identity):
        own.fault(f"the id {identity!r} must start with a lower-case letter and hold letters, digits and _", FORM)
    if "Expression" in own.raw:
        text = own.text("Expression")
        period = own.raw.get("Period")
        parsed = parse(text) if text else None
        if isinstance(parsed, MathFault):
            own.fault(
                f"expression {identity}, {parsed}",
                SYNTAX if parsed.simulated else NOT_SIMULATED,
                simulated=parsed.simulated,
            )
        if parsed is None or isinstance(parsed, MathFault):
            return None
        return ExpressionQuery(identity, text, parsed, _period(own, "Period") if period is not None else None)
    stat = own.raw.get("MetricStat")
    if not isinstance(stat, dict) or not isinstance(stat.get("Metric"), dict):
        own.fault(f"the entry {identity} of Metrics has neither Expression nor MetricStat with a Metric", FORM)
        return None
    return _metric(identity, own.part(stat["Metric"]), own.part(stat), "Stat")


def _metric(identity: str, metric: Properties, stat: Properties, statistic_key: str) -> MetricQuery:
    namespace, name = metric.text("Namespace"), metric.text("MetricName")
    dimensions = _dimensions(metric)
    period_s = _period(stat, "Period")
    if statistic_key == "Statistic" and "ExtendedStatistic" in stat.raw:
        if "Statistic" in stat.raw:
            stat.fault("Statistic and ExtendedStatistic stand beside each other; an alarm has one of them", FORM)
        statistic = stat.text("ExtendedStatistic")
    else:
        one_of = frozenset(BASIC) if statistic_key == "Statistic" else None
        statistic = stat.text(statistic_key, one_of=one_of)
    if statistic:
        parsed = parse_statistic(statistic)
        if isinstance(parsed, str):
            stat.fault(parsed)
    unit = stat.text("Unit") if stat.raw.get("Unit") is not None else None
    return MetricQuery(identity, Metric(namespace, name, dimensions), statistic, period_s, unit)


def _period(properties: Properties, name: str) -> int:
    before = len(properties.faults)
    period_s = properties.whole(name, least=1)
    if len(properties.faults) == before and not valid_period(period_s):
        properties.fault(f"{name} {period_s} is none of 10, 20, 30 or a multiple of 60", PERIOD)
    return period_s


def _dimensions(metric: Properties) -> frozenset[tuple[str, str]]:
    entries: Any = metric.raw.get("Dimensions") or []
    if not isinstance(entries, list):
        metric.fault("Dimensions is no list")
        return frozenset()
    pairs: list[tuple[str, str]] = []
    for entry in entries:
        named = entry.get("Name", "?") if isinstance(entry, dict) else "?"
        own = metric.part(entry, f"dimension {named}: ")
        pairs.append((own.text("Name"), own.text("Value")))
    return frozenset(pairs)
