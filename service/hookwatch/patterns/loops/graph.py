"""The graph of rules: which rule's targets cause events that match which rule.

Never reads templates and never calls AWS. Steps that can never happen are no edges; they are kept aside to explain why
a loop is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.emissions import Clause, Emission
from hookwatch.patterns.errors import InvalidPattern
from hookwatch.patterns.loops.grading import Grade, Step, grade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hookwatch.patterns.emissions_file import Declared
    from hookwatch.patterns.loops.site import Site, SiteRule
    from hookwatch.patterns.pattern import Pattern

RULES_MAX = 500
"""Rules that are compared with each other; a bus has 300 by default (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-quota.html, read 2026-11-22)."""

INCOMING_MAX = 200
"""Alternatives of a rule that are followed through its targets; the rest would be taken as MAY."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a rule to a rule.

    Attributes:
        source: the rule whose target acts.
        target: the rule that matches what comes out.
        emission: what the target does.
        via: what lies between: the target and whatever it calls.
        grade: MUST or MAY (NEVER for those kept aside).
        why: in words.
        witness: an event that the second rule's matcher accepts, as JSON text.
    """

    source: SiteRule
    target: SiteRule
    emission: Emission
    via: tuple[str, ...]
    grade: Grade
    why: str
    witness: str | None


@dataclass(frozen=True, slots=True)
class Graph:
    """Rules that could be judged, the edges between them, the steps that never happen, and what was not judged."""

    rules: tuple[SiteRule, ...]
    patterns: Mapping[str, Pattern]
    edges: tuple[Edge, ...]
    never: tuple[Edge, ...]
    not_judged: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outflow:
    """One emission of a rule, and what it goes through."""

    emission: Emission
    via: tuple[str, ...]


def identity(rule: SiteRule) -> str:
    """Name one pattern of one rule."""
    return f"{rule.place.file}#{rule.name}#{rule.place.pointer}"


def build_graph(site: Site, declared: Sequence[Declared] = ()) -> Graph:
    """Compare every emission with every rule."""
    rules: list[SiteRule] = []
    patterns: dict[str, Pattern] = {}
    not_judged: list[tuple[str, str]] = []
    for rule in site.rules[:RULES_MAX]:
        if not rule.enabled or not rule.on_classic_bus:
            continue
        if rule.text is None:
            not_judged.append((rule.name, rule.not_judged))
            continue
        try:
            patterns[identity(rule)] = compile_pattern(rule.text)
        except InvalidPattern as invalid:
            not_judged.append((rule.name, str(invalid)))
            continue
        rules.append(rule)
        said = {who for who, _ in _declared_for(rule.aliases, rule.name, declared)}
        not_judged += [(rule.name, target.problem) for target in rule.targets if target.problem and not said]
    notes = [*site.notes, *_notes(site, rules, declared)]
    if len(site.rules) > RULES_MAX:
        not_judged += [(rule.name, f"only the first {RULES_MAX} rules are compared") for rule in site.rules[RULES_MAX:]]
    edges = [edge for rule in rules for edge in _edges(rule, rules, patterns, list(outflows(rule, site, declared)))]
    return Graph(
        tuple(rules),
        patterns,
        tuple(edge for edge in edges if edge.grade != "NEVER"),
        tuple(edge for edge in edges if edge.grade == "NEVER"),
        tuple(not_judged),
        tuple(dict.fromkeys(notes)),
    )


def outflows(rule: SiteRule, site: Site, declared: Sequence[Declared]) -> Iterator[Outflow]:
    """Give what a rule's targets emit, through everything that they call."""
    for _, emissions in _declared_for(rule.aliases, rule.name, declared):
        yield from (Outflow(emission, ()) for emission in emissions)
    for target in rule.targets:
        yield from (Outflow(emission, (target.label,)) for emission in target.emissions)
        if target.key is None:
            continue
        seen = {target.key}
        waiting: list[tuple[str, tuple[str, ...]]] = [(target.key, ())]
        while waiting:
            key, via = waiting.pop(0)
            node = site.nodes.get(key)
            label = node.label if node else target.label
            names = (key, *(node.aliases if node else ()))
            said = list(_declared_for(names, label, declared))
            found = [one for _, emissions in said for one in emissions] if said else node.emissions if node else ()
            yield from (Outflow(emission, (*via, label)) for emission in found)
            for called in node.calls if node else ():
                if called not in seen:
                    seen.add(called)
                    waiting.append((called, (*via, label)))


def _declared_for(
    names: Sequence[str], label: str, declared: Sequence[Declared]
) -> Iterator[tuple[str, tuple[Emission, ...]]]:
    for one in declared:
        if one.source == label or one.source in names or any(name.endswith(f":{one.source}") for name in names):
            yield one.source, one.emissions


def _edges(
    rule: SiteRule, rules: Sequence[SiteRule], patterns: Mapping[str, Pattern], flows: Sequence[Outflow]
) -> Iterator[Edge]:
    alternatives = patterns[identity(rule)].alternatives
    incoming = [Clause((alternative.leaves,)) for alternative in alternatives[:INCOMING_MAX]]
    if len(alternatives) > INCOMING_MAX:
        incoming = [Clause(())]  # no constraint at all: never less than what comes in
    only_bus = len({str(one.bus) for one in rules}) == 1
    for flow in flows:
        for other in rules:
            same = flow.emission.bus.same(other.bus) if flow.emission.bus is not None else None
            if same is None and only_bus and flow.emission.origin == "effect":
                same = True  # webhooks appear on some bus, and there is but one
            if same is False:
                continue
            step = grade(flow.emission, incoming, patterns[identity(other)])
            yield _edge(rule, other, flow, step, certain=same is True)


def _edge(rule: SiteRule, other: SiteRule, flow: Outflow, step: Step, *, certain: bool) -> Edge:
    verdict, why = step.grade, step.why
    if verdict == "MUST" and not certain:
        verdict, why = "MAY", "it is not known whether the event appears on the rule's bus"
    return Edge(rule, other, flow.emission, flow.via, verdict, why, step.witness)


def _notes(site: Site, rules: Sequence[SiteRule], declared: Sequence[Declared]) -> Iterator[str]:
    known = {name for node in site.nodes.values() for name in (node.key, node.label, *node.aliases)}
    known |= {name for rule in rules for name in (rule.name, *rule.aliases)}
    keys = {target.key for rule in rules for target in rule.targets if target.key}
    for one in declared:
        tails = {key.rpartition(":")[2] for key in keys}
        if one.source not in known | keys | tails:
            yield f"the file of emissions names {one.source}, which no rule reaches"
    for rule in rules:
        for target in rule.targets:
            unknown = target.key is not None and target.key not in site.nodes
            if unknown and not list(_declared_for((target.key or "",), target.label, declared)):
                yield f"{rule.name}: its target {target.label} is not in the templates, so it is taken to put no events"
