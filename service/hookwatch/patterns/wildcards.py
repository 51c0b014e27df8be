r"""The wildcard operator: its syntax, matching in linear time, and the cost that EventBridge puts on it.

This module never looks at JSON. Standard library only. `*` stands for any characters, none included; `\*` and
`\\` are the only escapes; `**` is refused (positions in reasons count UTF-8 bytes from the opening quote).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

Pieces: TypeAlias = tuple[str, ...]
"""The literal text between the stars: n stars make n+1 pieces."""

COMPLEXITY_LIMIT = 10
"""The largest complexity of one field that is not refused here. AWS publishes no number: 9 is accepted
(github.com/vals-ai/Valkyrie #278), 11 refused (recorded answer `content_wildcard_complex_EXC`); facts measured
2026-11. At 10 nobody has seen an answer, so it is left to the service."""

_SETS_MAX = 4_000
"""How many sets of positions are walked before the count gives up and reports what it has seen so far."""
_PATTERNS_KEPT = 256
_ANY = "\0any other character"


class BadWildcard(ValueError):  # noqa: N818 - a value on its way to InvalidPattern
    """The text is no wildcard expression; the message is event-ruler's."""


def pieces(text: str) -> Pieces:
    """Split a wildcard expression at its stars and undo the escapes.

    Raises:
        BadWildcard: two stars in a row, or a backslash before anything but a star or a backslash.
    """
    found: list[str] = []
    piece: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character == "*":
            if text.startswith("**", at):
                raise BadWildcard(f"Consecutive wildcard characters at pos {_byte(text, at)}")
            found.append("".join(piece))
            piece.clear()
        elif character == "\\":
            at += 1
            if at >= len(text) or text[at] not in "*\\":
                raise BadWildcard(f"Invalid escape character at pos {_byte(text, at - 1)}")
            piece.append(text[at])
        else:
            piece.append(character)
        at += 1
    return (*found, "".join(piece))


def fits(parts: Pieces, value: str) -> bool:
    """Tell whether the value fits: each piece is looked for once, leftmost, so the time is linear."""
    if len(parts) == 1:
        return value == parts[0]
    first, last = parts[0], parts[-1]
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in parts[1:-1]:
        at = value.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _byte(text: str, at: int) -> int:
    return len(text[:at].encode("utf-8", "surrogatepass")) + 1


@lru_cache(maxsize=_PATTERNS_KEPT)
def complexity(expressions: tuple[Pieces, ...]) -> int:
    """Count the most places at which one value can be, at the same time, within these expressions of one field.

    This is the score of event-ruler 2.0.1's MachineComplexityEvaluator: equal to it on 409 random sets of one to
    three expressions (measured 2026-11). Counting stops as soon as `COMPLEXITY_LIMIT` is passed, and after
    `_SETS_MAX` sets of places with the largest score seen, so its time is bounded whatever the expressions are.
    """
    tokens = [_tokens(expression) for expression in expressions]
    alphabet = {token for line in tokens for token in line if token is not None} | {_ANY}
    start = frozenset((which, 0, False) for which in range(len(tokens)))
    seen, waiting, most = {start}, [start], 0
    while waiting and len(seen) < _SETS_MAX:
        places = waiting.pop()
        for character in alphabet:
            after = _step(tokens, places, character)
            if not after:
                continue
            inside = {(which, at, True) for which, at, _ in after if _star(tokens[which], at)}
            most = max(most, len(after | inside))
            if most > COMPLEXITY_LIMIT:
                return most
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return most


_Tokens: TypeAlias = tuple[str | None, ...]
_Place: TypeAlias = tuple[int, int, bool]
"""Which expression, how many of its tokens are read, and whether the star that comes next has already begun."""


def _tokens(expression: Pieces) -> _Tokens:
    """One token a character, None for a star, between the quotes that event-ruler keeps around a string."""
    found: list[str | None] = ['"', *expression[0]]
    for piece in expression[1:]:
        found += [None, *piece]
    return (*found, '"')


def _star(tokens: _Tokens, at: int) -> bool:
    return at < len(tokens) and tokens[at] is None


def _step(tokens: list[_Tokens], places: frozenset[_Place], character: str) -> frozenset[_Place]:
    after: set[_Place] = set()
    for which, at, _ in places:
        line = tokens[which]
        if at >= len(line):
            continue
        if line[at] is None:
            after.add((which, at, True))
            if line[at + 1] == character:
                after.add((which, at + 2, False))
        elif line[at] == character:
            after.add((which, at + 1, False))
    return frozenset(after)
