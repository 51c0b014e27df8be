"""Checks that an expression's parts fit together, before any data is there.

Never evaluates. CloudWatch refuses an alarm whose expression ends in a number or in several series; this says so,
with the column, before a deploy does.
"""

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
    spine,
)
from hookwatch.alarms.math.queries import ExpressionQuery, MetricQuery, Query
from hookwatch.alarms.math.signatures import FILLERS, SIGNATURES, SORT_KEYS, SORT_ORDERS, Kind

_RANK = {Kind.SCALAR: 0, Kind.SERIES: 1, Kind.ARRAY: 2}


def check(query: ExpressionQuery, queries: dict[str, Query]) -> Kind | MathFault:
    """Return what an expression gives, or where its parts do not fit."""
    try:
        return _Checker(queries).query(query)
    except MathFaultError as error:
        return error.fault


class _Checker:
    def __init__(self, queries: dict[str, Query]) -> None:
        self._queries = queries
        self._open: list[str] = []

    def query(self, query: ExpressionQuery) -> Kind:
        self._open.append(query.id)
        kind = self._kind(query.node)
        self._open.pop()
        return kind

    def _kind(self, node: Node) -> Kind:
        match node:
            case Number():
                return Kind.SCALAR
            case Text():
                return Kind.TEXT
            case Keyword():
                return Kind.KEYWORD
            case Name():
                return self._name(node)
            case Negation():
                return self._value(node.operand, node.column)
            case Operation():
                return self._operation(node)
            case Bracket():
                return self._bracket(node)
            case Call():
                return self._call(node)

    def _name(self, node: Name) -> Kind:
        query = self._queries.get(node.id)
        if query is None:
            known = ", ".join(self._queries)
            raise MathFaultError(f"there is no metric or expression {node.id} (there are {known})", node.column)
        if isinstance(query, MetricQuery):
            return Kind.SERIES
        if node.id in self._open:
            raise MathFaultError(f"{node.id} depends on itself", node.column)
        try:
            return self.query(query)
        except MathFaultError as error:
            fault = f"in {node.id}, {error.fault}"
            raise MathFaultError(fault, node.column, simulated=error.fault.simulated) from None

    def _value(self, node: Node, column: int) -> Kind:
        kind = self._kind(node)
        if kind not in _RANK:
            raise MathFaultError(f"{kind.value} cannot be computed with", column)
        return kind

    def _operation(self, node: Operation) -> Kind:
        first, operations = spine(node)
        left = self._value(first, operations[0].column)
        for operation in operations:
            right = self._value(operation.right, operation.column)
            if left is Kind.ARRAY and right is Kind.ARRAY:
                raise MathFaultError(f"{operation.symbol} cannot join two arrays of series", operation.column)
            left = left if _RANK[left] >= _RANK[right] else right
        return left

    def _bracket(self, node: Bracket) -> Kind:
        if not node.items:
            raise MathFaultError("an array needs at least one series", node.column)
        for item in node.items:
            kind = self._kind(item)
            if kind not in (Kind.SERIES, Kind.ARRAY):
                raise MathFaultError(f"an array holds series, not {kind.value}", item.column)
        return Kind.ARRAY

    def _call(self, node: Call) -> Kind:
        signature = SIGNATURES[node.function]
        most = len(signature.takes)
        if not signature.required <= len(node.arguments) <= most:
            wanted = str(most) if signature.required == most else f"{signature.required} to {most}"
            hint = f"; write {node.function}([m1, m2]) for several series" if most == 1 and node.arguments else ""
            message = f"{node.function} takes {wanted} argument(s), not {len(node.arguments)}{hint}"
            raise MathFaultError(message, node.column)
        kinds = [self._kind(argument) for argument in node.arguments]
        for position, (kind, allowed) in enumerate(zip(kinds, signature.takes, strict=False)):
            if kind not in allowed:
                wanted = " or ".join(sorted(item.value for item in allowed))
                message = f"{node.function} takes {wanted} as argument {position + 1}, not {kind.value}"
                raise MathFaultError(message, node.arguments[position].column)
        self._words(node)
        if node.function == "IF" and Kind.SERIES not in kinds:
            return Kind.SCALAR
        return signature.gives[kinds[0] if kinds else None]

    def _words(self, node: Call) -> None:
        allowed: dict[int, frozenset[str]] = {}
        match node.function:
            case "FILL":
                allowed = {1: FILLERS}
            case "SORT":
                allowed = {1: SORT_KEYS, 2: SORT_ORDERS}
            case "PERIOD":
                argument = node.arguments[0]
                if not isinstance(argument, Name) or not isinstance(self._queries.get(argument.id), MetricQuery):
                    raise MathFaultError("PERIOD takes a metric, not the result of an expression", argument.column)
            case _:
                return
        for position, words in allowed.items():
            argument = node.arguments[position]
            if isinstance(argument, Keyword) and argument.word not in words:
                raise MathFaultError(f"{argument.word} is none of {', '.join(sorted(words))}", argument.column)
