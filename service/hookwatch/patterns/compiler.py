"""Compiles an event pattern: JSON to alternatives of leaves, or the reason why EventBridge would refuse it.

This module never looks at events. Standard library only. Order of the checks: JSON, size, structure and operators
in the order written, `$or` combinations (counted before anything is multiplied out), wildcard complexity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.patterns import jsontext, wildcards
from hookwatch.patterns.alternatives import COMBINATIONS_MAX, Or, Part, all_leaves, combinations, multiply_out
from hookwatch.patterns.errors import InvalidPattern, Trail, pointer, refusal
from hookwatch.patterns.expressions import entry
from hookwatch.patterns.fields import Interest
from hookwatch.patterns.matchers import AnythingBut, Prefix, Suffix, Wildcard
from hookwatch.patterns.pattern import Pattern, wildcard_pieces
from hookwatch.patterns.tree import Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hookwatch.patterns.jsontext import Node, Pairs

CHARACTERS_MAX = 4_096
"""Characters of compact JSON. The quota is 2,048 and adjustable (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-quota.html); TestEventPattern's page and raised quotas end at 4,096 (docs.aws.amazon.com/eventbridge/latest/
APIReference/API_TestEventPattern.html; terraform-provider-aws #33732); facts read 2026-11."""

TEXT_MAX = 1_048_576
"""Characters of a pattern with its white space that we are willing to read at all: 256 times what may count."""

TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a "
    "wildcard character"
)

_RESERVED_IN_OR = frozenset(
    """exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard
    not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range
    ip-address-not-in-range""".split()  # noqa: SIM905 - a list of 24 words reads better as words
)
"""Names that event-ruler 2.0.1 does not take as fields inside `$or` (facts measured 2026-11)."""


def compile_pattern(pattern: str | Mapping[str, Any]) -> Pattern:
    """Compile an event pattern.

    Args:
        pattern: JSON text, which keeps number literals and duplicate keys, or a mapping.

    Raises:
        InvalidPattern: with reason and JSON pointer; also for more than `CHARACTERS_MAX` characters of compact JSON,
            more than `COMBINATIONS_MAX` combinations, and a field beyond `wildcards.COMPLEXITY_LIMIT`.
    """
    try:
        text = pattern if isinstance(pattern, str) else jsontext.write(pattern)
        _check_size(text)
        root = jsontext.read(text) if text.strip() else None
    except jsontext.NotJson as broken:
        raise InvalidPattern(str(broken)) from None
    if not isinstance(root, tuple):
        raise InvalidPattern("Filter is not an object")
    parts, or_is_a_field = _read(root)
    if combinations(parts) > COMBINATIONS_MAX:
        raise InvalidPattern(f"Event pattern contains more than {COMBINATIONS_MAX} rule combinations")
    for leaf in all_leaves(parts):
        _check_complexity(leaf)
    alternatives = multiply_out(parts)
    interest = Interest.of(leaf.path for alternative in alternatives for leaf in alternative.leaves)
    return Pattern(alternatives, text, or_is_a_field, interest)


def _check_size(text: str) -> None:
    if len(text) <= CHARACTERS_MAX:
        return
    size = len(text) if len(text) > TEXT_MAX else len(jsontext.compact(text))
    if size > CHARACTERS_MAX:
        raise InvalidPattern(
            f"Event pattern has {size} characters of compact JSON, EventBridge takes at most {CHARACTERS_MAX}"
        )


def _read(root: Pairs) -> tuple[list[Part], bool]:
    """Read with `$or` as the operator; where that is refused, with `$or` as a field name, as event-ruler does."""
    try:
        return _object(root, None, None, _AS_OPERATOR), False
    except InvalidPattern as first:
        try:
            parts = _object(root, None, None, _AS_FIELD)
            _refuse_newer_operators(parts)
        except InvalidPattern as second:
            if second.reason == first.reason:
                raise first from None
            hint = f'EventBridge then reads $or as a field and may answer "{second.reason}" instead'
            raise InvalidPattern(first.reason, first.pointer, hint) from None
        return parts, True


def _refuse_newer_operators(parts: Iterable[Part]) -> None:
    """Refuse what event-ruler's older compiler, the one that knows no `$or`, does not know either."""
    for leaf in all_leaves(parts):
        for matcher in leaf.matchers:
            match matcher:
                case AnythingBut(inner=(Wildcard(), *_)):
                    raise refusal("Unsupported anything-but pattern: wildcard", leaf.trail)
                case AnythingBut(inner=(Prefix() | Suffix(), *_), is_list=True):
                    raise refusal("prefix/suffix match pattern must be a string", leaf.trail)
                case _:
                    pass


_AS_OPERATOR, _INSIDE_OR, _AS_FIELD = "operator", "inside", "field"


def _object(pairs: Pairs, base: str | None, at: Trail, mode: str) -> list[Part]:
    if not pairs:
        raise refusal("Empty objects are not allowed", at)
    parts: list[Part] = []
    for key, value in pairs:
        here: Trail = (at, key)
        if key == "$or" and mode != _AS_FIELD:
            parts.append(_or(value, base, here))
        elif mode == _INSIDE_OR and key in _RESERVED_IN_OR:
            raise refusal(f"{key} is Ruler reserved fieldName which cannot be used inside $or.", here)
        elif isinstance(value, list):
            if not value:
                raise refusal("Empty arrays are not allowed", here)
            matchers = tuple([entry(item, (here, index)) for index, item in enumerate(value)])
            parts.append(Leaf(f"{base}.{key}" if base else key, matchers, here))
        elif isinstance(value, tuple):
            parts += _object(value, key if base is None else f"{base}.{key}", here, mode)
        else:
            raise refusal(f'"{key}" must be an object or an array', here)
    return parts


def _or(value: Node, base: str | None, at: Trail) -> Or:
    if not isinstance(value, list):
        raise refusal("It must be an Array followed with $or.", at)
    branches: list[tuple[Part, ...]] = []
    for index, branch in enumerate(value):
        if not isinstance(branch, tuple):
            raise refusal("Only JSON object is allowed in array of $or relationship.", (at, index))
        branches.append(tuple(_object(branch, base, (at, index), _INSIDE_OR)))
    if len(branches) < 2:  # noqa: PLR2004 - one branch is no choice
        raise refusal("There must have at least 2 Objects in $or relationship.", at)
    return Or(tuple(branches))


def _check_complexity(leaf: Leaf) -> None:
    expressions = wildcard_pieces(leaf)
    if expressions and wildcards.complexity(tuple(sorted(expressions))) > wildcards.COMPLEXITY_LIMIT:
        raise InvalidPattern(TOO_COMPLEX, pointer(leaf.trail))
