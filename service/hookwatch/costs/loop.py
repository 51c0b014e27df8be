"""What a loop costs in a day, how much of it the concurrency cap lets through, and which alarm sees it.

Never says that a loop stops: nothing here stops one below its limit. Throttled requests are free.
"""

import math
from dataclasses import dataclass, replace

from hookwatch.costs.bill import running, total
from hookwatch.costs.deployment import Deployment, Guard
from hookwatch.costs.lines import Line
from hookwatch.costs.spend import spend
from hookwatch.costs.traffic import Traffic, answered_limit_per_s, usage

LOOP_PER_S = 50.0
"""The loop that the bill's what-if follows for a day."""
DAY_S = 86_400
ACCOUNT_CONCURRENCY = 1_000
"""Copies that an account may run at once in a Region without a raised quota; new accounts may begin with 10
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, facts read 2026-11)."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one alarm makes of a loop.

    Attributes:
        guard: the alarm.
        value: what it sees, in the unit of its limit.
        spent_usd: what the loop has cost when it fires at the soonest; None when it never does.
    """

    guard: Guard
    value: float
    spent_usd: float | None


@dataclass(frozen=True, slots=True)
class LoopCase:
    """One loop under one limit.

    Attributes:
        capped: whether the reserved concurrency holds it, or only the account's quota.
        copies: how many copies of the function may run at once.
        offered_per_s: requests a second; None for as many as are answered.
        limit_per_s: how many of them can be answered.
        answered_per_s: how many are.
        day: what a day of it costs, line by line.
        sightings: the alarms that watch for it.
    """

    capped: bool
    copies: int
    offered_per_s: float | None
    limit_per_s: float
    answered_per_s: float
    day: tuple[Line, ...]
    sightings: tuple[Sighting, ...]

    @property
    def refused_per_s(self) -> float:
        """Requests a second that end in 429."""
        return 0.0 if self.offered_per_s is None else self.offered_per_s - self.answered_per_s

    @property
    def day_usd(self) -> float:
        """A day of it."""
        return total(self.day)

    @property
    def hour_usd(self) -> float:
        """An hour of it."""
        return self.day_usd / 24


def loop_cases(traffic: Traffic, deployment: Deployment, loop_per_s: float = LOOP_PER_S) -> tuple[LoopCase, ...]:
    """Return the loop and the fastest loop, each with and without the reserved concurrency.

    Payload, duration and tracing are those of `traffic`; its rate is not used.
    """
    return tuple(
        _case(traffic, deployment, offered, capped=capped)
        for offered in (loop_per_s, None)
        for capped in ((True, False) if deployment.reserved_concurrency else (False,))
    )


def _case(traffic: Traffic, deployment: Deployment, offered: float | None, *, capped: bool) -> LoopCase:
    copies = deployment.reserved_concurrency if capped else ACCOUNT_CONCURRENCY
    limit = answered_limit_per_s(copies, traffic.duration_ms)
    answered = limit if offered is None else min(offered, limit)
    looping = replace(traffic, rate_per_s=answered)
    day = running(looping, answered * DAY_S, deployment)
    return LoopCase(
        capped=capped,
        copies=copies,
        offered_per_s=offered,
        limit_per_s=limit,
        answered_per_s=answered,
        day=day,
        sightings=tuple(_sighting(guard, looping, deployment, total(day) / DAY_S) for guard in deployment.guards),
    )


def _sighting(guard: Guard, looping: Traffic, deployment: Deployment, usd_per_s: float) -> Sighting:
    if guard.watches == "invocations":
        value = usage(looping, looping.rate_per_s * guard.period_s, deployment).invocations
    else:
        hour = usage(looping, looping.rate_per_s * 3600, deployment, deployment.alarm_traced_share)
        value = math.fsum(each.usd for each in spend(hour))
    return Sighting(guard, value, usd_per_s * guard.soonest_s if value > guard.limit else None)
