"""The graph as a Mermaid flowchart, for a README or a pull request.

Never judges. Labels are quoted, so that no name can break out of its box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookwatch.patterns.loops.graph import identity

if TYPE_CHECKING:
    from hookwatch.patterns.loops.cycles import Loops
    from hookwatch.patterns.loops.graph import Edge, Graph

_SPECIAL = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " ", "\r": " "}


def as_mermaid(graph: Graph, loops: Loops) -> str:
    """Write rules as boxes, and what their targets cause as arrows: solid for MUST, dashed for MAY, loops in colour."""
    numbers = {identity(rule): f"r{number}" for number, rule in enumerate(graph.rules)}
    looping = {id(edge) for loop in loops.found for edge in loop.edges}
    inside = {identity(edge.source) for loop in loops.found for edge in loop.edges}
    lines = ["flowchart LR"]
    for rule in graph.rules:
        bus = f"<br/>bus {_text(str(rule.bus))}" if rule.bus is not None else ""
        lines.append(f'  {numbers[identity(rule)]}["{_text(rule.name)}{bus}"]')
    styles: list[str] = []
    for number, edge in enumerate(graph.edges):
        arrow = "-->" if edge.grade == "MUST" else "-.->"
        source, target = numbers[identity(edge.source)], numbers[identity(edge.target)]
        lines.append(f'  {source} {arrow}|"{edge.grade}: {_text(_label(edge))}"| {target}')
        if id(edge) in looping:
            colour = "#c62828" if edge.grade == "MUST" else "#ef6c00"
            styles.append(f"  linkStyle {number} stroke:{colour},stroke-width:2px")
    lines += styles
    if inside:
        lines.append("  classDef loop stroke:#c62828,stroke-width:2px")
        lines.append(f"  class {','.join(numbers[name] for name in numbers if name in inside)} loop")
    return "\n".join(lines) + "\n"


def _label(edge: Edge) -> str:
    return edge.emission.label


def _text(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
