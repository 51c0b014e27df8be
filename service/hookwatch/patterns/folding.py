"""How EventBridge ignores case: character by character, lower or upper, never by folding whole strings.

This module never looks at JSON. Standard library only. event-ruler 2.0.1 accepts, for every character of the
pattern, its lower-case form or its upper-case form: a pattern with "ß" accepts "ß" and "SS" (not "ss"), and a
pattern with "k" does not accept the Kelvin sign. A character beyond the Basic Multilingual Plane is two UTF-16
units to event-ruler, each of which it reads as "?"; we do the same, because the service runs it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["whole", "start", "end"]

_PATTERNS_KEPT = 512
_LAST_OF_ONE_UNIT = "\uffff"


def fits(pattern: str, value: str, place: Place) -> bool:
    """Tell whether `value` equals, starts with or ends with `pattern` when case is ignored."""
    if not pattern.isascii():
        return _expression(pattern, place).search(value) is not None
    match place:
        case "whole":
            part = value
        case "start":
            part = value[: len(pattern)]
        case "end":
            part = value[-len(pattern) :] if pattern else ""
    # "K" (Kelvin) lower-cases to an ASCII letter, so the part itself has to be ASCII
    return part.isascii() and part.lower() == pattern.lower()


def forms(character: str) -> tuple[str, ...]:
    """Give what one character of a pattern accepts: one form, or its lower and its upper form."""
    if character > _LAST_OF_ONE_UNIT:
        return ("??",)
    lower, upper = character.lower(), character.upper()
    return (lower,) if lower == upper else (lower, upper)


@lru_cache(maxsize=_PATTERNS_KEPT)
def _expression(pattern: str, place: Place) -> re.Pattern[str]:
    body = "".join(f"(?:{'|'.join(map(re.escape, forms(character)))})" for character in pattern)
    before = r"\A" if place != "end" else ""
    after = r"\Z" if place != "start" else ""
    return re.compile(before + body + after)
