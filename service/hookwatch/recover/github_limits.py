"""GitHub's rate limits: when the next request may go, and how long to wait after a refusal. Never sends anything.

From "Rate limits for the REST API" (GitHub documentation, read 2026-11-22): 900 points a minute and endpoint, where a
GET is one point and a POST five; over a limit the answer is 403 or 429. Then: with `retry-after` wait so long; else
with `x-ratelimit-remaining: 0` until `x-ratelimit-reset`; else a minute at least, and longer each time. Whoever goes on
asking while limited may be banned. Whether redelivering counts as creating content (80 a minute, 500 an hour) is not
documented, so POSTs are a second apart.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

POINTS_A_MINUTE = 900
MINUTE_S = 60.0
GET_POINTS, CHANGE_POINTS = 1, 5
CHANGE_EVERY_S = 1.0
FIRST_BACKOFF_S = 60.0
# A reset is told in whole seconds.
RESET_MARGIN_S = 1.0
PATIENCE_S = 900.0
"""Nobody watches a progress bar that stands still for longer; the same command goes on later."""

LIMITED = "rate_limited"

_FORBIDDEN, _TOO_MANY = 403, 429


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast requests go.

    Attributes:
        patience_s: the longest single wait; a longer one is a `Problem` that says when to come back.
        change_every_s: the least time between two requests that change something.
        points_a_minute: points that may be spent in any minute.
    """

    patience_s: float = PATIENCE_S
    change_every_s: float = CHANGE_EVERY_S
    points_a_minute: int = POINTS_A_MINUTE


class Limits:
    """What keeps one client within the limits."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        pace: Pace = Pace(),
        waiting: Callable[[float, str], None] = lambda _s, _why: None,
    ) -> None:
        """Make it.

        Args:
            clock: seconds that only go forward.
            sleep: waits so many seconds.
            pace: how fast, and how long to wait.
            waiting: told of every wait that a person would notice: how long, and why.
        """
        self._clock = clock
        self._sleep = sleep
        self._pace = pace
        self._waiting = waiting
        self._spent: deque[tuple[float, int]] = deque()
        self._not_before_s = self._next_change_s = 0.0
        self._backoff_s = FIRST_BACKOFF_S
        self.waited_s = 0.0

    def before(self, method: str) -> Problem | None:
        """Wait until a request of this method may go; a `Problem` if that is too far away."""
        now_s = self._clock()
        if self._not_before_s > now_s:
            problem = self._wait(self._not_before_s - now_s, "GitHub's rate limit is used up")
            if problem is not None:
                return problem
        points = GET_POINTS if method == "GET" else CHANGE_POINTS
        pause_s = self._points_free_in_s(points)
        if method != "GET":
            pause_s = max(pause_s, self._next_change_s - self._clock())
        if pause_s > 0:
            self._sleep(pause_s)
        now_s = self._clock()
        self._spent.append((now_s, points))
        if method != "GET":
            self._next_change_s = now_s + self._pace.change_every_s
        return None

    def refused(self, status: int, headers: Mapping[str, str], message: str) -> float | None:
        """How long to wait because of this answer, in seconds; None if it is no refusal by a limit.

        Args:
            status: the answer's status.
            headers: its headers, names in lower case.
            message: what it says.
        """
        reset_s = _until_reset_s(headers)
        if status not in (_FORBIDDEN, _TOO_MANY):
            self._backoff_s = FIRST_BACKOFF_S
            if reset_s is not None:
                # The last request of the hour: the next one would only be refused.
                self._not_before_s = self._clock() + reset_s
            return None
        after = headers.get("retry-after", "")
        if after.isascii() and after.isdigit():
            return float(after)
        if reset_s is not None:
            return reset_s
        if status == _TOO_MANY or "rate limit" in message.lower() or "abuse" in message.lower():
            wait_s, self._backoff_s = self._backoff_s, self._backoff_s * 2
            return wait_s
        return None

    def wait(self, wait_s: float) -> Problem | None:
        """Wait after a refusal; a `Problem` if that is longer than anybody would."""
        self._not_before_s = self._clock() + wait_s
        return self._wait(wait_s, "GitHub limits our requests")

    def _wait(self, wait_s: float, why: str) -> Problem | None:
        if wait_s > self._pace.patience_s:
            minutes = -(-int(wait_s) // 60)
            return Problem(
                f"{why} for another {minutes} minutes, longer than is waited here ({self._pace.patience_s / 60:g} "
                "minutes): run the same command then, it goes on where this one stopped",
                found=True,
                code=LIMITED,
            )
        self._waiting(wait_s, why)
        self.waited_s += wait_s
        self._sleep(wait_s)
        return None

    def _points_free_in_s(self, points: int) -> float:
        now_s = self._clock()
        while self._spent and self._spent[0][0] <= now_s - MINUTE_S:
            self._spent.popleft()
        over = sum(spent for _, spent in self._spent) + points - self._pace.points_a_minute
        if over <= 0:
            return 0.0
        for at_s, spent in self._spent:
            over -= spent
            if over <= 0:
                return at_s + MINUTE_S - now_s
        return MINUTE_S


def server_time_s(headers: Mapping[str, str]) -> float | None:
    """GitHub's own clock, seconds since the epoch, as an answer's `Date` tells it."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _until_reset_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limit is there again; None where it is not used up. Measured against GitHub's own clock."""
    if headers.get("x-ratelimit-remaining") != "0":
        return None
    reset = headers.get("x-ratelimit-reset", "")
    if not (reset.isascii() and reset.isdigit()):
        return None
    now_s = server_time_s(headers)
    if now_s is None:
        now_s = datetime.now(UTC).timestamp()
    return max(0.0, float(reset) - now_s) + RESET_MARGIN_S
