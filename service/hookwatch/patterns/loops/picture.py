"""The graph as one SVG picture without scripts, fonts or links: rules on a circle, what their targets cause as arrows.

Never judges. Text is escaped; colours are told apart by line style as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from hookwatch.patterns.loops.graph import identity

if TYPE_CHECKING:
    from hookwatch.patterns.loops.cycles import Loops
    from hookwatch.patterns.loops.graph import Edge, Graph

RULES_DRAWN = 40
"""Rules in one picture; with more, those outside of every loop are left out first."""

_BOX = (180.0, 46.0)
_CHARACTERS, _LABEL = 26, 48
_COLOURS = {"MUST": "#c62828", "MAY": "#ef6c00"}
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" \
height="{height:.0f}" role="img" font-family="sans-serif" font-size="12">
<title>{title}</title>
<defs>
<marker id="m" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">\
<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker>
</defs>
<rect width="100%" height="100%" fill="#ffffff"/>
"""


def as_svg(graph: Graph, loops: Loops) -> str:
    """Draw the graph."""
    looping = {id(edge) for loop in loops.found for edge in loop.edges}
    inside = {identity(edge.source) for loop in loops.found for edge in loop.edges}
    rules = sorted(graph.rules, key=lambda rule: identity(rule) not in inside)[:RULES_DRAWN]
    radius = 0.0 if len(rules) < 2 else max(150.0, len(rules) * 210 / (2 * math.pi))  # noqa: PLR2004 - one box needs no circle
    width, height = 2 * radius + 660, 2 * radius + 260
    places = {
        identity(rule): (
            width / 2 + radius * math.cos(2 * math.pi * number / len(rules) - math.pi / 2),
            height / 2 + radius * math.sin(2 * math.pi * number / len(rules) - math.pi / 2),
        )
        for number, rule in enumerate(rules)
    }
    title = f"{len(graph.rules)} rules, {len(loops.found)} loops"
    parts = [_HEAD.format(width=width, height=height, title=title)]
    shown = _joined(
        [edge for edge in graph.edges if identity(edge.source) in places and identity(edge.target) in places]
    )
    parts += [_arrow(edge, count, places, loop=id(edge) in looping) for edge, count in shown]
    for rule in rules:
        x, y = places[identity(rule)]
        colour = "#c62828" if identity(rule) in inside else "#37474f"
        bus = f"bus {rule.bus}" if rule.bus is not None else "bus not known"
        parts.append(_box(x, y, rule.name, bus, colour))
    left_out = len(graph.rules) - len(rules)
    if left_out:
        parts.append(
            f'<text x="8" y="{height - 8:.0f}" fill="#37474f">{left_out} rules outside of loops are not drawn</text>\n'
        )
    return "".join(parts) + "</svg>\n"


def _joined(edges: list[Edge]) -> list[tuple[Edge, int]]:
    """One arrow a pair of rules: the strongest, with the number of the others."""
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        found.setdefault((identity(edge.source), identity(edge.target)), []).append(edge)
    return [(min(ways, key=lambda edge: edge.grade != "MUST"), len(ways) - 1) for ways in found.values()]


def _box(x: float, y: float, name: str, bus: str, colour: str) -> str:
    width, height = _BOX
    corner = f'x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.0f}" height="{height:.0f}"'
    lines = ((y - 4, 'font-weight="bold"', name), (y + 13, 'fill="#546e7a"', bus))
    texts = [
        f'<text x="{x:.1f}" y="{at:.1f}" text-anchor="middle" {style}>{escape(_short(text))}</text>'
        for at, style, text in lines
    ]
    frame = f'<rect {corner} rx="6" fill="#fafafa" stroke="{colour}" stroke-width="2"/>'
    return f"<g><title>{escape(name)}, {escape(bus)}</title>{frame}{''.join(texts)}</g>\n"


def _arrow(edge: Edge, others: int, places: dict[str, tuple[float, float]], *, loop: bool) -> str:
    (x1, y1), (x2, y2) = places[identity(edge.source)], places[identity(edge.target)]
    colour = _COLOURS[edge.grade] if loop else "#78909c"
    dash = "" if edge.grade == "MUST" else ' stroke-dasharray="6 4"'
    if (x1, y1) == (x2, y2):
        top = y1 - _BOX[1] / 2
        way = (
            f"M{x1 - 40:.1f} {top:.1f}C{x1 - 60:.1f} {y1 - 95:.1f} {x1 + 60:.1f} {y1 - 95:.1f} {x1 + 40:.1f} {top:.1f}"
        )
        at_x, at_y, anchor = x1, y1 - 98, "middle"
    else:
        length = math.hypot(x2 - x1, y2 - y1)
        bend = (x1 + x2) / 2 - (y2 - y1) / length * 36, (y1 + y2) / 2 + (x2 - x1) / length * 36
        start_x, start_y = _rim((x1, y1), bend, 0)
        end_x, end_y = _rim((x2, y2), bend, 4)
        way = f"M{start_x:.1f} {start_y:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {end_x:.1f} {end_y:.1f}"
        (at_x, at_y), anchor = bend, "end" if bend[0] < (x1 + x2) / 2 else "start"
    more = f" (and {others} more)" if others else ""
    lines = ((at_y, f"{edge.grade}{more}"), (at_y + 15, edge.emission.label if loop else ""))
    style = f'text-anchor="{anchor}" fill="{colour}"'
    texts = [
        f'<text x="{at_x:.1f}" y="{at:.1f}" {style}>{escape(_short(text, _LABEL))}</text>' for at, text in lines if text
    ]
    line = f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="2"{dash} marker-end="url(#m)"/>'
    said = f"{edge.grade}: {edge.emission.label}: {edge.why}"
    return f"<g><title>{escape(said)}</title>{line}{''.join(texts)}</g>\n"


def _rim(middle: tuple[float, float], toward: tuple[float, float], gap: float) -> tuple[float, float]:
    """Where the line from a box's middle leaves the box, and a gap of so many pixels around it."""
    dx, dy = toward[0] - middle[0], toward[1] - middle[1]
    half_width, half_height = _BOX[0] / 2 + gap, _BOX[1] / 2 + gap
    scale = min(half_width / abs(dx) if dx else math.inf, half_height / abs(dy) if dy else math.inf, 1.0)
    return middle[0] + dx * scale, middle[1] + dy * scale


def _short(text: str, characters: int = _CHARACTERS) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
