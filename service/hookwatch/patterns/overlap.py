"""Whether one event can satisfy several patterns: a witness event, a proof that there is none, or neither.

Never calls AWS and knows no rule and no target. "Disjoint" is only said where it holds for every event that
EventBridge takes: fields inside `detail` and `resources` may be arrays, where different values satisfy different
patterns, so only fields known to hold one value can keep patterns apart. A witness has been accepted by the matcher.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns import jsontext, witness
from hookwatch.patterns.fields import Interest, find
from hookwatch.patterns.languages import NoValue, Undecided, Value, common_value
from hookwatch.patterns.overlap_fields import ONE_STRING, Single, known_single
from hookwatch.patterns.search import holds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.patterns.languages.values import Found
    from hookwatch.patterns.pattern import Pattern
    from hookwatch.patterns.tree import Leaf

Group: TypeAlias = "tuple[Leaf, ...]"
"""Leaves that one pattern asks of an event together (one alternative)."""

PAIRS_MAX = 400
"""Pairs of alternatives that are compared before the answer is `Maybe`; `$or` allows 1,000 alternatives a pattern."""

UNDECIDED_MAX = 6
"""Pairs that may end undecided (each costs a fraction of a second) before the rest is left."""


@dataclass(frozen=True, slots=True)
class Meets:
    """This event satisfies all of them (JSON text): a proof."""

    event: str


@dataclass(frozen=True, slots=True)
class Disjoint:
    """No event satisfies all of them, because of this field: a proof."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Maybe:
    """Neither was shown; taken as an overlap."""

    why: str


Verdict: TypeAlias = Meets | Disjoint | Maybe


def overlap(left: Pattern, right: Pattern) -> Verdict:
    """Compare two patterns."""
    maybe: Maybe | None = None
    apart = Disjoint("", "no alternative of one meets an alternative of the other")
    pairs = [(one.leaves, other.leaves) for one in left.alternatives for other in right.alternatives]
    undecided = 0
    for groups in pairs[:PAIRS_MAX]:
        match meet(groups):
            case Meets() as found:
                return found
            case Maybe() as one:
                maybe, undecided = one, undecided + 1
                if undecided >= UNDECIDED_MAX:
                    return one
            case Disjoint() as reason:
                apart = reason
    if len(pairs) > PAIRS_MAX:
        return maybe or Maybe(f"only {PAIRS_MAX} of {len(pairs)} pairs of alternatives were compared")
    return maybe or apart


def meet(groups: Sequence[Group], declared: frozenset[str] = frozenset()) -> Verdict:
    """Find one event that satisfies every group. `declared` paths are said to hold one value.

    The witness is confirmed by the search that `Pattern.matches` uses.
    """
    single = known_single(groups, declared)
    choices: dict[str, witness.Choice] = {}
    maybe: Maybe | None = None
    paths = dict.fromkeys(leaf.path for group in groups for leaf in group)
    for path in sorted(paths, key=lambda one: one not in ONE_STRING):  # what keeps most patterns apart comes first
        match _choose(path, groups, single):
            case Disjoint() as apart:
                return apart
            case Maybe() as one:
                maybe = maybe or one
            case tuple() as values:
                choices[path] = values
            case None:
                pass
    if maybe is not None:
        return maybe
    for complete in (True, False):
        event = witness.build(choices, complete=complete)
        if _confirmed(event, groups):
            return Meets(event)
    return Maybe("the values of the fields fit one by one, but no event was found that has them all")


def _choose(path: str, groups: Sequence[Group], single: Single) -> witness.Choice | Disjoint | Maybe | None:
    """Values for one path; None for absent."""
    leaves = tuple(leaf for group in groups for leaf in group if leaf.path == path)
    found = _common(leaves)
    match found:
        case Value(scalar):
            return (scalar,)
        case _ if all(leaf.may_be_absent for leaf in leaves):
            return None
        case Undecided(why):
            several = None if single.one_value(path) else _conflict(path, leaves, groups, single)
            return several if isinstance(several, tuple) else Maybe(f"{path}: {why}")
        case NoValue():
            return _conflict(path, leaves, groups, single)


def _conflict(
    path: str, leaves: tuple[Leaf, ...], groups: Sequence[Group], single: Single
) -> witness.Choice | Disjoint | Maybe:
    """No single value fits: final for a field with one value, otherwise an array may hold several."""
    wanted = " and ".join(dict.fromkeys(_wanted(leaf) for leaf in leaves))
    if single.one_value(path):
        return Disjoint(path, f"{path} holds one value and cannot be {wanted}")
    values: list[jsontext.Scalar] = []
    for leaf in leaves:
        match _common((leaf,)):
            case Value(scalar):
                values.append(scalar)
            case Undecided(why):
                return Maybe(f"{path}: {why}")
            case NoValue() if not leaf.may_be_absent:
                return Disjoint(path, f"no value of {path} is {_wanted(leaf)}")
            case NoValue():
                if single.apart_from_arrays(path, groups):
                    return Disjoint(path, f"{path} cannot be {wanted}")
                return Maybe(f"{path} can only be {wanted} where it stands in an array of objects")
    return tuple(values)


def _wanted(leaf: Leaf) -> str:
    return " or ".join(matcher.wanted() for matcher in leaf.matchers[:_SHOWN]) + (
        " ..." if leaf.matchers[_SHOWN:] else ""
    )


_SHOWN = 4


@lru_cache(maxsize=4096)
def _common(leaves: tuple[Leaf, ...]) -> Found:
    return common_value(leaves)


def _confirmed(event: str, groups: Sequence[Group]) -> bool:
    node = jsontext.read(event)
    assert isinstance(node, tuple)
    found = find(node, Interest.of(leaf.path for group in groups for leaf in group))
    return all(holds(group, found) for group in groups)
