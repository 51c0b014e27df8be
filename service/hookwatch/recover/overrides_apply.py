"""Carries out changes of webhook URLs, one resource at a time. Never overwrites what somebody else changed meanwhile.

Twilio has no revisions: each resource is read again right before it is written, and what differs from the plan is left
alone. What changes between that reading and the writing, some tens of milliseconds, cannot be noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.webhook_urls import fetch, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.recover.overrides_plan import Change
    from hookwatch.recover.twilio_client import TwilioAccount

State = Literal["done", "already", "foreign", "failed", "left"]

# After these nothing else would go better: no credentials, no permission, no connection, too much at once.
_ENDS = frozenset({"401", "403", "429", "unreachable"})


@dataclass(frozen=True, slots=True)
class Ended:
    """How one change ended.

    Attributes:
        change: which.
        state: done; already so; foreign: somebody else changed it; failed; left: not reached.
        message: why, empty where all is well.
    """

    change: Change
    state: State
    message: str = ""


def apply(account: TwilioAccount, changes: Sequence[Change]) -> Iterator[tuple[Ended, ...]]:
    """Carry out changes; yields how those of each resource ended, as soon as they have.

    Changes of one resource are made in one call, so that it has all of them or none.
    """
    ordered = sorted(changes, key=lambda each: (each.kind, each.sid))
    stopped = False
    for _, group in groupby(ordered, key=lambda each: (each.kind, each.sid)):
        together = tuple(group)
        if stopped:
            yield tuple(Ended(each, "left") for each in together)
            continue
        ended = _resource(account, together)
        stopped = isinstance(ended, Problem)
        if isinstance(ended, Problem):
            yield tuple(Ended(each, "failed", ended.message) for each in together)
        else:
            yield ended


def _resource(account: TwilioAccount, changes: tuple[Change, ...]) -> tuple[Ended, ...] | Problem:
    """The changes of one resource; a problem that ends everything."""
    kind, sid = changes[0].kind, changes[0].sid
    now = fetch(account, kind, sid)
    if isinstance(now, Problem):
        if now.code in _ENDS:
            return now
        gone = "it is gone, or of another account" if now.code == "404" else now.message
        return tuple(Ended(each, "foreign" if now.code == "404" else "failed", gone) for each in changes)
    wanted = {each.which: each.after for each in changes if each.is_one and now[each.which] == each.before}
    held = write(account, kind, sid, wanted) if wanted else now
    if isinstance(held, Problem):
        if held.code == "unreachable":
            return Problem(f"{held.message}. Whether it was done is not known: run this again", code=held.code)
        return held if held.code in _ENDS else tuple(_failed(each, wanted, held.message) for each in changes)
    return tuple(_ended(each, now[each.which], held[each.which]) for each in changes)


def _failed(change: Change, wanted: dict[str, str], message: str) -> Ended:
    return Ended(change, "failed", message) if change.which in wanted else Ended(change, "already")


def _ended(change: Change, was: str, held: str) -> Ended:
    if was == change.after:
        return Ended(change, "already")
    if was != change.before:
        return Ended(change, "foreign", f"it is now {was or 'empty'}: somebody else changed it, so it is left alone")
    if held != change.after:
        return Ended(change, "failed", f"Twilio keeps {held or 'nothing'} instead")
    return Ended(change, "done")
