"""Rotating a GitHub hook's secret: in order, interrupted anywhere, undone anywhere, and never a refused delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookwatch.ingest.secrets import FRESH_READ_INTERVAL_S
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Ended, Key, Place, Step, tag
from hookwatch.recover.rotation_github import GitHubRotation
from hookwatch.recover.rotation_probe import Answered
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_stack import Endpoint, read_endpoint
from rotation_account import OLD, FakeHook, Killed, World

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = timedelta(minutes=10)


class Bench:
    """A world, a hook in it, and rotations that begin like a new process each."""

    def __init__(self) -> None:
        self.world = World()
        self.hook = FakeHook(self.world)
        self.said: list[tuple[Step, str]] = []
        self.alone = False

    def rotation(self) -> GitHubRotation:
        account = self.world.account()
        endpoint = read_endpoint(account, "hookwatch", "github")
        assert isinstance(endpoint, Endpoint)
        return GitHubRotation(
            endpoint=endpoint,
            secret=Secret(account, endpoint.secret_id),
            probe=self.world.probe,
            pace=self.world.pace(),
            report=lambda step, said: self.said.append((step, said)),
            tag=tag("github", self.hook.target),
            hook=self.hook,
            alone=self.alone,
        )

    def steps(self) -> list[Step]:
        """Each step once, in the order in which they began."""
        return list(dict.fromkeys(step for step, _ in self.said))

    def killed_at(self, call: int, what: Callable[[], object], *, before: bool) -> bool:
        """Whether the process was killed at a call that changes something."""
        self.world.kill_at, self.world.kill_before = self.world.calls + call, before
        try:
            what()
        except Killed:
            return True
        finally:
            self.world.kill_at = 0
        return False


def ended(result: Ended | Problem) -> Ended:
    assert isinstance(result, Ended), result
    return result


def refused(result: object) -> str:
    assert isinstance(result, Problem), result
    return result.message


def test_a_rotation_goes_through_its_steps_in_order() -> None:
    """Stored, accepted, told, proven, promoted: the hook signs with the new key and the old one still verifies."""
    bench = Bench()
    done = ended(bench.rotation().forward())
    assert (done.place, done.then) == (Place.PROMOTED, "--finish")
    assert bench.steps() == [Step.CHECK, Step.STORE, Step.ACCEPT, Step.TELL, Step.PROVE, Step.PROMOTE]
    assert bench.world.changes == [
        "put_secret_value",
        "hookwatch-told to",
        "tell",
        "ping",
        "AWSCURRENT to",
        "AWSPENDING off",
        "hookwatch-told off",
    ]
    assert bench.hook.secret != OLD
    assert len(bench.hook.secret) == 64
    assert bench.world.labelled() == {OLD: {"AWSPREVIOUS"}, bench.hook.secret: {"AWSCURRENT"}}


def test_it_is_finished_when_nobody_uses_the_previous_key_any_more() -> None:
    """Not before the grace has passed, not while the previous key verifies, and then only the new one is left."""
    bench = Bench()
    bench.rotation().forward()
    assert "run this again when 10 min have passed" in refused(bench.rotation().finish(GRACE))
    bench.world.now += GRACE
    bench.world.metrics = {"PreviousKeyUsed": 3}
    assert "3 deliveries of the last 10 min verified with the previous key" in refused(bench.rotation().finish(GRACE))
    bench.world.metrics, bench.world.signing = {}, {bench.hook.secret}
    assert ended(bench.rotation().finish(GRACE)).complete
    assert bench.world.labelled() == {bench.hook.secret: {"AWSCURRENT"}}
    assert "nothing to finish" in ended(bench.rotation().finish(GRACE)).said
    assert ended(bench.rotation().check()).place is Place.NONE


def test_the_same_command_does_nothing_after_the_promotion() -> None:
    """Run again, it says how the rotation ends instead of beginning another one."""
    bench = Bench()
    bench.rotation().forward()
    before = bench.world.labelled(), list(bench.world.changes)
    assert ended(bench.rotation().forward()).place is Place.PROMOTED
    assert (bench.world.labelled(), bench.world.changes) == before


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_interrupted_anywhere_the_same_command_goes_on(*, before: bool) -> None:
    """Killed before or after each single call that changes something, and again at the next one, it ends the same."""
    call = 0
    while True:
        call += 1
        bench = Bench()
        if not bench.killed_at(call, bench.rotation().forward, before=before):
            break
        bench.killed_at(1, bench.rotation().forward, before=before)
        assert ended(bench.rotation().forward()).place is Place.PROMOTED, call
        assert bench.world.labelled() == {OLD: {"AWSPREVIOUS"}, bench.hook.secret: {"AWSCURRENT"}}
        assert bench.hook.secret != OLD
    assert call == 8


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, 8))
def test_undone_anywhere_the_old_key_is_back(call: int, *, before: bool) -> None:
    """After each single call, and itself interrupted at each of its own, undoing puts the old key back in force."""
    undo_call = 0
    while True:
        undo_call += 1
        bench = Bench()
        assert bench.killed_at(call, bench.rotation().forward, before=before)
        killed = bench.killed_at(undo_call, bench.rotation().undo, before=before)
        assert ended(bench.rotation().undo()).place in (Place.NONE, Place.UNDONE)
        assert bench.hook.secret == OLD
        assert "AWSCURRENT" in bench.world.labelled()[OLD]
        assert not any(labels & {"AWSPENDING", "hookwatch-told"} for labels in bench.world.labels.values())
        bench.world.now += GRACE
        assert ended(bench.rotation().forward()).place is Place.PROMOTED
        if not killed:
            break


def test_all_calls_were_interrupted() -> None:
    """The seven calls that the tests above interrupt are all that a rotation makes."""
    bench = Bench()
    bench.rotation().forward()
    assert bench.world.calls == 7


def test_it_waits_for_copies_that_read_their_keys_a_moment_ago() -> None:
    """The provider is told only when the stored key is older than any read that could have missed it."""
    bench = Bench()
    stored_at: list[float] = []
    told_at: list[float] = []

    def watch(step: Step, _: str) -> None:
        if step is Step.STORE:
            stored_at.append(bench.world.seconds())
        if step is Step.TELL:
            told_at.append(bench.world.seconds())

    ended(replace(bench.rotation(), report=watch).forward())
    assert told_at[0] - stored_at[0] >= FRESH_READ_INTERVAL_S


def test_functions_that_do_not_accept_the_key_stop_it_before_the_hook_is_touched() -> None:
    """If heartbeats are refused for longer than any cache lasts, GitHub is never told, and undoing drops the key."""
    bench = Bench()
    for answer in (Answered(401), Answered(None, "TimeoutError")):
        said = refused(replace(bench.rotation(), probe=lambda _, answer=answer: answer).forward())
        assert "functions do not accept the new key after" in said
        assert str(answer.status or answer.why) in said
    assert (bench.hook.secret, "tell" in bench.world.changes) == (OLD, False)
    assert ended(bench.rotation().undo()).place is Place.NONE
    assert bench.world.labelled() == {OLD: {"AWSCURRENT"}}


def test_a_hook_that_signs_with_the_old_key_for_a_while_is_pinged_again() -> None:
    """A change that GitHub has not spread yet is waited for; one that never arrives is a problem, not a promotion."""
    bench = Bench()
    bench.hook.stale = 2
    assert ended(bench.rotation().forward()).place is Place.PROMOTED
    assert bench.world.changes.count("ping") == 3
    bench = Bench()
    bench.hook.stale = 100
    assert "still signed with the old key" in refused(bench.rotation().forward())
    assert "AWSCURRENT" in bench.world.labelled()[OLD]


@pytest.mark.parametrize("status", [503, 0])
def test_a_delivery_that_is_not_accepted_proves_nothing(status: int) -> None:
    """A ping signed with the new key that was answered with a failure, or not at all, does not promote it."""
    bench = Bench()
    bench.hook.status = status
    said = refused(bench.rotation().forward())
    assert "is signed with the new key and" in said
    assert "AWSCURRENT to" not in bench.world.changes


def test_a_payload_in_another_spelling_is_proven_by_the_functions_own_line() -> None:
    """Where no signature can be computed, the label in the log says which key it was: the new one, or not."""
    bench = Bench()
    bench.hook.unreadable = True
    assert ended(bench.rotation().forward()).place is Place.PROMOTED
    bench = Bench()
    bench.hook.unreadable, bench.hook.stale = True, 100
    assert "still signed with the old key" in refused(bench.rotation().forward())
    bench = Bench()
    bench.hook.unreadable = True
    bench.world.refuse["filter_log_events"] = "AccessDeniedException"
    assert "not allowed to filter log events" in refused(bench.rotation().forward())


def test_an_apps_hook_is_proven_by_its_next_delivery() -> None:
    """It has no ping: without a delivery the rotation stops and says so, and goes on when one has come."""
    bench = Bench()
    bench.hook.pings = False
    assert "none came" in refused(bench.rotation().forward())
    bench.hook.deliver("push")
    assert ended(bench.rotation().forward()).place is Place.PROMOTED


def test_undoing_an_apps_hook_asks_for_a_delivery_that_is_new() -> None:
    """Older deliveries were signed with the old key anyway; they prove nothing about the way back."""
    bench = Bench()
    bench.hook.pings = False
    bench.hook.deliver("push")
    bench.rotation().forward()
    assert "none came" in refused(bench.rotation().undo())
    assert bench.hook.secret == OLD


def test_another_hook_of_the_same_secret_is_given_the_current_key() -> None:
    """A second rotation would leave the first hook behind: it is refused, and --current is the way."""
    bench = Bench()
    bench.rotation().forward()
    bench.world.now += GRACE
    first, key = bench.hook, bench.hook.secret
    bench.hook = FakeHook(bench.world, target="hook 8 of acme/blog")
    assert "made for another hook" in refused(bench.rotation().forward())
    bench.world.signing = {OLD, key}
    assert "signs with the current key" in ended(bench.rotation().adopt()).said
    assert (bench.hook.secret, first.secret) == (key, key)
    bench.alone = True
    bench.world.signing = {key}
    assert ended(bench.rotation().forward()).place is Place.PROMOTED


def test_nobody_is_left_behind_by_a_new_rotation() -> None:
    """While deliveries verify with the previous key only, the next promotion would refuse them: nothing is begun."""
    bench = Bench()
    bench.world.put("99999999-2222-3333-4444-555555555555", "an older secret", {"AWSPREVIOUS"})
    bench.world.metrics = {"PreviousKeyUsed": 1}
    assert "verified with the previous key" in refused(bench.rotation().forward())
    assert bench.world.changes == []


def test_somebody_elses_rotation_is_left_alone() -> None:
    """A pending version that is not this hook's stops everything: going on, undoing, finishing."""
    bench = Bench()
    bench.world.put("99999999-2222-3333-4444-555555555555", "somebody else's", {"AWSPENDING"})
    rotation = bench.rotation()
    for what in (rotation.forward, rotation.undo, rotation.adopt, lambda: rotation.finish(GRACE)):
        assert "another rotation is under way" in refused(what())
    assert bench.world.changes == []


def test_a_version_that_changes_hands_is_noticed_before_the_hook_is_told() -> None:
    """If another run stored another key in between, this one stops: two keys cannot both be the new one."""
    bench = Bench()

    def interfere() -> None:
        for labels in bench.world.labels.values():
            labels.discard("AWSPENDING")
        bench.world.put(f"{bench.rotation().tag}{'0' * 16}", "another run's key", {"AWSPENDING"})

    bench.world.after["hookwatch-told to"] = interfere
    assert "somebody else changed" in refused(bench.rotation().forward())
    assert bench.hook.secret == OLD


@pytest.mark.parametrize("operation", ["put_secret_value", "update_secret_version_stage", "list_secret_version_ids"])
def test_what_aws_does_not_allow_is_found_before_the_hook_is_told(operation: str) -> None:
    """Each permission that a rotation needs is used before GitHub is told anything."""
    bench = Bench()
    bench.world.refuse[operation] = "AccessDeniedException"
    assert "not allowed to" in refused(bench.rotation().forward())
    assert bench.hook.secret == OLD
    assert "tell" not in bench.world.changes


def test_a_hook_that_is_not_as_it_must_be_stops_it_before_anything_is_changed() -> None:
    """Whatever the check of the hook finds, no version is stored and the hook is not told."""
    bench = Bench()
    bench.hook.problem = Problem("it points elsewhere")
    for what in (bench.rotation().forward, bench.rotation().check, bench.rotation().adopt):
        assert refused(what()) == "it points elsewhere"
    assert bench.world.changes == []


def test_no_key_is_shown_by_anything_that_is_printed() -> None:
    """Neither keys nor what holds them have a representation that tells a key."""
    bench = Bench()
    rotation = bench.rotation()
    rotation.forward()
    key = Key(bench.hook.secret)
    shown = f"{key!r} {key} {rotation!r} {bench.said} {rotation.finish(GRACE)!r} {rotation.check()!r}"
    assert bench.hook.secret not in shown
    assert OLD not in shown
