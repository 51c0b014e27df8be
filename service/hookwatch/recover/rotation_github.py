"""Rotates the secret of a GitHub hook without a gap. Never changes the hook before functions accept the new key.

Both keys verify from the first step to the last, so at no point can a delivery be refused, whichever of the two GitHub
signs with; and each step can be done again, so the same command goes on from wherever it was interrupted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import CURRENT, PENDING, PREVIOUS, Ended, Key, Place, Step, is_ours
from hookwatch.recover.rotation_base import Base
from hookwatch.recover.rotation_log import stage_of
from hookwatch.recover.rotation_proof import Proof

if TYPE_CHECKING:
    from hookwatch.recover.rotation import Version, Versions
    from hookwatch.recover.rotation_hook import Hook

KEY_BYTES = 32
"""As many as HMAC-SHA256 makes use of: RFC 2104 asks for no less than the hash's length."""

QUIET = timedelta(minutes=10)
"""GitHub delivers minutes late at worst; whoever signs with the previous key within this is not done with it."""


@dataclass(frozen=True, slots=True)
class GitHubRotation(Base):
    """One hook's rotation.

    Attributes:
        hook: the hook.
        alone: whether no other hook shares the secret, so that a key made for another one is of no concern.
    """

    hook: Hook
    alone: bool = False

    def check(self) -> Ended | Problem:
        """Everything that can be wrong, before anything is changed."""
        self.report(Step.CHECK, f"checking {self.hook.target}, its URL and the secret")
        problem = self.hook.check(self.endpoint.url)
        if problem is not None:
            return problem
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, current = stands
        key = self.secret.key(current)
        if isinstance(key, Problem):
            return key
        if where in (Place.NONE, Place.UNDONE):
            problem = self._shared(current) or self.unused(versions, QUIET)
        return problem or Ended(place=where, said=_SAID[where], complete=False)

    def forward(self) -> Ended | Problem:
        """Begin the rotation, or go on with it."""
        checked = self.check()
        if isinstance(checked, Problem):
            return checked
        if checked.place is Place.PROMOTED:
            return self.promoted(_SAID[Place.PROMOTED])
        if checked.place in (Place.NONE, Place.UNDONE):
            problem = self.store(Key(secrets.token_hex(KEY_BYTES)))
            if problem is not None:
                return problem
        under_way = self.waiting()
        if isinstance(under_way, Problem):
            return under_way
        where, versions, current, new, key = under_way
        old = self.secret.key(current)
        if isinstance(old, Problem):
            return old
        problem = (
            self.accept(key, told=where is Place.TOLD)
            or self.mark(versions, new)
            or self._tell(key)
            or self._proof()(key, old, (PENDING,))
            or self.promote(versions, new)
        )
        return problem or self.promoted(_SAID[Place.PROMOTED])

    def undo(self) -> Ended | Problem:
        """Go back to the key that was current before."""
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, current = stands
        pending, previous = versions.pending, versions.at(PREVIOUS)
        if where is Place.STORED and pending is not None:
            # GitHub was never told: nothing is signed with it.
            return self.secret.drop(PENDING, pending) or Ended(
                place=Place.NONE, said="undone: the new key is dropped; the hook was never given it"
            )
        if where is Place.TOLD and pending is not None:
            return self._back(versions, current, pending, (CURRENT,))
        if where is Place.PROMOTED and previous is not None:
            # Copies of a function that have not read the labels again know the old key by its former label.
            return self._back(versions, previous, current, ())
        if where is Place.UNDONE and previous is not None:
            # Interrupted after the last label that counts.
            return self.cleaned(previous) or _undone()
        return Ended(place=where, said="nothing to undo: no rotation of this hook is under way")

    def adopt(self) -> Ended | Problem:
        """Give this hook the key that is current already: for a secret that several hooks share."""
        checked = self.check_adopt()
        if isinstance(checked, Problem):
            return checked
        current, other = checked
        problem = self._tell(current) or self._proof()(current, other, (CURRENT,), fresh=True)
        return problem or Ended(place=Place.NONE, said=f"{self.hook.target} signs with the current key")

    def check_adopt(self) -> tuple[Key, Key] | Problem:
        """The current key and the previous one, if this hook may be given the current one."""
        problem = self.hook.check(self.endpoint.url)
        if problem is not None:
            return problem
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        _, versions, current = stands
        if versions.pending is not None:
            return Problem("a rotation is under way: finish or undo it first", found=True)
        key = self.secret.key(current)
        previous = versions.at(PREVIOUS)
        other = key if previous is None else self.secret.key(previous)
        if isinstance(key, Problem):
            return key
        return other if isinstance(other, Problem) else (key, other)

    def _back(self, versions: Versions, old: Version, new: Version, stages: tuple[str, ...]) -> Ended | Problem:
        """Give the hook its old key and then move the labels; the new key stays valid for what is under way."""
        old_key, new_key = self.secret.key(old), self.secret.key(new)
        if isinstance(old_key, Problem):
            return old_key
        if isinstance(new_key, Problem):
            return new_key
        problem = (
            self.hook.check(self.endpoint.url)
            or self._tell(old_key)
            or self._proof()(old_key, new_key, stages, fresh=True)
            # Moving AWSCURRENT moves AWSPREVIOUS with it; where it need not move, AWSPREVIOUS is put there by itself.
            or self.secret.put(CURRENT, old, versions)
            or (None if CURRENT in new.labels else self.secret.put(PREVIOUS, new, versions))
            or self.cleaned(new)
        )
        return problem or _undone()

    def _shared(self, current: Version) -> Problem | None:
        if self.alone or not is_ours(current.version_id) or current.version_id.startswith(self.tag):
            return None
        return Problem(
            "the current key was made for another hook, which would be on its own with it after a new rotation. "
            "--current gives this hook the same key; --alone says that no other hook has it any more",
            found=True,
        )

    def _tell(self, key: Key) -> Problem | None:
        self.report(Step.TELL, f"giving {self.hook.target} its key")
        return self.hook.tell(key)

    def _proof(self) -> Proof:
        since = self.pace.now()

        def stage(guid: str) -> str | Problem | None:
            return stage_of(self.secret.account, self.endpoint.log_group, guid, since)

        return Proof(self.hook, stage, self.pace, self.report)


def _undone() -> Ended:
    said = "undone: the hook signs with the old key again; the new one stays valid for deliveries that are under way"
    return Ended(place=Place.UNDONE, said=said, then="--finish", complete=False)


_SAID = {
    Place.NONE: "no rotation is under way; everything that it needs is there",
    Place.STORED: "the new key is stored and not yet given to the hook",
    Place.TOLD: "the hook was given the new key, or may have been",
    Place.PROMOTED: "the new key is current, and the hook signs with it; the old one still verifies",
    Place.UNDONE: "the last rotation was undone; a new one can begin",
}
