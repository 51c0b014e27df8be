"""What /api/metrics/query is asked, checked.

Never evaluates (`query_answer` does). A query is refused with a sentence before anything is computed: an unknown id, a
syntax error with its column, a function that only CloudWatch can compute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.alarms import Metric
from hookwatch.alarms.math import ExpressionQuery, Kind, MathFault, MetricQuery, Query, check, parse, period_of
from hookwatch.alarms.queries import ID, valid_period
from hookwatch.alarms.statistics import parse_statistic
from hookwatch.sandbox.query_entry import (
    DEFAULT_STATISTIC,
    WIDGET_PERIOD_S,
    BadQuery,
    Entry,
    read_aws,
    read_own,
    read_rows,
)
from hookwatch.sandbox.query_search import written_out
from hookwatch.sandbox.query_span import read_span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_QUERIES = 500
MAX_POINTS = 100_800
"""Queries and datapoints of one GetMetricData call (API_GetMetricData.html, read 2026-11-22)."""

MAX_PERIOD_S = 86_400
"""The longest period of a metric: one day (API_MetricStat.html, read 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that can be answered.

    Attributes:
        queries: Metrics and expressions by id.
        shown: Ids whose series are wanted, with their labels.
        start_s: Unix seconds.
        end_s: Unix seconds.
    """

    queries: dict[str, Query]
    shown: dict[str, str]
    start_s: int
    end_s: int


def read_query(document: object, now_s: float, known: Iterable[Metric] = ()) -> Asked | BadQuery:
    """Read a query out of parsed JSON; `now_s` is sandbox time, `known` is what SEARCH looks through."""
    if isinstance(document, list):
        document = {"queries": document}
    if not isinstance(document, dict):
        return BadQuery('the query must be one JSON object or list, such as {"queries": [{"id": "m1", "metric": ...}]}')
    read = _entries(document)
    if isinstance(read, BadQuery):
        return read
    entries = _sound(read, known)
    if isinstance(entries, BadQuery):
        return entries
    queries = _queries(entries)
    if isinstance(queries, BadQuery):
        return queries
    shown = {entry.id: _label(entry) for entry in entries if entry.shown}
    if not shown and not any(isinstance(entry, Entry) and entry.shown for entry in read):
        return BadQuery("no query is shown: there is nothing to answer")
    if fault := _first_fault(queries, shown):
        return fault
    span = read_span(document, now_s, max((period_of(query, queries) for query in queries.values()), default=60))
    if isinstance(span, BadQuery):
        return span
    wanted = sum((span[1] - span[0]) // period_of(queries[key], queries) + 1 for key in shown)
    if wanted > MAX_POINTS:
        return BadQuery(f"{wanted:,} datapoints are more than the {MAX_POINTS:,} of one answer: ask for less time")
    return Asked(queries, shown, *span)


def _sound(entries: list[Entry | BadQuery], known: Iterable[Metric]) -> list[Entry] | BadQuery:
    """Return the entries with every SEARCH written out; the first one that is none, if there is one."""
    sound: list[Entry] = []
    for entry in entries:
        if isinstance(entry, BadQuery):
            return entry
        sound.append(entry)
    return written_out(sound, known)


def _queries(entries: list[Entry]) -> dict[str, Query] | BadQuery:
    queries: dict[str, Query] = {}
    for entry in entries:
        query = _query(entry)
        if isinstance(query, BadQuery):
            return query
        if query.id in queries:
            return BadQuery(f"the id {query.id} stands twice")
        queries[query.id] = query
    return queries


def _entries(document: dict[str, Any]) -> list[Entry | BadQuery] | BadQuery:
    given = next((key for key in ("queries", "MetricDataQueries", "metrics") if key in document), None)
    items = document.get(given) if given else None
    if not isinstance(items, list) or not items:
        return BadQuery("give queries: a list of metrics and expressions (or MetricDataQueries, or a widget's metrics)")
    if len(items) > MAX_QUERIES:
        return BadQuery(f"{len(items)} queries are more than the {MAX_QUERIES} of one call")
    if given == "metrics":
        period_s = document.get("period", document.get("period_s", WIDGET_PERIOD_S))
        return read_rows(items, document.get("stat", DEFAULT_STATISTIC), period_s)
    read = read_own if given == "queries" else read_aws
    return [read(item, number) for number, item in enumerate(items, 1)]


def _query(entry: Entry) -> Query | BadQuery:
    if not isinstance(entry.id, str) or not ID.fullmatch(entry.id):
        return BadQuery(f"the id {entry.id!r} must start with a lower-case letter and hold letters, digits and _")
    if entry.period_s is not None and not _is_period(entry.period_s):
        return BadQuery(f"query {entry.id}: the period must be 10, 20, 30 or a multiple of 60 seconds, up to a day")
    if entry.expression is not None:
        node = parse(entry.expression) if isinstance(entry.expression, str) else None
        if node is None or isinstance(node, MathFault):
            return BadQuery(f"expression {entry.id}, {node or 'must be a text'}")
        return ExpressionQuery(entry.id, entry.expression, node, entry.period_s)
    if not isinstance(entry.namespace, str) or not isinstance(entry.name, str) or not entry.namespace or not entry.name:
        return BadQuery(f"query {entry.id}: a metric needs a namespace and a name")
    dimensions = entry.dimensions
    if not isinstance(dimensions, dict) or not all(isinstance(value, str) for value in dimensions.values()):
        return BadQuery(f"query {entry.id}: dimensions is an object of texts")
    statistic = parse_statistic(entry.stat) if isinstance(entry.stat, str) else "stat must be a text"
    if isinstance(statistic, str):
        return BadQuery(f"query {entry.id}: {statistic}")
    if entry.unit is not None and not isinstance(entry.unit, str):
        return BadQuery(f"query {entry.id}: unit must be a text")
    metric = Metric(entry.namespace, entry.name, frozenset(dimensions.items()))
    return MetricQuery(entry.id, metric, entry.stat, entry.period_s, entry.unit)


def _is_period(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and valid_period(value) and value <= MAX_PERIOD_S


def _label(entry: Entry) -> str:
    return str(entry.label or entry.name or entry.expression)


def _first_fault(queries: dict[str, Query], shown: Collection[str]) -> BadQuery | None:
    for query in queries.values():
        if not isinstance(query, ExpressionQuery):
            continue
        kind = check(query, queries)
        if isinstance(kind, MathFault):
            return BadQuery(f"expression {query.id}, {kind}")
        if query.id in shown and kind not in (Kind.SERIES, Kind.ARRAY):
            return BadQuery(f"expression {query.id} gives {kind.value}, and only series are shown (try TIME_SERIES)")
    return None
