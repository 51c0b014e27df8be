"""What the rotations of both providers share: reading where one stands, storing, promoting, finishing.

Never speaks to a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import (
    CURRENT,
    PENDING,
    PREVIOUS,
    TOLD,
    Ended,
    Place,
    Step,
    minutes,
    new_version_id,
    place,
)
from hookwatch.recover.rotation_accept import accepted
from hookwatch.recover.rotation_usage import read_usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from hookwatch.recover.rotation import Key, Report, Version, Versions
    from hookwatch.recover.rotation_accept import Pace
    from hookwatch.recover.rotation_probe import Answered
    from hookwatch.recover.rotation_secret import Secret
    from hookwatch.recover.rotation_stack import Endpoint

TOO_EARLY = "too_early"
"""The code of what only time can mend."""
LOOK_EVERY_S = 15.0
PATIENCE_GRACES = 6
"""Whoever still signs with the previous key after so many times the grace does not stop by himself."""

_OTHERS = Problem(
    "another rotation is under way: somebody's AWSPENDING version is on the secret. Finish or undo that one first "
    "(`hookwatch secret status` shows it)",
    found=True,
)
_MOVED = Problem(
    "somebody else changed the secret's versions meanwhile: see `hookwatch secret status`, then run this again",
    found=True,
)


@dataclass(frozen=True, slots=True)
class Base:
    """A rotation of one target at one endpoint.

    Attributes:
        endpoint: the provider's part of the stack.
        secret: its secret.
        probe: sends one heartbeat signed with a key.
        pace: how long to wait.
        report: is told each step.
        tag: the beginning of the version ids of this target's rotations.
    """

    endpoint: Endpoint
    secret: Secret
    probe: Callable[[Key], Answered]
    pace: Pace
    report: Report
    tag: str

    def stands(self) -> tuple[Place, Versions, Version] | Problem:
        """Where the rotation stands, with the current version, which every secret must have."""
        versions = self.secret.read()
        if isinstance(versions, Problem):
            return versions
        current = versions.at(CURRENT)
        if current is None:
            return Problem("the secret has no current version: put a value into it first")
        where = place(versions, self.tag)
        return _OTHERS if where is Place.OTHERS else (where, versions, current)

    def unused(self, versions: Versions, grace: timedelta) -> Problem | None:
        """Whether nobody needs the previous key, which the next promotion would drop."""
        if versions.at(PREVIOUS) is None:
            return None
        now = self.pace.now()
        usage = read_usage(self.secret.account, self.endpoint.provider, now - grace, now)
        if isinstance(usage, Problem):
            return usage
        if usage.previous:
            return Problem(
                f"{usage.previous} deliveries of the last {minutes(grace)} verified with the previous key, and without "
                "it they would be refused. Give whoever sends them the current key first (another hook: --current)",
                found=True,
                code=TOO_EARLY,
            )
        return None

    def store(self, key: Key) -> Problem | None:
        """Make a pending version that holds a key."""
        self.report(Step.STORE, "storing the new key beside the current one, which stays in force")
        return self.secret.store(new_version_id(self.tag), key)

    def waiting(self) -> tuple[Place, Versions, Version, Version, Key] | Problem:
        """The rotation that is under way: place, versions, the current and the new one, and the new key."""
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, current = stands
        new = versions.pending
        if new is None:
            return _MOVED
        key = self.secret.key(new)
        return key if isinstance(key, Problem) else (where, versions, current, new, key)

    def accept(self, key: Key, *, told: bool) -> Problem | None:
        """Wait until functions accept the new key; once the provider was told, its age was waited for already."""
        self.report(Step.ACCEPT, f"sending heartbeats signed with the new key to {self.endpoint.url}")
        return accepted(self.probe, key, self.pace, self.report, age_s=0.0 if told else None)

    def mark(self, versions: Versions, new: Version) -> Problem | None:
        """Note on the version that the provider is about to be told, and make sure that it is still the one."""
        problem = self.secret.put(TOLD, new, versions)
        if problem is not None:
            return problem
        read = self.secret.read()
        if isinstance(read, Problem):
            return read
        return None if read.pending is not None and read.pending.version_id == new.version_id else _MOVED

    def promote(self, versions: Versions, new: Version) -> Problem | None:
        """Make the new version current; the old one becomes the previous one and goes on verifying."""
        self.report(Step.PROMOTE, "making the new key the current one; the old one stays valid as the previous one")
        return self.secret.put(CURRENT, new, versions) or self.cleaned(new)

    def promoted(self, said: str) -> Ended | Problem:
        """The end of a promotion, also of one that was interrupted and left labels that mean nothing any more."""
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        ended = Ended(place=Place.PROMOTED, said=said, then="--finish", complete=False)
        return self.cleaned(stands[2]) or ended

    def cleaned(self, version: Version) -> Problem | None:
        """Take off a version the labels that only a rotation under way needs."""
        read = self.secret.read()
        if isinstance(read, Problem):
            return read
        found = next((each for each in read.found if each.version_id == version.version_id), None)
        return None if found is None else self.secret.drop(PENDING, found) or self.secret.drop(TOLD, found)

    def finish(self, grace: timedelta) -> Ended | Problem:
        """End the previous key, if nobody has used it for a while."""
        self.report(Step.FINISH, f"looking whether anybody used the previous key in the last {minutes(grace)}")
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, _ = stands
        previous = versions.at(PREVIOUS)
        if versions.pending is not None:
            return Problem("the rotation is not promoted yet: run it to its end first, or undo it", found=True)
        if previous is None:
            return Ended(place=Place.NONE, said="nothing to finish: there is no previous key")
        quiet = self.pace.now() - versions.changed
        if quiet < grace:
            return Problem(
                f"the secret was changed {minutes(quiet)} ago and deliveries signed before that may still come: "
                f"run this again when {minutes(grace)} have passed",
                found=True,
                code=TOO_EARLY,
            )
        problem = self.unused(versions, grace) or self.secret.drop(PREVIOUS, previous) or self.cleaned(previous)
        if problem is not None:
            return problem
        kept = "new" if where is Place.PROMOTED else "current"
        return Ended(place=Place.NONE, said=f"finished: the previous key is void, only the {kept} one verifies")

    def finish_when_quiet(self, grace: timedelta) -> Ended | Problem:
        """Wait until nobody has used the previous key for a while, and end it."""
        end_s = self.pace.clock() + PATIENCE_GRACES * grace.total_seconds()
        while True:
            done = self.finish(grace)
            if not isinstance(done, Problem) or done.code != TOO_EARLY or self.pace.clock() > end_s:
                return done
            self.report(Step.FINISH, f"waiting until nobody has used the previous key for {minutes(grace)}")
            self.pace.sleep(LOOK_EVERY_S)
