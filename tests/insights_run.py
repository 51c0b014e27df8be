"""Runs a Logs Insights query over lines, as far as our own queries go.

Never tolerant: a command, function or sign that is not known here is a fault, so that a query cannot pass by being
misread. `insights_query` says which fields a query reads; this says what comes out.
"""

from __future__ import annotations

import json
import math
import operator
import re
from typing import TYPE_CHECKING, Any

from insights_query import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Row = dict[str, Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)(?P<unit>[smhd]\b)?"
    r"|(?P<name>@?[A-Za-z_][\w.]*)|(?P<sign>!=|>=|<=|[=<>+\-*/(),\[\]|]))"
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_BINARY: tuple[Mapping[str, Callable[[Any, Any], Any]], ...] = (
    {"=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
)
_AGGREGATES = frozenset(
    {"count", "count_distinct", "sum", "avg", "min", "max", "pct", "earliest", "latest"},
)


def flattened(line: Mapping[str, Any], group: str, at_ms: int) -> Row:
    """Return a line's fields as Insights finds them: nested names with dots, and CloudWatch's own."""
    row: Row = {"@timestamp": at_ms, "@log": group, "@message": json.dumps(line)}
    waiting = list(line.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}", inner) for key, inner in value.items()]
        elif value is not None:
            row[name] = value
    return row


def run(query: str, rows: Iterable[Row], now_s: float) -> list[Row]:
    """Return what a query gives.

    Raises:
        QueryError: it is written in a way that is not read here.
    """
    groups = set(re.findall(r"SOURCE '([^']+)'", query))
    found = [row for row in rows if not groups or row["@log"] in groups]
    for step in _split(query):
        command, _, rest = step.strip().partition(" ")
        reader = _Reader(rest, now_s)
        match command:
            case "SOURCE":
                continue
            case "filter":
                condition = reader.expression()
                found = [row for row in found if condition(row)]
            case "fields" | "display":
                named = reader.named()
                found = [{**row, **{name: value(row) for name, value in named.items()}} for row in found]
            case "stats":
                found = reader.stats(found)
            case "sort":
                found = reader.sort(found)
            case "limit":
                found = found[: int(rest)]
            case _:
                raise QueryError(f"no command {command}")
        if command in ("filter", "fields", "display"):
            reader.end()
    return found


def _split(query: str) -> list[str]:
    return re.split(r"\|(?=(?:[^']*'[^']*')*[^']*$)", query.replace("\n", " "))


class _Reader:
    """Reads one command's words; expressions become functions of a row, a missing field is None."""

    def __init__(self, text: str, now_s: float) -> None:
        self._now_s = now_s
        self._tokens: list[tuple[str, str]] = []
        end = 0
        text = text.rstrip()
        while end < len(text):
            token = _TOKEN.match(text, end)
            if token is None:
                raise QueryError(f"cannot read {text[end:]!r}")
            kind = str(token.lastgroup)
            word = token["number"] + token["unit"] if kind == "unit" else token[kind]
            self._tokens.append((kind, word))
            end = token.end()

    def end(self) -> None:
        if self._tokens:
            raise QueryError(f"cannot read on at {self._tokens[0][1]}")

    def named(self) -> dict[str, Callable[[Row], Any]]:
        """Read `a, f(b) as c`."""
        found: dict[str, Callable[[Row], Any]] = {}
        while True:
            start = self._peek()
            value = self.expression()
            name = self._next()[1] if self._take("as") else start
            found[name] = value
            if not self._take(","):
                return found

    def stats(self, rows: list[Row]) -> list[Row]:
        """Read `count(*) as n, ... by a, b` and apply it."""
        aggregates: dict[str, Callable[[list[Row]], Any]] = {}
        while True:
            aggregate = self._aggregate()
            if not self._take("as"):
                raise QueryError("an aggregate of ours has a name")
            aggregates[self._next()[1]] = aggregate
            if not self._take(","):
                break
        keys = self.named() if self._take("by") else {}
        self.end()
        grouped: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            grouped.setdefault(tuple(key(row) for key in keys.values()), []).append(row)
        return [
            {**dict(zip(keys, group, strict=True)), **{name: of(members) for name, of in aggregates.items()}}
            for group, members in grouped.items()
        ]

    def sort(self, rows: list[Row]) -> list[Row]:
        """Read `a desc` and apply it; what has no value comes last."""
        value = self.expression()
        descending = self._take("desc")
        if not descending and not self._take("asc"):
            raise QueryError("a sort of ours says which way")
        self.end()
        there = [row for row in rows if value(row) is not None]
        return [*sorted(there, key=value, reverse=descending), *(row for row in rows if value(row) is None)]

    def expression(self) -> Callable[[Row], Any]:
        """Read one expression."""
        left = self._all()
        while self._take("or"):
            left = _either(left, self._all())
        return left

    def _all(self) -> Callable[[Row], Any]:
        left = self._not()
        while self._take("and"):
            left = _both(left, self._not())
        return left

    def _not(self) -> Callable[[Row], Any]:
        if self._take("not"):
            inner = self._not()
            return lambda row: not inner(row)
        return self._compared()

    def _compared(self) -> Callable[[Row], Any]:
        left = self._binary(0)
        negated = self._take("not")
        if self._take("in"):
            self._must("[")
            wanted = [self._primary()]
            while self._take(","):
                wanted.append(self._primary())
            self._must("]")
            return lambda row: left(row) is not None and (left(row) in [each(row) for each in wanted]) is not negated
        if negated:
            raise QueryError("not what?")
        return left

    def _binary(self, level: int) -> Callable[[Row], Any]:
        if level == len(_BINARY):
            return self._primary()
        left = self._binary(level + 1)
        while self._peek() in _BINARY[level]:
            left = _applied(_BINARY[level][self._next()[1]], left, self._binary(level + 1))
        return left

    def _primary(self) -> Callable[[Row], Any]:
        kind, word = self._next()
        if kind == "text":
            return lambda _: word[1:-1]
        if kind == "number":
            return lambda _: float(word)
        if word == "(":
            inner = self.expression()
            self._must(")")
            return inner
        if kind != "name":
            raise QueryError(f"{word} is no value")
        return self._call(word) if self._peek() == "(" else lambda row: row.get(word)

    def _call(self, name: str) -> Callable[[Row], Any]:
        self._must("(")
        if name == "bin":
            width_s = self._width_s()
            self._must(")")
            return lambda row: row["@timestamp"] // (width_s * 1000) * width_s * 1000
        arguments: list[Callable[[Row], Any]] = []
        while not self._take(")"):
            arguments.append(self.expression())
            self._take(",")
        match name, arguments:
            case "ispresent", [value]:
                return lambda row: value(row) is not None
            case "strcontains", [value, part]:
                return lambda row: int(str(part(row)) in str(value(row) or ""))
            case "floor", [value]:
                return lambda row: None if value(row) is None else math.floor(value(row))
            case (("toMillis" | "fromMillis"), [value]):
                return value
            case "now", []:
                return lambda _: self._now_s
            case _:
                raise QueryError(f"no function {name} of {len(arguments)}")

    def _aggregate(self) -> Callable[[list[Row]], Any]:
        return self._total(0)

    def _total(self, level: int) -> Callable[[list[Row]], Any]:
        """Read arithmetic over aggregates."""
        signs = _BINARY[1:]
        if level == len(signs):
            return self._single()
        left = self._total(level + 1)
        while self._peek() in signs[level]:
            left = _applied(signs[level][self._next()[1]], left, self._total(level + 1))
        return left

    def _single(self) -> Callable[[list[Row]], Any]:
        kind, name = self._next()
        if kind == "number":
            return lambda _: float(name)
        if name not in _AGGREGATES:
            raise QueryError(f"no aggregate {name}")
        self._must("(")
        if self._take("*"):
            self._must(")")
            return len
        value = self.expression()
        share = float(self._next()[1]) if self._take(",") else 0.0
        self._must(")")

        def of(rows: list[Row]) -> Any:
            ordered = sorted(rows, key=lambda row: row.get("@timestamp", 0))
            return _aggregated(name, [value(row) for row in ordered if value(row) is not None], share)

        return of

    def _width_s(self) -> int:
        kind, word = self._next()
        if kind != "unit":
            raise QueryError(f"bin({word}) has no unit")
        return int(word[:-1]) * _SECONDS[word[-1]]

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise QueryError("it ends too early")
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self._peek() == word:
            self._tokens.pop(0)
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._take(word):
            raise QueryError(f"{word} expected before {self._peek()}")


def _aggregated(name: str, values: list[Any], share: float) -> Any:
    match name:
        case "count":
            return len(values)
        case "count_distinct":
            return len(set(values))
        case _ if not values:
            return None
        case "sum":
            return sum(values)
        case "avg":
            return sum(values) / len(values)
        case "min" | "max":
            return min(values) if name == "min" else max(values)
        case "earliest" | "latest":
            return values[0] if name == "earliest" else values[-1]
        case _:
            return sorted(values)[min(len(values) - 1, int(len(values) * share / 100))]


def _applied(
    sign: Callable[[Any, Any], Any], left: Callable[..., Any], right: Callable[..., Any]
) -> Callable[..., Any]:
    def of(row: Any) -> Any:
        one, other = left(row), right(row)
        if one is None or other is None:
            return sign is operator.ne and one is not other
        return sign(one, other)

    return of


def _both(left: Callable[[Row], Any], right: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return lambda row: left(row) and right(row)


def _either(left: Callable[[Row], Any], right: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return lambda row: left(row) or right(row)
