"""Which of a series' times lie in a span, and to which period each belongs.

Never sees a value: whoever keeps samples, the tests' or the sandbox's, finds them by time in the same way.
"""

from bisect import bisect_left
from collections.abc import Sequence


def within(times: Sequence[int], start_s: int, end_s: int) -> slice:
    """Return where the times of `[start_s, end_s)` stand; `times` are in order."""
    return slice(bisect_left(times, start_s), bisect_left(times, end_s))


def period_start(at_s: int, start_s: int, period_s: int) -> int:
    """Return the start of the period that a time belongs to; periods are counted from `start_s`."""
    return at_s - (at_s - start_s) % period_s
