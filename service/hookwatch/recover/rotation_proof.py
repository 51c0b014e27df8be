"""Proves that a hook signs with a key: asks for a delivery, finds it in GitHub's record, and tells who signed it.

Never changes the hook. A ping is asked for where there is one; an App's hook has none, so its next delivery is waited
for. A redelivery would prove nothing: GitHub does not say with which secret an older delivery is signed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Step
from hookwatch.recover.rotation_hook import HTTP_OK, Signer, signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.rotation import Key, Report
    from hookwatch.recover.rotation_accept import Pace
    from hookwatch.recover.rotation_hook import Hook, Recorded

PING = "ping"
LATEST = 10
"""How many of the newest deliveries are judged at a look."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Watches one hook.

    Attributes:
        hook: the hook.
        stage: the label under which the function found the key of a delivery, by GUID; None if it has no line yet.
        pace: how long to wait.
        report: is told what it waits for.
    """

    hook: Hook
    stage: Callable[[str], str | Problem | None]
    pace: Pace
    report: Report

    def __call__(self, new: Key, old: Key, stages: tuple[str, ...], *, fresh: bool = False) -> Problem | None:
        """Return None as soon as a delivery signed with the new key was answered with success.

        Args:
            new: the key that the hook was given.
            old: the key that it had before.
            stages: the labels that only the new key has; none where labels cannot tell the two apart.
            fresh: whether only deliveries count that were not there yet: where the hook had this key before, too.
        """
        last = "none came"
        for _ in range(self.pace.pings):
            known = self._known()
            if isinstance(known, Problem):
                return known
            pinged = self.hook.ping()
            if isinstance(pinged, Problem):
                return pinged
            judged = self._judged(known, new, old, stages, pinged=pinged, fresh=fresh)
            if judged is None or isinstance(judged, Problem):
                return judged
            last = judged or last
            if not pinged:
                break
            self.report(Step.PROVE, last)
        return Problem(
            f"no delivery of {self.hook.target} proves that it signs with the new key: {last}. Both keys are accepted, "
            "so nothing is refused meanwhile. Run this again to go on, or with --undo to go back",
            found=True,
        )

    def _known(self) -> set[int] | Problem:
        sent = self.hook.sent(())
        return sent if isinstance(sent, Problem) else {each.delivery_id for each in sent}

    def _judged(  # noqa: PLR0913 - what to look for
        self, known: set[int], new: Key, old: Key, stages: tuple[str, ...], *, pinged: bool, fresh: bool
    ) -> Problem | str | None:
        """None if a delivery that is not known proves it, else what the last one said: empty if none came in time."""
        end_s = self.pace.clock() + self.pace.proof_limit_s
        self.report(
            Step.PROVE, "waiting for the ping" if pinged else "no ping for an App: waiting for its next delivery"
        )
        last = ""
        # Without a ping the new key may have signed something before we looked.
        judged = known if pinged or fresh else set()
        while True:
            sent = self.hook.sent(known)
            if isinstance(sent, Problem):
                return sent
            wanted = [each.delivery_id for each in sent if not pinged or each.event == PING]
            for delivery_id in [each for each in wanted if each not in judged][:LATEST]:
                found = self.hook.recorded(delivery_id)
                who = found if isinstance(found, Problem) else self._signer(found, new, old, stages)
                if isinstance(found, Problem) or isinstance(who, Problem):
                    return found if isinstance(found, Problem) else who
                if who is Signer.NEW and found.status_code in HTTP_OK:
                    return None
                last = _sentence(who, found)
            known = known | {each.delivery_id for each in sent}
            judged = known
            if self.pace.clock() >= end_s or (pinged and last):
                return last
            self.pace.sleep(self.pace.poll_s)

    def _signer(self, found: Recorded, new: Key, old: Key, stages: tuple[str, ...]) -> Signer | Problem:
        who = signer(found, new, old)
        if who is not Signer.UNKNOWN or not stages or found.status_code not in HTTP_OK:
            return who
        end_s = self.pace.clock() + self.pace.proof_limit_s
        while True:
            stage = self.stage(found.guid)
            if isinstance(stage, Problem):
                return stage
            if stage is not None:
                return Signer.NEW if stage in stages else Signer.OLD
            if self.pace.clock() >= end_s:
                return Signer.UNKNOWN
            self.report(Step.PROVE, "waiting for the function's line about it")
            self.pace.sleep(self.pace.poll_s)


def _sentence(who: Signer, found: Recorded) -> str:
    answered = f"was answered {found.status_code}" if found.status_code else "was not answered"
    match who:
        case Signer.NEW:
            return f"delivery {found.guid} is signed with the new key and {answered}"
        case Signer.OLD:
            return f"delivery {found.guid} is still signed with the old key"
        case Signer.UNKNOWN:
            return (
                f"delivery {found.guid} {answered}, and neither its record nor the function's log says with which key"
            )
