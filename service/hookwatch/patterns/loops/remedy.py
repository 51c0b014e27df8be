"""How to break a loop: a filter on what the target's own events hold, tried out before it is proposed.

Never proposes what it has not graded as NEVER.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.emissions import Clause, Emission, Holds
from hookwatch.patterns.errors import InvalidPattern
from hookwatch.patterns.fixes import CannotPatch, Patch, add_leaf, applied, plain
from hookwatch.patterns.loops.grading import grade
from hookwatch.patterns.loops.graph import INCOMING_MAX, Edge, Graph, identity
from hookwatch.patterns.matchers import Constant, Number, Prefix, Suffix, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEST_FIRST = (
    "detail.sender.login",
    "detail.pusher.name",
    "detail.check_run.app.slug",
    "detail.check_suite.app.slug",
    "detail.deployment_status.creator.login",
    "detail.workflow_run.event",
    "detail.From",
    "detail.To",
    "detail.MessageStatus",
)
"""Fields that say who or what caused an event; the facts' twelve loops are broken by these."""

RATE_GUARD = "no pattern can decide this one: put a guard on the rate (a budget per subject, or a cap on attempts)"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A patch of the second rule's pattern after which a step can never happen; `whole` if no parallel step can."""

    patch: Patch
    whole: bool


def remedy(edge: Edge, graph: Graph) -> Remedy | None:
    """Find a patch that breaks this step, best all steps between the two rules; None if none was found."""
    document = plain(graph.patterns[identity(edge.target)].text)
    if not isinstance(document, dict) or not edge.emission.decidable:
        return None
    ends = (identity(edge.source), identity(edge.target))
    parallel = [
        one.emission
        for one in graph.edges
        if (identity(one.source), identity(one.target)) == ends and one.emission.decidable
    ]
    alternatives = graph.patterns[ends[0]].alternatives[:INCOMING_MAX]
    incoming = [Clause((alternative.leaves,)) for alternative in alternatives]
    partial: Remedy | None = None
    for path, refusal in _refusals(edge.emission):
        patch = add_leaf(document, path, refusal)
        try:
            pattern = compile_pattern(json.dumps(applied(document, patch), ensure_ascii=False)) if patch else None
        except (InvalidPattern, CannotPatch):
            continue
        if pattern is None or grade(edge.emission, incoming, pattern).grade != "NEVER":
            continue
        if all(grade(emission, incoming, pattern).grade == "NEVER" for emission in parallel):
            return Remedy(patch, whole=True)
        partial = partial or Remedy(patch, whole=False)
    return partial


def advice(edge: Edge) -> str:
    """Say in words what would break the loop at this step."""
    emission = edge.emission
    if not emission.decidable:
        return RATE_GUARD
    if emission.advice:
        return emission.advice
    if emission.copies and not emission.fields:
        return "filter on a field that differs from bus to bus, or forward only what the other bus needs"
    if emission.copies:
        return "let the target change `source`, or add a field that the rule refuses (a hop count: exists false)"
    return "filter on who or what caused the event"


def _refusals(emission: Emission) -> Iterator[tuple[str, list[Any]]]:
    """Entries of a pattern that refuse what the emission is said to hold, those that name a cause first."""
    listed = {path: refusal for path, holds in emission.fields if (refusal := _refusal(holds, emission))}
    order = [path for path in _BEST_FIRST if path in listed]
    order += [path for path in listed if path not in order and path.startswith("detail.")]
    for path in order:
        yield path, listed[path]


def _refusal(holds: Holds, emission: Emission) -> list[Any]:
    match holds:
        case tuple() if all(isinstance(matcher, Text) for matcher in holds):
            return [{"anything-but": [matcher.text for matcher in holds if isinstance(matcher, Text)]}]
        case (Prefix(text, ignore_case=False),):
            return [{"anything-but": {"prefix": text}}]
        case (Suffix(text, ignore_case=False),):
            return [{"anything-but": {"suffix": text}}]
        case (Number() | Constant(),) if emission.origin == "declared":
            return [{"exists": False}]  # a mark that only our own target sets, as a hop count is
        case _:
            return []
