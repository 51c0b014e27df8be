"""SEARCH in a dashboard query: the metrics that it finds, written out.

Never evaluates: each SEARCH becomes the array of its metrics, as further entries of the query. Read is what our
dashboards write: a schema in braces and terms `Key="value"`, all of which must hold
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html, read 2026-11-27);
anything else is refused, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hookwatch.sandbox.query_entry import BadQuery, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.alarms import Metric

MAX_FOUND = 500
"""Time series that one SEARCH returns (the same page)."""

_SEARCH = re.compile(r"SEARCH\(\s*'([^']*)'\s*,\s*'([^']*)'\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE)
_SCHEMA = re.compile(r"\s*\{([^}]*)\}(.*)", re.DOTALL)
_TERM = re.compile(r'([A-Za-z][\w.]*)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class _Search:
    """One search: the namespace, the names of exactly the dimensions, and what must hold."""

    namespace: str
    dimensions: frozenset[str]
    terms: tuple[tuple[str, str], ...]

    def finds(self, metric: Metric) -> bool:
        """Tell whether a metric is meant."""
        values = dict(metric.dimensions)
        if metric.namespace != self.namespace or values.keys() != self.dimensions:
            return False
        values |= {"MetricName": metric.name, "Namespace": metric.namespace}
        return all(values.get(key) == value for key, value in self.terms)


def written_out(entries: list[Entry], known: Iterable[Metric]) -> list[Entry] | BadQuery:
    """Return the entries with every SEARCH replaced; one that finds nothing and stands alone is left out."""
    found: list[Entry] = []
    metrics = sorted(known, key=str)
    for entry in entries:
        if not isinstance(entry.expression, str) or not (calls := list(_SEARCH.finditer(entry.expression))):
            found.append(entry)
            continue
        text, end = "", 0
        for number, call in enumerate(calls):
            search = _read(call[1])
            if isinstance(search, str):
                return BadQuery(f"expression {entry.id}: {search}")
            made = [
                Entry(
                    id=f"{entry.id}_found_{number}_{at}",
                    namespace=metric.namespace,
                    name=metric.name,
                    dimensions=dict(metric.dimensions),
                    stat=call[2],
                    period_s=int(call[3]) if call[3] else entry.period_s or 300,
                    shown=False,
                )
                for at, metric in enumerate(metric for metric in metrics if search.finds(metric))
            ][:MAX_FOUND]
            if not made and call[0] == entry.expression.strip():
                break
            if not made:
                return BadQuery(f"expression {entry.id}: SEARCH finds no metric, so that there is nothing to compute")
            found += made
            text += entry.expression[end : call.start()] + f"[{', '.join(each.id for each in made)}]"
            end = call.end()
        else:
            found.append(replace(entry, expression=text + entry.expression[end:]))
    return found


def _read(text: str) -> _Search | str:
    schema = _SCHEMA.fullmatch(text)
    if schema is None:
        return "a SEARCH needs a schema, such as {AWS/Events,RuleName}"
    namespace, *dimensions = (part.strip().strip('"') for part in schema[1].split(","))
    if _TERM.sub("", schema[2]).strip():
        return 'only terms like MetricName="Errors" are read here, all of which must hold'
    return _Search(namespace, frozenset(dimensions), tuple(_TERM.findall(schema[2])))
