"""X-Ray: segments and subsegments joined into traces.

Never samples and never sends anything on. Document format:
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html, read 2026-11-22.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TRACES = 2_000
MAX_SEGMENTS = 500
"""Ours, for each trace: one delivery has about ten."""


class TraceStore:
    """Traces by id, the newest kept."""

    def __init__(self) -> None:
        self._traces: OrderedDict[str, dict[str, dict[str, Any]]] = OrderedDict()

    def add(self, document: Mapping[str, Any]) -> None:
        """Keep one segment or subsegment document; a later one with the same id replaces the earlier."""
        trace_id, own_id = document.get("trace_id"), document.get("id")
        if not isinstance(trace_id, str) or not isinstance(own_id, str):
            return
        segments = self._traces.setdefault(trace_id, {})
        if len(segments) < MAX_SEGMENTS or own_id in segments:
            segments[own_id] = dict(document)
        while len(self._traces) > MAX_TRACES:
            self._traces.popitem(last=False)

    def get(self, trace_id: str) -> dict[str, Any] | None:
        """Return one trace as the API shows it."""
        segments = self._traces.get(trace_id)
        return None if segments is None else _joined(trace_id, list(segments.values()))

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """Return up to `limit` traces as the API shows them, newest first."""
        chosen = list(reversed(self._traces))[:limit]
        return [_joined(trace_id, list(self._traces[trace_id].values())) for trace_id in chosen]


def _joined(trace_id: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    known = {document["id"]: {**document, "subsegments": _children(document)} for document in documents}
    roots: list[dict[str, Any]] = []
    for document in known.values():
        parent = known.get(str(document.get("parent_id")))
        (roots if parent is None else parent["subsegments"]).append(document)
    every = [node for root in roots for node in _walk(root)]
    starts = [start for node in every if (start := _number(node.get("start_time"))) is not None]
    ends = [end for node in every if (end := _number(node.get("end_time"))) is not None]
    annotations: dict[str, Any] = {}
    for node in every:
        if isinstance(own := node.get("annotations"), dict):
            annotations |= own
    return {
        "id": trace_id,
        "start_time": min(starts, default=None),
        "duration_ms": round((max(ends) - min(starts)) * 1000, 3) if starts and ends else None,
        "fault": any(node.get("fault") is True for node in every),
        "annotations": annotations,
        "segments": sorted(roots, key=lambda node: _number(node.get("start_time")) or 0.0),
    }


def _children(node: Mapping[str, Any]) -> list[Any]:
    inlined = node.get("subsegments")
    return list(inlined) if isinstance(inlined, list) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in _children(node):
        if isinstance(child, dict):
            yield from _walk(child)
