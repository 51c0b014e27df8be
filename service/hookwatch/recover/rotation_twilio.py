"""Rotates the auth token of a Twilio account without a gap. Never promotes a token that functions do not accept yet.

Promoting the secondary token deletes the primary one at once, for signatures and for Twilio's own API, and nothing
brings it back (https://www.twilio.com/docs/iam/api/authtoken, read 2026-11-27). So everything is proven before that one
call: that functions accept the new token, and that what is stored here is what Twilio would promote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import PENDING, Ended, Place, Step
from hookwatch.recover.rotation_base import Base

if TYPE_CHECKING:
    from hookwatch.recover.rotation import Key

QUIET = timedelta(minutes=10)
"""Twilio tries again within 15 s; this leaves room for what a customer's own code signs."""


class Tokens(Protocol):
    """The auth tokens of one account."""

    @property
    def target(self) -> str:
        """Whose, always in the same words."""

    def works(self, key: Key) -> bool | Problem:
        """Whether this is a token of the account: the primary or the secondary one signs in to the API."""

    def create(self) -> Key | Problem:
        """Make a secondary token."""

    def delete(self) -> Problem | None:
        """Delete the secondary token; that there is none is no problem."""

    def promote(self) -> Key | Problem:
        """Make the secondary token the primary one, which ends the primary one at once."""


@dataclass(frozen=True, slots=True)
class TwilioRotation(Base):
    """One account's rotation.

    Attributes:
        tokens: the account's tokens.
        replace: whether a secondary token that is not ours may be deleted.
    """

    tokens: Tokens
    replace: bool = False

    def check(self) -> Ended | Problem:
        """Everything that can be wrong, before anything is changed."""
        self.report(Step.CHECK, f"checking {self.tokens.target} and the secret")
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, current = stands
        key = self.secret.key(current)
        works = key if isinstance(key, Problem) else self.tokens.works(key)
        if isinstance(works, Problem):
            return works
        # Between promotion and the last label the current version is the one that Twilio has just deleted.
        if not works and where is not Place.TOLD:
            return Problem(
                f"the stack's secret is not the auth token of {self.tokens.target}: is TWILIO_ACCOUNT_SID the account "
                "whose webhooks this stack receives?"
            )
        problem = self.unused(versions, QUIET) if where is Place.NONE else None
        return problem or Ended(place=where, said=_SAID[where], complete=False)

    def forward(self, *, promote: bool) -> Ended | Problem:
        """Begin the rotation, or go on with it.

        Args:
            promote: whether to take the step that nothing undoes.
        """
        checked = self.check()
        if isinstance(checked, Problem):
            return checked
        if checked.place is Place.PROMOTED:
            return self.promoted(_SAID[Place.PROMOTED])
        if checked.place is Place.NONE:
            problem = self._begin()
            if problem is not None:
                return problem
        under_way = self.waiting()
        if isinstance(under_way, Problem):
            return under_way
        where, versions, current, new, key = under_way
        old = self.secret.key(current)
        if isinstance(old, Problem):
            return old
        problem = self._held(key) or self.accept(key, told=where is Place.TOLD)
        if problem is not None:
            return problem
        if not promote and where is not Place.TOLD:
            return Ended(place=Place.STORED, said=_SAID[Place.STORED], then="--yes-promote", complete=False)
        problem = self.mark(versions, new) or self._tell(old, key) or self._held(key) or self.promote(versions, new)
        return problem or self.promoted(_SAID[Place.PROMOTED])

    def undo(self) -> Ended | Problem:
        """Go back, as long as the secondary token was not promoted."""
        stands = self.stands()
        if isinstance(stands, Problem):
            return stands
        where, versions, current = stands
        pending = versions.pending
        if where is Place.PROMOTED:
            return _TOO_LATE
        if pending is None:
            return Ended(place=where, said="nothing to undo: no rotation of this account is under way")
        key = self.secret.key(current)
        works = key if isinstance(key, Problem) else self.tokens.works(key)
        if isinstance(works, Problem):
            return works
        if not works:
            return _TOO_LATE
        return (
            self.tokens.delete()
            or self.secret.drop(PENDING, pending)
            or self.cleaned(pending)
            or Ended(place=Place.NONE, said="undone: the secondary token is deleted; nothing was signed with it")
        )

    def _begin(self) -> Problem | None:
        if self.replace:
            problem = self.tokens.delete()
            if problem is not None:
                return problem
        key = self.tokens.create()
        if isinstance(key, Problem) and key.code in _NOT_ASKED:
            return key
        if isinstance(key, Problem):
            return Problem(
                f"{key.message}. If the account has a secondary token already, from an interrupted run or a colleague: "
                "--replace-secondary deletes it and begins anew",
                found=key.found,
                code=key.code,
            )
        return self.store(key)

    def _held(self, key: Key) -> Problem | None:
        """Whether the stored token is one of the account's: then it is the one that is or was promoted."""
        works = self.tokens.works(key)
        if isinstance(works, Problem):
            return works
        if works:
            return None
        return Problem(
            f"the pending token is no token of {self.tokens.target}: its secondary token was deleted or replaced by "
            "somebody else. Run this with --undo, then begin anew",
            found=True,
        )

    def _tell(self, old: Key, new: Key) -> Problem | None:
        self.report(Step.TELL, "promoting the secondary token; the old one ends with this call")
        works = self.tokens.works(old)
        if isinstance(works, Problem):
            return works
        if not works:
            # An interrupted run has promoted it.
            return None
        promoted = self.tokens.promote()
        if isinstance(promoted, Problem):
            return promoted
        return None if promoted.text == new.text else _ANOTHER


# Twilio did not come to look at the account's tokens.
_NOT_ASKED = ("401", "403", "429", "unreachable")
_TOO_LATE = Problem(
    "the secondary token is promoted already, and Twilio has no way back: the old token is gone. Run the command "
    "without --undo to go on; to change the token again, begin another rotation",
    found=True,
)
_ANOTHER = Problem(
    "Twilio promoted another token than the one that is stored here, so somebody replaced it in this very moment. Copy "
    "the auth token from Twilio's console into the secret at once: until then its webhooks are refused",
    found=True,
)
_SAID = {
    Place.NONE: "no rotation is under way; everything that it needs is there",
    Place.STORED: "the new token is stored and functions accept it; it signs nothing until it is promoted, which ends "
    "the old one at once, for signatures and for Twilio's API, and cannot be undone",
    Place.TOLD: "the secondary token is, or may be, promoted",
    Place.PROMOTED: "the new token is current, and Twilio signs with it; the old one is void, for Twilio's API too",
    Place.UNDONE: "the last rotation was undone; a new one can begin",
}
