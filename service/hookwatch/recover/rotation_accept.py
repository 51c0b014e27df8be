"""Waits until functions accept a new key, and proves it. Never counts on time alone, and never floods the URL.

A function caches its keys for minutes, but a signature that fits none makes it read them again, at most every
FRESH_READ_INTERVAL_S. So a copy that is probed learns of the new key from the probe, and any other copy from the first
delivery that needs it, unless it read just before the key was stored. That is why the probes have to succeed *and*
the key has to be that old: then there is no copy left that would refuse it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.ingest.secrets import FRESH_READ_INTERVAL_S, REFRESH_INTERVAL_S
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.rotation import Key, Report
    from hookwatch.recover.rotation_probe import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a rotation waits for others.

    Attributes:
        accept_age_s: how old a stored key must be before the provider may sign with it.
        accept_limit_s: after this, functions that still refuse it are a problem.
        probes: how many heartbeats in a row must be accepted.
        poll_s: between two looks.
        proof_limit_s: how long a delivery signed with the new key may take to show up at the provider.
        pings: how often one is asked for.
        clock: seconds that only go forward.
        sleep: waits so many seconds.
        now: the time of day, UTC.
    """

    accept_age_s: float = FRESH_READ_INTERVAL_S
    accept_limit_s: float = REFRESH_INTERVAL_S + FRESH_READ_INTERVAL_S
    probes: int = 3
    poll_s: float = 2.0
    proof_limit_s: float = 60.0
    pings: int = 3
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def accepted(
    probe: Callable[[Key], Answered], key: Key, pace: Pace, report: Report, *, age_s: float | None = None
) -> Problem | None:
    """Wait until functions accept a key; None when they do.

    Args:
        probe: sends one heartbeat signed with a key.
        key: the key.
        pace: how long to wait.
        report: is told what it waits for.
        age_s: how long it has to have been there since this was called; the pace's if None.
    """
    age_s = pace.accept_age_s if age_s is None else age_s
    began_s = pace.clock()
    in_a_row = 0
    while True:
        answer = probe(key)
        in_a_row = in_a_row + 1 if answer.accepted else 0
        waited_s = pace.clock() - began_s
        if in_a_row >= pace.probes and waited_s >= age_s:
            return None
        if waited_s > max(pace.accept_limit_s, age_s):
            said = f"answered {answer.status}" if answer.status else f"not answered ({answer.why})"
            return Problem(
                f"functions do not accept the new key after {waited_s:.0f} s: a heartbeat signed with it is {said}. "
                "Nothing was changed at the provider. See the function's log, then run this again, or --undo",
                found=True,
            )
        report(Step.ACCEPT, _waiting(answer, in_a_row, pace.probes, age_s - waited_s))
        # Once it is accepted only its age is waited for; the probe at the end of it is the one that counts.
        pace.sleep(pace.poll_s)


def _waiting(answer: Answered, in_a_row: int, wanted: int, left_s: float) -> str:
    if not answer.accepted:
        return f"a heartbeat signed with the new key was answered {answer.status or answer.why}; waiting"
    if in_a_row < wanted or left_s <= 0:
        return f"{in_a_row} of {wanted} heartbeats in a row were accepted"
    return f"accepted; {left_s:.0f} s more, for copies that read their keys just before it was stored"
