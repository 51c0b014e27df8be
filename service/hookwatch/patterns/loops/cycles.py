"""Finds the loops of a graph, and follows one turn of each to see whether an event can go round at all.

Never grades a single step (see `grading`). A loop's grade is its weakest step. Time is bounded: what lies beyond the
bounds is said to be unfinished, never to be no loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from hookwatch.patterns.emissions import Clause
from hookwatch.patterns.loops.grading import grade
from hookwatch.patterns.loops.graph import Edge, Graph, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

LOOPS_MAX = 100
"""Loops that are reported one by one."""

VISITS_MAX = 200_000
"""Rules that the search for loops may visit, over all starts: well under a second."""

LENGTHS = (1, 2, 3, 4, 6, 8)
"""Loops are looked for in this order of length, so that a bound that is met leaves out long ones."""

CLAUSES_MAX = 64
"""Constraints that are carried along one turn; with more, the loop is kept as it was graded step by step."""

WAYS_MAX = 16
"""Ways through parallel edges that are tried for one loop, strongest first."""

TURNS_MAX = 6
"""Starts from which a loop is followed for one turn."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: `edges` in order, the last one leads back to the first rule."""

    edges: tuple[Edge, ...]

    @property
    def grade(self) -> Literal["MUST", "MAY"]:
        """The weakest step's."""
        return "MUST" if all(edge.grade == "MUST" for edge in self.edges) else "MAY"

    @property
    def decidable(self) -> bool:
        """Whether a pattern could break it; if not, it needs a guard on the rate."""
        return all(edge.emission.decidable for edge in self.edges)

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of its rules, in order."""
        return tuple(edge.source.name for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Loops:
    """What was found: `unfinished` says why there may be more."""

    found: tuple[Loop, ...]
    unfinished: str = ""


def find_loops(graph: Graph) -> Loops:
    """Find the loops that patterns could break, then those that none can break."""
    decidable, why = _loops(graph, [edge for edge in graph.edges if edge.emission.decidable])
    broken = {loop.rules for loop in decidable}
    every, why_too = _loops(
        graph, list(graph.edges), wanted=lambda edges: not all(one.emission.decidable for one in edges)
    )
    others = [loop for loop in every if loop.rules not in broken or not loop.decidable]
    order = {"MUST": 0, "MAY": 1}
    found = sorted(decidable, key=lambda loop: (order[loop.grade], len(loop.edges))) + others
    return Loops(tuple(found), why or why_too)


def _loops(
    graph: Graph, edges: Sequence[Edge], wanted: Callable[[Sequence[Edge]], bool] | None = None
) -> tuple[list[Loop], str]:
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        between.setdefault((identity(edge.source), identity(edge.target)), []).append(edge)
    for parallel in between.values():
        parallel.sort(key=lambda edge: edge.grade != "MUST")
    found: list[Loop] = []
    search = _Search(between)
    for circle in search.circles():
        ways = list(_first(product(*(between[pair] for pair in circle)), WAYS_MAX))
        for way in ways:
            if (wanted is None or wanted(way)) and goes_round(way, graph):
                found.append(Loop(tuple(way)))
                break
        if len(found) >= LOOPS_MAX:
            return found, f"only the first {LOOPS_MAX} loops are listed"
    return found, "the search for loops was cut off, there may be more" if search.cut_off else ""


def _first(ways: Iterable[tuple[Edge, ...]], limit: int) -> Iterator[tuple[Edge, ...]]:
    for number, way in enumerate(ways):
        if number >= limit:
            return
        yield way


class _Search:
    """Simple circles, each once: a depth-first search from each rule through rules that come after it."""

    def __init__(self, between: Mapping[tuple[str, str], list[Edge]]) -> None:
        self._after: dict[str, list[str]] = {}
        for source, target in between:
            self._after.setdefault(source, []).append(target)
        self._order = {
            name: number for number, name in enumerate(dict.fromkeys(one for pair in between for one in pair))
        }
        self._visits = 0
        self.cut_off = False

    def circles(self) -> Iterator[list[tuple[str, str]]]:
        """Give the circles, short ones first."""
        shorter = 0
        for longest in (*LENGTHS, len(self._order)):
            if longest > shorter:
                yield from self._circles(shorter, longest)
                shorter = longest

    def _circles(self, shorter: int, longest: int) -> Iterator[list[tuple[str, str]]]:
        """Give the circles of more than `shorter` and at most `longest` rules."""
        for start in self._order:
            reach = self._reaching(start)
            trail = [start]
            waiting = [iter(self._after.get(start, ()))]
            while waiting:
                following = next(waiting[-1], None)
                self._visits += 1
                if self._visits > VISITS_MAX:
                    self.cut_off = True
                    return
                if following is None:
                    waiting.pop()
                    trail.pop()
                elif following == start:
                    if len(trail) > shorter:
                        yield list(zip(trail, [*trail[1:], start], strict=True))
                elif following in reach and following not in trail and len(trail) < longest:
                    trail.append(following)
                    waiting.append(iter(self._after.get(following, ())))

    def _reaching(self, start: str) -> set[str]:
        """Rules that come after `start` in the order and lead back to it."""
        before: dict[str, list[str]] = {}
        for source, targets in self._after.items():
            for target in targets:
                before.setdefault(target, []).append(source)
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for source in before.get(waiting.pop(), ()):
                if self._order[source] > self._order[start] and source not in found:
                    found.add(source)
                    waiting.append(source)
        return found


def goes_round(edges: Sequence[Edge], graph: Graph) -> bool:
    """Follow one turn from each rule: a loop that no event can complete from one of them is none."""
    if len(edges) == 1 and not edges[0].emission.copies:
        return True  # the step itself was graded from the rule's own events
    for at in range(min(len(edges), TURNS_MAX)):
        turned = (*edges[at:], *edges[:at])
        clauses: Sequence[Clause] = [
            Clause((alternative.leaves,)) for alternative in graph.patterns[identity(turned[0].source)].alternatives
        ]
        for edge in turned:
            if len(clauses) > CLAUSES_MAX:
                break
            step = grade(edge.emission, clauses, graph.patterns[identity(edge.target)])
            if step.grade == "NEVER":
                return False
            clauses = step.clauses
    return True
