"""Grades one step: do the events that a target emits match a rule's pattern: MUST, MAY or NEVER.

Never knows rules or graphs. NEVER is a proof (see `overlap`), MUST is one for events whose fields hold what is
declared, everything between is MAY. Fields that an emission takes from the place it happens in (account, region) are
taken to be what the pattern asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from hookwatch.patterns.languages import NoValue, common_value
from hookwatch.patterns.overlap import PAIRS_MAX, UNDECIDED_MAX, Disjoint, Group, Maybe, Meets, meet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookwatch.patterns.emissions import Clause, Emission
    from hookwatch.patterns.pattern import Pattern
    from hookwatch.patterns.tree import Leaf

Grade: TypeAlias = Literal["MUST", "MAY", "NEVER"]


@dataclass(frozen=True, slots=True)
class Step:
    """How one emission meets one pattern.

    Attributes:
        grade: MUST, MAY or NEVER.
        why: in words; for NEVER the field that keeps them apart.
        witness: an emitted event that the matcher accepts (JSON text); None if none was found.
        clauses: the constraints of the events that go through, for the step after this one.
    """

    grade: Grade
    why: str
    witness: str | None
    clauses: tuple[Clause, ...]


def grade(emission: Emission, incoming: Sequence[Clause], pattern: Pattern) -> Step:
    """Grade the step from events within `incoming`, through the emission, to the pattern."""
    outgoing = [emission.after(clause) for clause in incoming]
    asked = [_asked(alternative.leaves, emission) for alternative in pattern.alternatives]
    pairs = [(clause, group) for clause in outgoing for group in asked]
    through: list[Clause] = []
    witness: str | None = None
    maybe, apart, undecided = "", "", 0
    for clause, group in pairs[:PAIRS_MAX]:
        match meet((*clause.groups, group), clause.single):
            case Disjoint() as found:
                apart = apart or found.why
                continue
            case Meets(event):
                witness = witness or event
            case Maybe(why):
                maybe, undecided = maybe or why, undecided + 1
        through.append(type(clause)((*clause.groups, group), clause.single))
        if undecided >= UNDECIDED_MAX:
            break
    if not through and len(pairs) <= PAIRS_MAX:
        return Step("NEVER", apart, None, ())
    if undecided >= UNDECIDED_MAX or len(pairs) > PAIRS_MAX:
        return Step("MAY", maybe or "too many alternatives to compare them all", witness, tuple(outgoing))
    if emission.certain and all(any(_implies(clause, group) for group in asked) for clause in outgoing):
        return Step("MUST", "every event that comes out matches", witness, tuple(through))
    if not emission.certain:
        return Step("MAY", "what is put there is not known", witness, tuple(through))
    return Step("MAY", maybe or "some events that come out match", witness, tuple(through))


def _asked(group: Group, emission: Emission) -> Group:
    return tuple(leaf for leaf in group if leaf.path not in emission.assumed)


def _implies(clause: Clause, group: Group) -> bool:
    """Tell whether every event within the clause satisfies the group."""
    return all(
        _leaf_implied([one for given in clause.groups for one in given if one.path == leaf.path], leaf)
        for leaf in group
    )


def _leaf_implied(given: list[Leaf], leaf: Leaf) -> bool:
    if all(one.may_be_absent for one in given) and not leaf.may_be_absent:
        return False
    return isinstance(common_value(given, [leaf]), NoValue)
