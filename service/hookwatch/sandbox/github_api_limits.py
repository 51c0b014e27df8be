"""The fake GitHub's rate limits: the documented ones, and any that a rehearsal wants. Never waits.

Numbers from "Rate limits for the REST API" (GitHub documentation, read 2026-11-22).
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR_S, MINUTE_S = 3600.0, 60.0
REQUESTS_AN_HOUR = 5000
POINTS_A_MINUTE = 900
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to "
    "GitHub Support for help, please include the request ID."
)


@dataclass(frozen=True, slots=True)
class Limited:
    """A refusal.

    Attributes:
        status: 403 or 429.
        message: what it says.
        headers: what it adds to the headers of every answer.
    """

    status: int
    message: str
    headers: dict[str, str]


@dataclass(slots=True)
class _Hour:
    ends_s: float
    used: int = 0


@dataclass(slots=True)
class _Injected:
    after: int
    times: int
    retry_after_s: int | None
    status: int


@dataclass(slots=True)
class FakeLimits:
    """What callers have used up.

    Attributes:
        clock: seconds since the epoch.
        requests_an_hour: the primary limit.
        points_a_minute: the secondary limit; a GET is one point, everything else five.
        hour_s: how long an hour is: shorter for rehearsals.
        minute_s: how long a minute is.
    """

    clock: Callable[[], float]
    requests_an_hour: int = REQUESTS_AN_HOUR
    points_a_minute: int = POINTS_A_MINUTE
    hour_s: float = HOUR_S
    minute_s: float = MINUTE_S
    refused: int = 0
    _hours: dict[str, _Hour] = field(default_factory=dict)
    _spent: defaultdict[str, deque[tuple[float, int]]] = field(default_factory=lambda: defaultdict(deque))
    _injected: list[_Injected] = field(default_factory=list)

    def exhaust(self, caller: str, for_s: float) -> None:
        """Let a caller's hour be used up; it ends in so many seconds."""
        self._hours[caller] = _Hour(self.clock() + for_s, self.requests_an_hour)

    def inject(self, *, after: int = 0, times: int = 1, retry_after_s: int | None = 1, status: int = 403) -> None:
        """Refuse some requests that change something by the secondary limit, after so many that pass."""
        self._injected.append(_Injected(after, times, retry_after_s, status))

    def judge(self, caller: str, method: str) -> Limited | None:
        """Count a request; say so if it is one too many."""
        limited = self._primary(caller) or self._secondary(caller, method)
        self.refused += limited is not None
        return limited

    def headers(self, caller: str) -> dict[str, str]:
        """What every answer tells of the primary limit."""
        hour = self._hour(caller)
        return {
            "x-ratelimit-limit": str(self.requests_an_hour),
            "x-ratelimit-remaining": str(max(0, self.requests_an_hour - hour.used)),
            "x-ratelimit-used": str(hour.used),
            "x-ratelimit-reset": str(int(hour.ends_s + 0.999)),
            "x-ratelimit-resource": "core",
        }

    def _hour(self, caller: str) -> _Hour:
        hour = self._hours.get(caller)
        if hour is None or hour.ends_s <= self.clock():
            hour = self._hours[caller] = _Hour(self.clock() + self.hour_s)
        return hour

    def _primary(self, caller: str) -> Limited | None:
        hour = self._hour(caller)
        if hour.used >= self.requests_an_hour:
            return Limited(403, f"API rate limit exceeded for {caller}.", {})
        hour.used += 1
        return None

    def _secondary(self, caller: str, method: str) -> Limited | None:
        spent, now_s = self._spent[caller], self.clock()
        while spent and spent[0][0] <= now_s - self.minute_s:
            spent.popleft()
        points = 1 if method == "GET" else 5
        if sum(each for _, each in spent) + points > self.points_a_minute:
            return Limited(403, SECONDARY, {"retry-after": str(int(spent[0][0] + self.minute_s - now_s) + 1)})
        if method != "GET":
            for wanted in self._injected:
                if wanted.after > 0:
                    wanted.after -= 1
                elif wanted.times > 0:
                    wanted.times -= 1
                    after = {} if wanted.retry_after_s is None else {"retry-after": str(wanted.retry_after_s)}
                    return Limited(wanted.status, SECONDARY, after)
        spent.append((now_s, points))
        return None
