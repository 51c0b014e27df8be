"""The operators of metric math on numbers, series and arrays.

Never checks types: `kinds.check` did. What cannot be computed (a division by zero)
is no datapoint, and NaN as a number.
"""

import math
import operator
from collections.abc import Callable

from hookwatch.alarms.math.functions import Value
from hookwatch.alarms.math.series import Series, combine

_Operator = Callable[[float, float], float]

_OPERATORS: dict[str, _Operator] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "AND": lambda a, b: float(bool(a) and bool(b)),
    "OR": lambda a, b: float(bool(a) or bool(b)),
}


def scalar(value: Value) -> float:
    """Return a number as it is, and NaN for what is none."""
    return value if isinstance(value, float) else math.nan


def apply_operator(symbol: str, left: Value, right: Value) -> Value:
    """Join two values; an array is joined member by member, two series at every time that either has."""
    function = _OPERATORS[symbol]
    match left, right:
        case tuple(), _:
            return tuple(
                item for item in (apply_operator(symbol, part, right) for part in left) if isinstance(item, Series)
            )
        case _, tuple():
            return tuple(
                item for item in (apply_operator(symbol, left, part) for part in right) if isinstance(item, Series)
            )
        case Series(), Series():
            return combine(left, right, function)
        case Series(), float():
            return left.map(lambda value: function(value, right))
        case float(), Series():
            return right.map(lambda value: function(left, value))
        case _:
            return _numbers(function, scalar(left), scalar(right))


def _numbers(function: _Operator, left: float, right: float) -> float:
    try:
        result = function(left, right)
    except ArithmeticError:
        return math.nan
    return result if type(result) is float else math.nan  # a fractional power of a negative is complex
