"""Expression text to tokens.

Never knows what a word means: the parser decides whether it is an id or a function.
"""

import re
from dataclasses import dataclass

from hookwatch.alarms.math.nodes import MathFaultError

_PATTERN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]])""",
    re.VERBOSE,
)
_SAME = {"&&": "AND", "||": "OR"}
_HINTS = {
    "=": "write == to compare",
    "&": "write AND or &&",
    "|": "write OR or ||",
    "!": "write != or IF(x == 0, ...)",
    "%": "metric math has no % operator; multiply by 100 or divide by it",
    '"': "the text is not closed",
    "'": "the text is not closed",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the expression: `kind` is number, word, text, symbol or end; `column` is 1-based."""

    kind: str
    text: str
    column: int


def tokens(expression: str) -> list[Token]:
    """Split an expression; the last token is `end`.

    Raises:
        MathFaultError: A character belongs to nothing.
    """
    result: list[Token] = []
    position = 0
    while position < len(expression):
        found = _PATTERN.match(expression, position)
        if found is None:
            character = expression[position]
            hint = f": {_HINTS[character]}" if character in _HINTS else ""
            raise MathFaultError(f"unexpected {character!r}{hint}", position + 1)
        kind, text = str(found.lastgroup), found.group()
        if kind == "text":
            result.append(Token(kind, text[1:-1], position + 1))
        elif text in _SAME or text in ("AND", "OR"):
            result.append(Token("symbol", _SAME.get(text, text), position + 1))
        elif kind != "blank":
            result.append(Token(kind, text, position + 1))
        position = found.end()
    result.append(Token("end", "", len(expression) + 1))
    return result
