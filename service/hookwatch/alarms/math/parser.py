"""Tokens to a syntax tree, by precedence climbing.

Never knows which ids exist. AWS documents the operators but no precedence; we take the usual one:
OR, AND, comparison, + and -, * and /, unary minus, ^ (right to left).
"""

import math

from hookwatch.alarms.math.lexer import Token, tokens
from hookwatch.alarms.math.nodes import (
    Bracket,
    Call,
    Keyword,
    MathFault,
    MathFaultError,
    Name,
    Negation,
    Node,
    Number,
    Operation,
    Text,
)
from hookwatch.alarms.math.signatures import KEYWORDS, NOT_SIMULATED, SIGNATURES, closest

MAX_EXPRESSION_CHARACTERS = 2048
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html, read 2026-11-22."""

MAX_DEPTH = 50
"""Ours: nested brackets and calls; a guard for the recursion."""

_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"OR"}),
    frozenset({"AND"}),
    frozenset({"==", "!=", "<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
)
_LEVEL_OF = {symbol: level for level, symbols in enumerate(_LEVELS) for symbol in symbols}


def parse(expression: str) -> Node | MathFault:
    """Parse an expression, or say where and why it is none."""
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        return MathFault(f"longer than {MAX_EXPRESSION_CHARACTERS} characters", MAX_EXPRESSION_CHARACTERS + 1)
    if expression.lstrip().upper().startswith("SELECT "):
        return MathFault("a Metrics Insights query is not simulated", 1, simulated=False)
    try:
        parser = _Parser(tokens(expression))
        node = parser.expression(0)
        parser.expect_end()
    except MathFaultError as error:
        return error.fault
    return node


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _is(self, symbol: str) -> bool:
        return self._next.kind == "symbol" and self._next.text == symbol

    def _expect(self, symbol: str, why: str) -> None:
        if not self._is(symbol):
            raise MathFaultError(f"expected {symbol!r} {why}, found {_spoken(self._next)}", self._next.column)
        self._take()

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise MathFaultError(f"expected an operator or the end, found {_spoken(self._next)}", self._next.column)

    def expression(self, lowest: int) -> Node:
        left = self._unary()
        while self._next.kind == "symbol" and _LEVEL_OF.get(self._next.text, -1) >= lowest:
            operator = self._take()
            left = Operation(operator.text, left, self.expression(_LEVEL_OF[operator.text] + 1), operator.column)
        return left

    def _unary(self) -> Node:
        minuses: list[Token] = []
        while self._is("-"):
            minuses.append(self._take())
        if len(minuses) > MAX_DEPTH:
            raise MathFaultError(f"more than {MAX_DEPTH} minus signs", minuses[0].column)
        node = self._power()
        for minus in reversed(minuses):
            node = Negation(node, minus.column)
        return node

    def _power(self) -> Node:
        base = self._primary()
        if not self._is("^"):
            return base
        self._depth += 1
        self._guard(self._next)
        operator = self._take()
        exponent = self._unary()
        self._depth -= 1
        return Operation("^", base, exponent, operator.column)

    def _guard(self, token: Token) -> None:
        if self._depth > MAX_DEPTH:
            raise MathFaultError(f"nested more than {MAX_DEPTH} deep", token.column)

    def _primary(self) -> Node:
        token = self._take()
        self._depth += 1
        self._guard(token)
        node = self._primary_of(token)
        self._depth -= 1
        return node

    def _primary_of(self, token: Token) -> Node:
        match token.kind, token.text:
            case "number", text:
                value = float(text)
                if not math.isfinite(value):
                    raise MathFaultError(f"{text} is too large", token.column)
                return Number(value, token.column)
            case "text", text:
                return Text(text, token.column)
            case "word", word:
                return self._word(token) if self._is("(") or not word[0].islower() else Name(word, token.column)
            case "symbol", "(":
                inner = self.expression(0)
                self._expect(")", f"for the ( in column {token.column}")
                return inner
            case "symbol", "[":
                return Bracket(self._items("]", token), token.column)
            case _:
                raise MathFaultError(f"expected a value, found {_spoken(token)}", token.column)

    def _word(self, token: Token) -> Node:
        word = token.text
        if self._is("("):
            if word in NOT_SIMULATED:
                raise MathFaultError(f"{word} is not simulated", token.column, simulated=False)
            if word not in SIGNATURES:
                raise MathFaultError(f"there is no function {word}{closest(word)}", token.column)
            opening = self._take()
            return Call(word, self._items(")", opening), token.column)
        if word in KEYWORDS:
            return Keyword(word, token.column)
        if word in SIGNATURES:
            raise MathFaultError(f"the function {word} needs its arguments in ( )", token.column)
        raise MathFaultError(f"{word} is no id: ids start with a lower-case letter", token.column)

    def _items(self, closing: str, opening: Token) -> tuple[Node, ...]:
        items: list[Node] = []
        if self._is(closing):
            self._take()
            return ()
        while True:
            items.append(self.expression(0))
            if self._is(","):
                self._take()
                continue
            self._expect(closing, f"for the {opening.text} in column {opening.column}")
            return tuple(items)


def _spoken(token: Token) -> str:
    return "the end of the expression" if token.kind == "end" else repr(token.text)
