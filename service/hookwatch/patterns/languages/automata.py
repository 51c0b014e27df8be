"""The string operators as small automata, run side by side.

Never decides what acceptance means (see `strings`) and never sees a leaf. Standard library only. An automaton is a
tuple of tokens: the characters that may come next, `STAR` for any characters, `ADDRESS` for any that an IP address is
written with. A place is how many tokens are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hookwatch.patterns import folding
from hookwatch.patterns.matchers import (
    Address,
    Cidr,
    EqualsIgnoreCase,
    Matcher,
    Prefix,
    Suffix,
    Text,
    Wildcard,
)

Token: TypeAlias = frozenset[str]

STAR: Token = frozenset({"*any characters"})
ADDRESS: Token = frozenset("0123456789abcdefABCDEF.:")
"""Told apart by identity: each stands for any number of characters, of any kind or of those of an IP address."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """A line of tokens. `exact` is False where it accepts more than the operator does (addresses)."""

    tokens: tuple[Token, ...]
    exact: bool = True


def automata(matcher: Matcher) -> tuple[Automaton, ...] | None:
    """Give automata that together accept the strings which a matcher accepts; None where it accepts no string.

    `AnythingBut` and `Exists` are not positive and are not asked here.
    """
    match matcher:
        case Text(text):
            return (Automaton(_literal(text)),)
        case Prefix(text, ignore_case):
            return tuple(Automaton(line) for line in _prefix_lines(text, ignore_case=ignore_case))
        case Suffix(text, ignore_case):
            return tuple(Automaton(line) for line in _suffix_lines(text, ignore_case=ignore_case))
        case EqualsIgnoreCase(text):
            return tuple(Automaton(line) for line in _folded(text))
        case Wildcard(pieces=pieces):
            tokens = list(_literal(pieces[0]))
            for piece in pieces[1:]:
                tokens += [STAR, *_literal(piece)]
            return (Automaton(tuple(tokens)),)
        case Address() | Cidr():
            return (Automaton((ADDRESS,), exact=False),)
        case _:
            return None


_FORMS_MAX = 64
"""Lines that the characters with forms of several letters ("ß" is "SS" too) may multiply out to."""


class TooManyForms(ValueError):  # noqa: N818 - a value on its way to Undecided
    """An operator that ignores case has more spellings of different length than are followed."""


def _literal(text: str) -> tuple[Token, ...]:
    return tuple(frozenset(character) for character in text)


def _folded(text: str) -> list[tuple[Token, ...]]:
    lines: list[tuple[Token, ...]] = [()]
    for character in text:
        forms = folding.forms(character)
        if all(len(form) == 1 for form in forms):
            token = frozenset(forms)
            lines = [(*line, token) for line in lines]
        else:
            lines = [(*line, *_literal(form)) for line in lines for form in forms]
        if len(lines) > _FORMS_MAX:
            raise TooManyForms(f"{text!r} has too many spellings when case is ignored")
    return lines


def _prefix_lines(text: str, *, ignore_case: bool) -> list[tuple[Token, ...]]:
    lines = _folded(text) if ignore_case else [_literal(text)]
    found = [(*line, STAR) for line in lines]
    if text.endswith('"'):  # event-ruler's closing quote: the value may end before it
        found += [line[:-1] for line in lines]
    return found


def _suffix_lines(text: str, *, ignore_case: bool) -> list[tuple[Token, ...]]:
    lines = _folded(text) if ignore_case else [_literal(text)]
    found = [(STAR, *line) for line in lines]
    if text.startswith('"'):
        found += [line[1:] for line in lines]
    return found


Place: TypeAlias = tuple[int, int]


def _loops(token: Token) -> bool:
    return token is STAR or token is ADDRESS


def start(lines: list[Automaton]) -> frozenset[Place]:
    """Give the places before any character is read."""
    return closed(lines, {(which, 0) for which in range(len(lines))})


def step(lines: list[Automaton], places: frozenset[Place], character: str) -> frozenset[Place]:
    """Read one character."""
    after: set[Place] = set()
    for which, at in places:
        tokens = lines[which].tokens
        if at < len(tokens):
            token = tokens[at]
            if _loops(token):
                if token is STAR or character in token:
                    after.add((which, at))
            elif character in token:
                after.add((which, at + 1))
    return closed(lines, after)


def closed(lines: list[Automaton], places: set[Place]) -> frozenset[Place]:
    """Add the places behind a star, which may stand for nothing."""
    for which, at in list(places):
        tokens = lines[which].tokens
        here = at
        while here < len(tokens) and _loops(tokens[here]):
            here += 1
            places.add((which, here))
    return frozenset(places)


def accepting(lines: list[Automaton], places: frozenset[Place]) -> frozenset[int]:
    """Give the automata that accept what was read."""
    return frozenset(which for which, at in places if at == len(lines[which].tokens))
