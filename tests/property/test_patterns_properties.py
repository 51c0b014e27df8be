"""Properties of the matcher that hold for any pattern and event."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

import pattern_pairs
from hookwatch.patterns import InvalidEvent, InvalidPattern, compile_pattern, explain, matches
from hookwatch.patterns import wildcards as wild
from hookwatch.patterns.folding import forms
from hookwatch.patterns.jsontext import compact
from hookwatch.patterns.search import first_failure, holds
from pattern_pairs import seeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.patterns.fields import Found
    from hookwatch.patterns.tree import Leaf

SEEDS = st.integers(min_value=0, max_value=2**32)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def outcome(pattern: str, event: str) -> bool | str:
    """Give the verdict, or the reason of the refusal; any other exception is the test's failure."""
    try:
        return explain(pattern, event).matched
    except (InvalidPattern, InvalidEvent) as refused:
        return refused.reason


def naively(leaves: Sequence[Leaf], found: Found) -> bool:
    """Try every combination of values, leaf by leaf, as the rule is written in `search`."""

    def consistent(chosen: dict[int, int], member: Sequence[tuple[int, int]]) -> bool:
        return all(chosen.get(array, element) == element for array, element in member)

    def attempt(at: int, chosen: dict[int, int]) -> bool:
        if at == len(leaves):
            return True
        leaf, values = leaves[at], found.get(leaves[at].path, [])
        near = [(value, member) for value, member in values if consistent(chosen, member)]
        if not near and leaf.may_be_absent and attempt(at + 1, chosen):
            return True
        return any(leaf.accepts(value) and attempt(at + 1, {**chosen, **dict(member)}) for value, member in near)

    return attempt(0, {})


@given(SEEDS)
@settings(max_examples=400)
def test_the_search_finds_what_trying_everything_finds(seed: int) -> None:
    """The search with its shortcuts decides as trying every combination of array elements does."""
    random = seeded(seed)
    try:
        pattern = compile_pattern(pattern_pairs.pattern(random))
    except InvalidPattern:
        return
    found = pattern.find(pattern.read(pattern_pairs.event(random)))
    for alternative in pattern.alternatives:
        expected = naively(alternative.leaves, found)
        assert holds(alternative.leaves, found) == expected
        assert (first_failure(alternative.leaves, found) is None) == expected


@given(SEEDS)
@settings(max_examples=300)
def test_an_explanation_agrees_with_the_verdict(seed: int) -> None:
    """An explanation says what the matcher says, and every failing path says why."""
    random = seeded(seed)
    pattern, event = pattern_pairs.pattern(random), pattern_pairs.event(random)
    try:
        expected = matches(pattern, event)
    except InvalidPattern:
        return
    explanation = explain(pattern, event)
    assert explanation.matched == expected
    for alternative in explanation.alternatives:
        assert alternative.matched == all(path.matched for path in alternative.paths)
        assert all(path.matched or path.why for path in alternative.paths)


@given(SEEDS)
@settings(max_examples=200)
def test_white_space_changes_nothing(seed: int) -> None:
    """A pattern and its indented form are one pattern; compacting gives the first back."""
    text = pattern_pairs.pattern(seeded(seed))
    spaced = re.sub(r'("(?:[^"\\]|\\.)*")|([\[\]{},:])', lambda part: part[1] or f" {part[2]}\n\t", text)
    assert compact(spaced) == text
    event = pattern_pairs.event(seeded(seed + 1))
    assert outcome(spaced, event) == outcome(text, event)


@given(JSON_VALUES, JSON_VALUES)
@settings(max_examples=300)
def test_any_json_gets_a_verdict_or_a_refusal(pattern: Any, event: Any) -> None:
    """Whatever JSON is given as pattern and event, the answer is a verdict or one of the two refusals."""
    assert outcome(json.dumps(pattern), json.dumps(event)) != ""


@given(st.text(max_size=60), st.text(alphabet='{}[]":,\\ax1-.eE $or', max_size=60))
@settings(max_examples=300)
def test_any_text_gets_a_verdict_or_a_refusal(anything: str, almost: str) -> None:
    """Whatever text is given, nothing but the two refusals is ever raised."""
    for pattern, event in ((anything, "{}"), (almost, "{}"), ('{"a":["x"]}', anything), ('{"a":["x"]}', almost)):
        assert outcome(pattern, event) != ""


@given(st.text(alphabet="ab*\\", max_size=8), st.text(alphabet="ab*\\", max_size=8))
@settings(max_examples=500)
def test_wildcards_agree_with_regular_expressions(pattern: str, value: str) -> None:
    """A wildcard takes exactly the strings that the regular expression of its pieces takes."""
    try:
        parts = wild.pieces(pattern)
    except wild.BadWildcard:
        return
    assert wild.fits(parts, value) == (re.fullmatch(".*".join(map(re.escape, parts)), value, re.DOTALL) is not None)


@given(st.text(alphabet="aKkßÉéİΣς\u017f\u0131\u03c3\N{KELVIN SIGN}", max_size=4), st.data())
@settings(max_examples=200)
def test_every_choice_of_forms_is_taken(pattern: str, data: st.DataObject) -> None:
    """A value made of one form of each character of the pattern equals it when case is ignored."""
    value = "".join(data.draw(st.sampled_from(forms(character))) for character in pattern)
    assert matches({"a": [{"equals-ignore-case": pattern}]}, {"a": value})
    assert matches({"a": [{"prefix": {"equals-ignore-case": pattern}}]}, {"a": value + "é"})
    assert matches({"a": [{"suffix": {"equals-ignore-case": pattern}}]}, {"a": "é" + value})
    assert not matches({"a": [{"anything-but": {"equals-ignore-case": pattern}}]}, {"a": value})


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_ranges_order_numbers_as_python_does(limit: float, value: float) -> None:
    """A number is below, equal to or above a limit for EventBridge exactly if it is for Python."""
    for operator, expected in (
        ("<", value < limit),
        ("<=", value <= limit),
        (">", value > limit),
        ("=", value == limit),
    ):
        pattern = f'{{"a":[{{"numeric":["{operator}",{limit!r}]}}]}}'
        assert matches(pattern, f'{{"a":{value!r}}}') == expected


@given(SEEDS)
@settings(max_examples=200)
def test_alternatives_are_what_or_means(seed: int) -> None:
    """A $or matches exactly if one of the patterns matches that its branches make on their own."""
    random = seeded(seed)
    branches = [f'{{"q":[{pattern_pairs._entry(random)}],"r":[{pattern_pairs._entry(random)}]}}' for _ in range(3)]
    event = pattern_pairs.event(random)
    try:
        verdicts = [matches(branch, event) for branch in branches]
        expected = any(verdicts)
        assert matches(f'{{"$or":[{",".join(branches)}]}}', event) == expected
    except InvalidPattern:
        return


def test_the_vocabulary_meets_itself() -> None:
    """The random pairs are worth judging: each verdict is at least one in a hundred of them."""
    random, counts = seeded(1), {"true": 0, "false": 0, "invalid": 0}
    for _ in itertools.repeat(None, 2_000):
        pattern, event = pattern_pairs.pattern(random), pattern_pairs.event(random)
        try:
            counts[str(matches(pattern, event)).lower()] += 1
        except InvalidPattern:
            counts["invalid"] += 1
    assert min(counts.values()) > 20, counts
