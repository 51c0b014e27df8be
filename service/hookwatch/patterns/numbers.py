"""When two JSON numbers are the same number for EventBridge.

This module never parses JSON: it is given literals. Standard library only.

EventBridge's guide says that 300, 300.0 and 3.0e2 are not equal; the service says that they are (recorded answer
`number_comparison_float` of the real TestEventPattern, facts measured 2026-11). A literal that is exactly the
shortest decimal form of a double is compared as a number; any other literal (9007199254740993, 1e400) is compared
as text, because a double cannot tell it from its neighbours.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import TypeAlias

Key: TypeAlias = float | bytes
"""What a literal is compared by: its double if that says it all, otherwise the literal itself."""

_SAFE_CHARACTERS = 15
"""A literal of up to 15 characters without exponent has at most 15 significant digits, which every double keeps
(IEEE 754, DBL_DIG)."""


def key(literal: bytes) -> Key:
    """Give the key by which this literal equals others; unequal types are never equal."""
    if len(literal) <= _SAFE_CHARACTERS and b"e" not in literal and b"E" not in literal:
        return float(literal)
    number = float(literal)
    try:
        exact = Decimal(repr(number)) == Decimal(literal.decode())
    except DecimalException:
        return literal
    return number if exact else literal


def as_double(literal: bytes) -> float | None:
    """Give the double that the literal is compared as, or None where only its text counts."""
    found = key(literal)
    return found if isinstance(found, float) else None
