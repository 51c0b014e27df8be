"""P030 to P032: loops, as findings about the rule that could break them.

Never looks for loops itself (see `loops.cycles`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hookwatch.patterns.lint.rules import Finding, Found
from hookwatch.patterns.loops.cycles import find_loops
from hookwatch.patterns.loops.graph import Graph, build_graph
from hookwatch.patterns.loops.remedy import advice, remedy
from hookwatch.patterns.loops.report import path_text, rule_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.patterns.emissions_file import Declared
    from hookwatch.patterns.loops.cycles import Loop
    from hookwatch.patterns.loops.site import Site


def looping(site: Site, declared: Sequence[Declared]) -> Iterator[Finding]:
    """Find the loops of a site."""
    graph = build_graph(site, declared)
    for loop in find_loops(graph).found:
        yield _finding(loop, graph)


def _finding(loop: Loop, graph: Graph) -> Finding:
    sure = "every event goes round" if loop.grade == "MUST" else loop.edges[-1].why
    evidence = tuple(json.loads(edge.witness) for edge in loop.edges if edge.witness)
    for edge in loop.edges:
        found = remedy(edge, graph)
        if found is not None and loop.decidable:
            tried = (
                "the proposed filter was tried and breaks it" if found.whole else "the proposed filter breaks this way"
            )
            message = f"{path_text(loop)} ({sure}); {tried}"
            return Finding(edge.target, Found(rule_id(loop), message, "", found.patch, evidence=evidence))
    edge = next((one for one in loop.edges if not one.emission.decidable), loop.edges[-1])
    message = f"{path_text(loop)} ({sure}); {advice(edge)}"
    return Finding(edge.target, Found(rule_id(loop), message, "", evidence=evidence))
