"""Overlap is sound: what is called disjoint never meets, and a witness always matches, whatever the patterns."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

import pattern_pairs
from hookwatch.patterns import InvalidPattern, Pattern, compile_pattern
from hookwatch.patterns.fields import Interest, find
from hookwatch.patterns.languages import NoValue, Value, common_value
from hookwatch.patterns.overlap import Disjoint, Meets, meet, overlap

if TYPE_CHECKING:
    from hookwatch.patterns.tree import Leaf

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def valid(random: Random) -> Pattern:
    """The next random pattern that EventBridge would take."""
    while True:
        try:
            return compile_pattern(pattern_pairs.pattern(random))
        except InvalidPattern:
            continue


@cache
def events() -> list[str]:
    """Events with arrays, duplicate and dotted keys; those with one value a field are among them."""
    random = Random(20261122)  # noqa: S311 - picks test data, no secrets
    return [pattern_pairs.event(random) for _ in range(600)]


@settings(max_examples=250)
@given(seeds)
def test_disjoint_patterns_share_no_event(seed: int):
    """No event of a large set matches two patterns that are called disjoint; a witness matches both."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    for _ in range(6):
        left, right = valid(random), valid(random)
        found = overlap(left, right)
        match found:
            case Meets(event):
                assert left.matches(event)
                assert right.matches(event)
            case Disjoint():
                shared = [event for event in events() if left.matches(event) and right.matches(event)]
                assert shared == [], (left.text, right.text, found)
            case _:
                pass


@settings(max_examples=120)
@given(seeds)
def test_an_event_that_matches_both_is_never_denied(seed: int):
    """Patterns that are known to share an event are not called disjoint (also when they are put together by hand)."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    event = random.choice(events())
    matching = [pattern for pattern in (valid(random) for _ in range(40)) if pattern.matches(event)]
    for left in matching[:6]:
        for right in matching[:6]:
            assert not isinstance(overlap(left, right), Disjoint), (left.text, right.text, event)


@settings(max_examples=250)
@given(seeds, st.integers(min_value=1, max_value=3))
def test_a_common_value_is_common_and_no_value_is_none(seed: int, count: int):
    """`common_value` confirms what it gives, and no value of the vocabulary contradicts a proof that there is none."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    leaves = [leaf for _ in range(count) for leaf in valid(random).alternatives[0].leaves[:1]]
    refusing = [leaf for leaf in valid(random).alternatives[0].leaves[:1] if random.random() < 0.5]
    match common_value(leaves, refusing):
        case Value(scalar):
            assert all(leaf.accepts(scalar) for leaf in leaves)
            assert not any(leaf.accepts(scalar) for leaf in refusing)
        case NoValue():
            for scalar in vocabulary():
                assert not (
                    all(leaf.accepts(scalar) for leaf in leaves) and not any(leaf.accepts(scalar) for leaf in refusing)
                ), (leaves, refusing, scalar)
        case _:
            pass


@cache
def vocabulary() -> list[str | bytes | bool | None]:
    """Strings, numbers and constants that random patterns are about, and what lies beside them."""
    near = [left + right for left in pattern_pairs.STRINGS for right in ["", "a", "b", "x", ".", "9"]]
    numbers = [*pattern_pairs.NUMBERS, "0.7", "1e400", "-3", "11", "100"]
    return [*near, *(number.encode() for number in numbers), True, False, None]


@settings(max_examples=150)
@given(seeds)
def test_declared_single_values_are_only_trusted_for_events_that_have_them(seed: int):
    """With fields declared to hold one value, no event in which they do satisfies groups that are called disjoint."""
    random = Random(seed)  # noqa: S311 - picks test data, no secrets
    groups = [valid(random).alternatives[0].leaves for _ in range(2)]
    paths = frozenset(leaf.path for group in groups for leaf in group)
    if not isinstance(meet(groups, paths), Disjoint):
        return
    pattern = compile_pattern('{"a":[1]}')
    for event in events():
        found = find(pattern.read(event), Interest.of(paths))
        if all(len(values) == 1 and not values[0][1] for values in found.values()):
            assert not all(_holds(group, found) for group in groups), event


def _holds(group: tuple[Leaf, ...], found: dict[str, list[tuple[object, object]]]) -> bool:
    """The plain reading: every leaf is satisfied by its one value, or by its absence."""
    for leaf in group:
        values = found.get(leaf.path)
        if values is None:
            if not leaf.may_be_absent:
                return False
        elif not leaf.accepts(values[0][0]):  # type: ignore[arg-type] # a scalar, as `find` gives it
            return False
    return True
