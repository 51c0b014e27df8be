"""Filter patterns of CloudWatch Logs: which lines FilterLogEvents returns.

Never reads a log group. JSON patterns with their comparisons, and plain terms; what is not supported here is refused by
name instead of matching everything, which is what the emulator does.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (read 2026-11-27)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||[(){}]|!=|<=|>=|=|<|>)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<path>\$(?:\.[\w-]+|\[\d+\])+)"""
    r"""|(?P<word>[^\s&|(){}=<>!]+))"""
)
_TERM = re.compile(r'\s*([?-]?)("(?:[^"\\]|\\.)*"|\S+)')
_MISSING = object()


@dataclass(frozen=True, slots=True)
class BadPattern:
    """A pattern that CloudWatch Logs would refuse, or that is not supported here."""

    sentence: str


def read_pattern(text: str) -> Callable[[str], bool] | BadPattern:
    """Return what tells whether a line matches."""
    text = text.strip()
    if not text:
        return lambda _: True
    if text.startswith("["):
        return BadPattern("space-delimited patterns are not supported in the sandbox")
    if not text.startswith("{"):
        return _terms(text)
    try:
        test = _Parser(text).pattern()
    except ValueError as error:
        return BadPattern(f"Invalid filter pattern: {error}")

    def matches(line: str) -> bool:
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and test(document)

    return matches


def _terms(text: str) -> Callable[[str], bool]:
    wanted: list[str] = []
    any_of: list[str] = []
    without: list[str] = []
    for sign, quoted in _TERM.findall(text):
        term = json.loads(quoted) if quoted.startswith('"') else quoted
        {"": wanted, "?": any_of, "-": without}[sign].append(term)
    # "?" counts for nothing beside a term that must be there (the page above, "Match any term").
    any_of = [] if wanted else any_of
    return lambda line: (
        all(term in line for term in wanted)
        and (not any_of or any(term in line for term in any_of))
        and not any(term in line for term in without)
    )


class _Parser:
    """`{ $.a = "x" && ($.b > 5 || $.c NOT EXISTS) }` as a test of a parsed line."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"unexpected text at character {at + 1}")
            self._tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self._at = 0

    def pattern(self) -> Callable[[Any], bool]:
        """The whole pattern."""
        self._take("{")
        test = self._either()
        self._take("}")
        if self._at != len(self._tokens):
            raise ValueError("text after the closing brace")
        return test

    def _either(self) -> Callable[[Any], bool]:
        tests = [self._both()]
        while self._next("||"):
            tests.append(self._both())
        return lambda line: any(test(line) for test in tests)

    def _both(self) -> Callable[[Any], bool]:
        tests = [self._one()]
        while self._next("&&"):
            tests.append(self._one())
        return lambda line: all(test(line) for test in tests)

    def _one(self) -> Callable[[Any], bool]:
        if self._next("("):
            test = self._either()
            self._take(")")
            return test
        kind, path = self._any()
        if kind != "path":
            raise ValueError(f"a field such as $.outcome is wanted, not {path}")
        kind, operator = self._any()
        if kind == "word":
            return _words(path, operator.upper(), self._any()[1].upper())
        kind, operand = self._any()
        if kind not in ("string", "word"):
            raise ValueError(f"a value is wanted after {operator}, not {operand}")
        return _comparison(path, operator, operand)

    def _any(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ValueError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _take(self, sign: str) -> None:
        if not self._next(sign):
            raise ValueError(f"{sign} is missing")


def _field(line: Any, path: str) -> Any:
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path):
        if name:
            line = line.get(name, _MISSING) if isinstance(line, dict) else _MISSING
        else:
            line = line[int(index)] if isinstance(line, list) and int(index) < len(line) else _MISSING
    return line


def _words(path: str, first: str, second: str) -> Callable[[Any], bool]:
    match first, second:
        case "IS", "TRUE":
            return lambda line: _field(line, path) is True
        case "IS", "FALSE":
            return lambda line: _field(line, path) is False
        case "IS", "NULL":
            return lambda line: _field(line, path) is None
        case "NOT", "EXISTS":
            return lambda line: _field(line, path) is _MISSING
        case _:
            raise ValueError(f"{first} {second} is no test: IS TRUE, IS FALSE, IS NULL and NOT EXISTS are")


def _comparison(path: str, operator: str, operand: str) -> Callable[[Any], bool]:
    text = json.loads(operand) if operand.startswith('"') else operand
    number = None if operand.startswith('"') else _number(operand)
    wild = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)

    def equals(value: Any) -> bool:
        if number is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) == number
        return isinstance(value, str) and wild.fullmatch(value) is not None

    def order(value: Any) -> float | None:
        plain = isinstance(value, int | float) and not isinstance(value, bool) and number is not None
        return float(value) - number if plain and number is not None else None

    match operator:
        case "=":
            return lambda line: equals(_field(line, path))
        case "!=":
            return lambda line: (value := _field(line, path)) is not _MISSING and not equals(value)
        case "<" | ">" | "<=" | ">=" if number is not None:
            signs = {"<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (0, 1)}[operator]
            return lambda line: (by := order(_field(line, path))) is not None and (by > 0) - (by < 0) in signs
        case _:
            raise ValueError(f"{operator} {operand} cannot be compared")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
