"""A string that several leaves accept, or the proof that there is none.

Never looks at numbers or at events. Standard library only. The search walks all leaves' automata at once, breadth
first, over the characters that occur in them and one that does not, so the first string found is a shortest one and
a search that ends without one is a proof. What the automata only approximate (addresses) is asked of the leaf itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.patterns.addresses import V4_DIGITS
from hookwatch.patterns.languages.automata import STAR, Automaton, accepting, automata, start, step
from hookwatch.patterns.matchers import (
    Address,
    AnythingBut,
    Cidr,
    EqualsIgnoreCase,
    Exists,
    Prefix,
    Suffix,
    Text,
    Wildcard,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookwatch.patterns.tree import Leaf

STEPS_MAX = 60_000
"""Characters read over all automata before the search gives up: 0.16 s on two shared cores (measured 2026-11)."""

CANDIDATES_MAX = 2_000
"""Likely strings that are tried before the search starts."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The search ended before it knew."""

    why: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """One leaf over the numbered automata: one of `positive`, or none of one group of `excluded`, or anything.

    With `wanted` False all of that must not be. Automata that are not exact are left out then, because too wide a
    language would make too narrow a complement.
    """

    positive: frozenset[int]
    excluded: tuple[frozenset[int], ...]
    anything: bool
    wanted: bool

    def holds(self, accepted: frozenset[int]) -> bool:
        taken = (
            self.anything
            or not self.positive.isdisjoint(accepted)
            or any(group.isdisjoint(accepted) for group in self.excluded)
        )
        return taken is self.wanted


def common_string(leaves: Sequence[Leaf], refusing: Sequence[Leaf] = ()) -> str | GivenUp | None:
    """Find a string that every leaf accepts and none of `refusing` does; None is the proof that there is none.

    Raises:
        TooManyForms: a leaf ignores the case of letters that have too many spellings.
    """

    def confirmed(text: str) -> bool:
        return all(leaf.accepts(text) for leaf in leaves) and not any(leaf.accepts(text) for leaf in refusing)

    for candidate in _candidates([*leaves, *refusing]):
        if confirmed(candidate):
            return candidate
    if any(all(isinstance(one, Text) or _takes_no_string(one) for one in leaf.matchers) for leaf in leaves):
        return None  # such a leaf's strings were all among the candidates
    lines: list[Automaton] = []
    wishes = [_wish(leaf, lines, wanted=True) for leaf in leaves]
    wishes += [_wish(leaf, lines, wanted=False) for leaf in refusing]
    return _search(lines, wishes, confirmed)


def _takes_no_string(matcher: object) -> bool:
    return not isinstance(
        matcher, Text | Prefix | Suffix | EqualsIgnoreCase | Wildcard | Address | Cidr | AnythingBut
    ) and not (isinstance(matcher, Exists) and matcher.present)


def _wish(leaf: Leaf, lines: list[Automaton], *, wanted: bool) -> _Wish:
    positive: set[int] = set()
    excluded: list[frozenset[int]] = []
    anything = False
    for matcher in leaf.matchers:
        match matcher:
            case Exists(present):
                anything = anything or present
            case AnythingBut(inner=inner):
                group = {number for one in inner for number in _numbered(automata(one), lines)}
                excluded.append(frozenset(group))
            case _:
                positive.update(one for one in _numbered(automata(matcher), lines) if wanted or lines[one].exact)
    return _Wish(frozenset(positive), tuple(excluded), anything, wanted)


def _numbered(found: tuple[Automaton, ...] | None, lines: list[Automaton]) -> Iterator[int]:
    for automaton in found or ():
        lines.append(automaton)
        yield len(lines) - 1


def _search(lines: list[Automaton], wishes: list[_Wish], confirmed: Callable[[str], bool]) -> str | GivenUp | None:
    alphabet = sorted(
        {character for line in lines for token in line.tokens if token is not STAR for character in token}
    )
    alphabet.append(fresh(alphabet))
    first = start(lines)
    seen, waiting = {first}, deque([(first, "")])
    steps, refused = 0, False
    while waiting:
        places, text = waiting.popleft()
        accepted = accepting(lines, places)
        if all(wish.holds(accepted) for wish in wishes):
            if confirmed(text):
                return text
            refused = True  # an address only by its characters: what the automata cannot decide
        for character in alphabet:
            steps += 1 + len(places) // 8
            if steps > STEPS_MAX:
                return GivenUp(f"no string found within {STEPS_MAX} steps")
            after = step(lines, places, character)
            if after not in seen:
                seen.add(after)
                waiting.append((after, text + character))
    return GivenUp("addresses are only tried, not proven") if refused else None


def fresh(used: Sequence[str]) -> str:
    """Give a character that is not among those used; a letter if one is free."""
    taken = {form for character in used for form in (character, character.lower(), character.upper())}
    for character in "xyzwvutsrqponmlkjihgfedcba0123456789-_":
        if character not in taken:
            return character
    return next(chr(code) for code in range(0x100, 0x3000) if chr(code) not in taken)


def _candidates(leaves: Sequence[Leaf]) -> Iterator[str]:
    texts = list(_texts(leaves))
    spare = fresh([character for text in texts for character in text])
    yielded = 0
    for text in [*texts, spare, *(text + spare for text in texts), *(spare + text for text in texts)]:
        yield text
        yielded += 1
    heads = [text for leaf in leaves for text in _ends(leaf, Prefix)]
    tails = [text for leaf in leaves for text in _ends(leaf, Suffix)]
    for head in heads:
        for tail in tails:
            yield head + tail
            yielded += 1
            if yielded > CANDIDATES_MAX:
                return


def _texts(leaves: Sequence[Leaf]) -> Iterator[str]:
    for leaf in leaves:
        for matcher in leaf.matchers:
            match matcher:
                case Text(text) | Prefix(text) | Suffix(text) | EqualsIgnoreCase(text) | Address(text):
                    yield text
                case Wildcard(pieces=pieces):
                    yield "".join(pieces)
                case Cidr(first=first, last=last):
                    yield written(first)
                    yield written(last)
                case _:
                    pass


def _ends(leaf: Leaf, kind: type[Prefix | Suffix]) -> Iterator[str]:
    for matcher in leaf.matchers:
        if isinstance(matcher, kind):
            yield matcher.text
        elif isinstance(matcher, Wildcard):
            yield matcher.pieces[0 if kind is Prefix else -1]


def written(digits: str) -> str:
    """Write an address of hexadecimal digits as people do."""
    if len(digits) == V4_DIGITS:
        return ".".join(str(int(digits[at : at + 2], 16)) for at in range(0, V4_DIGITS, 2))
    return ":".join(digits[at : at + 4] for at in range(0, len(digits), 4))
