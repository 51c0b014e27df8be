"""Loops as plain data, for JSON and for whoever draws them.

Never judges and never prints.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.loops.remedy import advice, remedy

if TYPE_CHECKING:
    from hookwatch.patterns.loops.cycles import Loop, Loops
    from hookwatch.patterns.loops.graph import Edge, Graph

NEVER_SHOWN = 200
"""Steps that can never happen which a JSON report lists; the table counts them only."""


def rule_id(loop: Loop) -> str:
    """Give the lint rule that a loop is a finding of."""
    if not loop.decidable:
        return "P032"
    return "P030" if loop.grade == "MUST" else "P031"


def as_json(graph: Graph, loops: Loops) -> dict[str, Any]:
    """Give everything as plain data; `loops` are what a pattern could break, `needs_rate_guard` what none can."""
    found = [_loop(loop, graph) for loop in loops.found]
    return {
        "loops": [one for one in found if not one["needs_rate_guard"]],
        "needs_rate_guard": [one for one in found if one["needs_rate_guard"]],
        "edges": [_edge(edge) for edge in graph.edges],
        "never": [_edge(edge) for edge in graph.never[:NEVER_SHOWN]],
        "rules": [{"name": rule.name, "bus": bus_text(rule.bus), "file": rule.place.file} for rule in graph.rules],
        "not_judged": [{"rule": name, "reason": reason} for name, reason in graph.not_judged],
        "notes": [*graph.notes, *([loops.unfinished] if loops.unfinished else [])],
        "summary": {
            "must": sum(one["grade"] == "MUST" and not one["needs_rate_guard"] for one in found),
            "may": sum(one["grade"] == "MAY" and not one["needs_rate_guard"] for one in found),
            "needs_rate_guard": sum(one["needs_rate_guard"] for one in found),
            "not_judged": len(graph.not_judged),
            "complete": not loops.unfinished,
        },
    }


def bus_text(bus: object) -> str | None:
    """Name a bus; None if it is not known."""
    return str(bus) if bus is not None else None


def _loop(loop: Loop, graph: Graph) -> dict[str, Any]:
    return {
        "id": rule_id(loop),
        "grade": loop.grade,
        "needs_rate_guard": not loop.decidable,
        "rules": list(loop.rules),
        "path": path_text(loop),
        "steps": [_edge(edge) for edge in loop.edges],
        "remedy": fix(loop, graph),
    }


def fix(loop: Loop, graph: Graph) -> dict[str, Any]:
    """Give the change that breaks the loop where it was found and tried, and what to do in words otherwise."""
    for edge in loop.edges:
        if found := remedy(edge, graph):
            name = edge.target.name
            words = (
                f"tried: {name} no longer matches what comes back"
                if found.whole
                else (f"tried: breaks this step, but other events of the same target still match {name}")
            )
            return {"rule": name, "patch": list(found.patch), "advice": words}
    edge = loop.edges[-1]
    for one in reversed(loop.edges):
        if one.emission.advice or not one.emission.decidable:
            edge = one
    return {"rule": edge.target.name, "patch": None, "advice": advice(edge)}


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.source.name,
        "to": edge.target.name,
        "via": list(edge.via),
        "emission": edge.emission.label,
        "origin": edge.emission.origin,
        "grade": edge.grade,
        "why": edge.why,
        "witness": json.loads(edge.witness) if edge.witness else None,
    }


def path_text(loop: Loop) -> str:
    """Write a loop on one line, from its first rule back to it."""
    parts = [f"{edge.source.name} → {edge.emission.label}" for edge in loop.edges]
    return f"{' → '.join(parts)} → {loop.edges[0].source.name}"
