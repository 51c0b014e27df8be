"""Steps are graded soundly: what an emission can make and a pattern matches is never called NEVER."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

import pattern_pairs
from hookwatch.patterns import InvalidPattern, Pattern, compile_pattern
from hookwatch.patterns.emissions import Bus, Clause, Emission, forwarded
from hookwatch.patterns.loops.cycles import find_loops
from hookwatch.patterns.loops.grading import grade
from hookwatch.patterns.loops.graph import build_graph
from hookwatch.patterns.loops.site import Place, Site, SiteRule, Target

if TYPE_CHECKING:
    from hookwatch.patterns.matchers import Matcher

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def valid(random: Random) -> Pattern:
    while True:
        try:
            return compile_pattern(pattern_pairs.pattern(random))
        except InvalidPattern:
            continue


def incoming(pattern: Pattern) -> list[Clause]:
    return [Clause((alternative.leaves,)) for alternative in pattern.alternatives]


@settings(max_examples=200)
@given(seeds)
def test_a_forwarded_event_that_matches_is_never_denied(seed: int):
    """If an event matches both rules, the step is not NEVER; if it is MUST, one that matches the first matches both."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    first, second = valid(random), valid(random)
    step = grade(forwarded(Bus("b")), incoming(first), second)
    for event in (pattern_pairs.event(random) for _ in range(60)):
        if not first.matches(event):
            continue
        matches = second.matches(event)
        assert step.grade != "NEVER" or not matches, (first.text, second.text, event)
        if step.grade == "MUST" and "[" not in event:
            assert matches, (first.text, second.text, event)


@settings(max_examples=200)
@given(seeds)
def test_a_witness_comes_out_and_matches(seed: int):
    """The event that is shown matches the second pattern, and the first one too where it was only forwarded."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    first, second = valid(random), valid(random)
    step = grade(forwarded(Bus("b")), incoming(first), second)
    if step.witness is not None:
        assert first.matches(step.witness)
        assert second.matches(step.witness)


@st.composite
def emitted(draw: st.DrawFn) -> tuple[Emission, dict[str, Any]]:
    """An emission with stated fields, and one event that it can make: other fields are free."""
    texts = st.sampled_from(["a", "b", "ab", "acme.shop", ""])
    stated = draw(st.dictionaries(st.sampled_from(["source", "detail.x", "detail.y"]), texts, min_size=1))
    free = draw(st.dictionaries(st.sampled_from(["detail.z", "detail-type"]), texts))
    fields = tuple((path, (_exactly(text),)) for path, text in stated.items())
    event: dict[str, Any] = {}
    for path, text in {**stated, **free}.items():
        *way, last = path.split(".")
        at = event
        for step in way:
            at = at.setdefault(step, {})
        at[last] = text
    return Emission("emits", Bus("b"), fields), event


def _exactly(text: str) -> Matcher:
    return compile_pattern({"x": [text]}).alternatives[0].leaves[0].matchers[0]


@st.composite
def asked(draw: st.DrawFn) -> Pattern:
    """A pattern over the same fields."""
    entries = st.sampled_from(
        [
            "a",
            "b",
            "acme.shop",
            {"prefix": "a"},
            {"suffix": "b"},
            {"anything-but": "a"},
            {"exists": False},
            {"exists": True},
        ]
    )
    leaves = st.lists(entries, min_size=1, max_size=2)
    paths = draw(st.dictionaries(st.sampled_from(["source", "detail-type", "x", "y", "z"]), leaves, min_size=1))
    pattern: dict[str, Any] = {name: paths[name] for name in ("source", "detail-type") if name in paths}
    detail = {name: paths[name] for name in ("x", "y", "z") if name in paths}
    return compile_pattern({**pattern, **({"detail": detail} if detail else {})})


@settings(max_examples=400)
@given(emitted(), asked())
def test_what_an_emission_makes_is_judged_truly(made: tuple[Emission, dict[str, Any]], pattern: Pattern):
    """NEVER means that no event of the emission matches, MUST that every one does; tried with one that it makes."""
    emission, event = made
    step = grade(emission, [Clause(())], pattern)
    matches = pattern.matches(event)
    assert step.grade != "NEVER" or not matches, (emission, event, pattern.text)
    assert step.grade != "MUST" or matches, (emission, event, pattern.text)


@settings(max_examples=120)
@given(seeds, st.integers(min_value=1, max_value=4))
def test_a_ring_that_an_event_can_go_round_is_always_found(seed: int, size: int):
    """If some event matches every rule of a ring of buses, the ring is reported."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    event = pattern_pairs.event(random)
    rules = [pattern for pattern in (valid(random) for _ in range(60)) if pattern.matches(event)][:size]
    if not rules:
        return
    made = []
    for number, pattern in enumerate(rules):
        after = Bus(str((number + 1) % len(rules)))
        place = Place("f", pointer=f"/{number}")
        target = Target(None, "bus", (forwarded(after),))
        made.append(SiteRule(f"R{number}", (), "live", pattern.text, "", Bus(str(number)), True, place, (target,)))
    assert find_loops(build_graph(Site(tuple(made)))).found, (event, json.dumps([rule.text for rule in made]))
