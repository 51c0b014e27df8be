"""The syntax tree of a metric-math expression, and the fault that points into its text.

Never evaluates.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MathFault:
    """Why an expression cannot be used.

    Attributes:
        message: A sentence without a full stop.
        column: 1-based character in the expression where it shows.
        simulated: False when CloudWatch would take the expression and only we cannot compute it.
    """

    message: str
    column: int
    simulated: bool = True

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


class MathFaultError(Exception):
    """Carries a `MathFault` up through the recursion; never leaves this package."""

    def __init__(self, message: str, column: int, *, simulated: bool = True) -> None:
        super().__init__(message)
        self.fault = MathFault(message, column, simulated)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    value: float
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text; only METRICS and INSIGHT_RULE_METRIC take one."""

    value: str
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a metric or of another expression."""

    id: str
    column: int


@dataclass(frozen=True, slots=True)
class Keyword:
    """A bare upper-case word as an argument: REPEAT, LINEAR, ASC, DESC, AVG, ..."""

    word: str
    column: int


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A binary operation; `symbol` is one of + - * / ^ == != < <= > >= AND OR."""

    symbol: str
    left: "Node"
    right: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """An array of series, `[m1, m2]`."""

    items: tuple["Node", ...]
    column: int


Node = Number | Text | Name | Keyword | Negation | Operation | Call | Bracket


def spine(node: Operation) -> tuple[Node, list[Operation]]:
    """Unroll `a + b - c ...`, which nests to the left: the first operand, then the operations in reading order.

    A long sum is deep only on this side, so that walking it needs no recursion.
    """
    operations: list[Operation] = []
    first: Node = node
    while isinstance(first, Operation):
        operations.append(first)
        first = first.left
    return first, operations[::-1]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, in no promised order."""
    open_nodes = [node]
    while open_nodes:
        current = open_nodes.pop()
        yield current
        match current:
            case Negation():
                open_nodes.append(current.operand)
            case Operation():
                open_nodes += [current.left, current.right]
            case Call():
                open_nodes += current.arguments
            case Bracket():
                open_nodes += current.items
            case _:
                continue
