"""Rotating a Twilio account's token: proven before it is promoted, because nothing undoes that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation import Ended, Key, Place, Step, tag
from hookwatch.recover.rotation_probe import Answered
from hookwatch.recover.rotation_secret import Secret
from hookwatch.recover.rotation_stack import Endpoint, read_endpoint
from hookwatch.recover.rotation_twilio import TwilioRotation
from hookwatch.recover.rotation_twilio_tokens import TwilioTokens, twilio_tokens
from rotation_account import OLD, Killed, World
from twilio_rig import FakeTwilio, run_fake_twilio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

KEY, KEY_SECRET = "SK" + "0" * 32, "the secret of an API key"
GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Watched(TwilioTokens):
    """Tokens whose every change is watched, and can be the last thing that a process does."""

    world: World | None = None
    fake: FakeTwilio | None = None

    def create(self) -> Key | Problem:
        return self._change("create", partial(TwilioTokens.create, self))

    def promote(self) -> Key | Problem:
        return self._change("promote", partial(TwilioTokens.promote, self))

    def delete(self) -> Problem | None:
        return self._change("delete", partial(TwilioTokens.delete, self))

    def _change(self, name: str, call: Callable[[], T]) -> T:
        made: list[T] = []
        assert self.world is not None

        def effect() -> None:
            assert self.fake is not None
            assert self.world is not None
            before = self.fake.store.auth_token
            made.append(call())
            # What was signed before may still be under way.
            self.world.signing = {before, self.fake.store.auth_token}

        self.world.change(name, effect)
        return made[0]


class Bench:
    """A world, a Twilio, and rotations that begin like a new process each."""

    def __init__(self, fake: FakeTwilio) -> None:
        self.fake, self.world = fake, World()
        fake.store.auth_token, fake.store.secondary_token = OLD, ""
        fake.store.api_keys = {KEY: KEY_SECRET}
        fake.store.requests.clear()
        self.environment = fake.environment(TWILIO_API_KEY=KEY, TWILIO_API_SECRET=KEY_SECRET)
        self.steps: list[Step] = []
        self.replace = False

    def rotation(self) -> TwilioRotation:
        found = twilio_tokens(self.environment)
        assert isinstance(found, TwilioTokens), found
        account = self.world.account()
        endpoint = read_endpoint(account, "hookwatch", "twilio")
        assert isinstance(endpoint, Endpoint)
        return TwilioRotation(
            endpoint=endpoint,
            secret=Secret(account, endpoint.secret_id),
            probe=self.world.probe,
            pace=self.world.pace(),
            report=lambda step, _: self.steps.append(step),
            tag=tag("twilio", found.target),
            tokens=Watched(found.account, found.base_url, self.world, self.fake),
            replace=self.replace,
        )

    def forward(self) -> Ended | Problem:
        return self.rotation().forward(promote=True)

    def undo(self) -> Ended | Problem:
        return self.rotation().undo()

    def killed_at(self, call: int, what: Callable[[], object], *, before: bool) -> bool:
        self.world.kill_at, self.world.kill_before = self.world.calls + call, before
        try:
            what()
        except Killed:
            return True
        finally:
            self.world.kill_at = 0
        return False


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    """One fake Twilio for all tests here."""
    yield from run_fake_twilio()


@pytest.fixture
def bench(twilio: FakeTwilio) -> Bench:
    """An account as it is before a rotation."""
    return Bench(twilio)


def ended(result: Ended | Problem) -> Ended:
    assert isinstance(result, Ended), result
    return result


def refused(result: object) -> str:
    assert isinstance(result, Problem), result
    return result.message


def test_a_rotation_stores_proves_promotes_and_makes_current(bench: Bench) -> None:
    """In this order; afterwards Twilio and the secret agree, and what was signed before still verifies."""
    assert ended(bench.forward()).place is Place.PROMOTED
    assert bench.world.changes == [
        "create",
        "put_secret_value",
        "hookwatch-told to",
        "promote",
        "AWSCURRENT to",
        "AWSPENDING off",
        "hookwatch-told off",
    ]
    token = bench.fake.store.auth_token
    assert bench.world.labelled() == {OLD: {"AWSPREVIOUS"}, token: {"AWSCURRENT"}}
    assert list(dict.fromkeys(bench.steps)) == [Step.CHECK, Step.STORE, Step.ACCEPT, Step.TELL, Step.PROMOTE]
    assert ended(bench.forward()).place is Place.PROMOTED
    assert bench.fake.store.auth_token == token
    bench.world.now += GRACE
    bench.world.signing = {token}
    assert ended(bench.rotation().finish(GRACE)).complete
    assert bench.world.labelled() == {token: {"AWSCURRENT"}}


def test_it_stops_before_the_step_that_nothing_undoes(bench: Bench) -> None:
    """Without the consent to promote, the secondary token is stored and accepted, and the primary one signs on."""
    done = ended(bench.rotation().forward(promote=False))
    assert (done.place, done.then) == (Place.STORED, "--yes-promote")
    assert bench.fake.store.auth_token == OLD
    assert "cannot be undone" in done.said
    assert ended(bench.undo()).place is Place.NONE
    assert (bench.fake.store.auth_token, bench.fake.store.secondary_token) == (OLD, "")
    assert bench.world.labelled() == {OLD: {"AWSCURRENT"}}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, 8))
def test_interrupted_anywhere_the_same_command_goes_on(bench: Bench, call: int, *, before: bool) -> None:
    """Killed at each call that changes something, the same command ends it; an unstored token is replaced."""
    assert bench.killed_at(call, bench.forward, before=before)
    if (call, before) in ((1, False), (2, True)):
        assert "--replace-secondary" in refused(bench.forward())
        bench.replace = True
    assert ended(bench.forward()).place is Place.PROMOTED
    token = bench.fake.store.auth_token
    assert token != OLD
    assert bench.world.labelled() == {OLD: {"AWSPREVIOUS"}, token: {"AWSCURRENT"}}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, 8))
def test_undone_anywhere_before_the_promotion_and_never_after_it(bench: Bench, call: int, *, before: bool) -> None:
    """Before the promotion the old token is all that is left; after it undoing is refused and changes nothing."""
    assert bench.killed_at(call, bench.forward, before=before)
    promoted = bench.fake.store.auth_token != OLD
    if promoted:
        labels = bench.world.labelled()
        assert "Twilio has no way back" in refused(bench.undo())
        assert bench.world.labelled() == labels
        return
    bench.killed_at(1, bench.undo, before=before)
    ended(bench.undo())
    assert bench.world.labelled() == {OLD: {"AWSCURRENT"}}
    assert bench.fake.store.auth_token == OLD


def test_a_pending_token_that_is_not_the_accounts_is_never_promoted(bench: Bench) -> None:
    """Somebody replaced the secondary token in between: promoting would make Twilio sign with what nobody stored."""
    bench.rotation().forward(promote=False)
    bench.fake.store.secondary_token = "somebody else's secondary token"
    assert "is no token of the Twilio account" in refused(bench.forward())
    assert bench.fake.store.auth_token == OLD


def test_a_secret_of_another_account_stops_it_before_anything_is_changed(bench: Bench) -> None:
    """The stack's secret must be the account's own token, or somebody else's would be rotated."""
    bench.fake.store.auth_token = "the token of the account, which is not what the stack has"
    assert "the stack's secret is not the auth token" in refused(bench.forward())
    assert bench.world.changes == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TWILIO_API_SECRET": "wrong"}, "Twilio does not take these credentials"),
        ({"TWILIO_API_KEY": "", "TWILIO_API_SECRET": "", "TWILIO_AUTH_TOKEN": "wrong"}, "does not take these"),
    ],
)
def test_wrong_credentials_stop_it_before_anything_is_changed(
    bench: Bench, environment: dict[str, str], said: str
) -> None:
    """Nothing is stored with credentials that Twilio refuses."""
    bench.environment |= environment
    assert said in refused(bench.forward())
    assert [each for each in bench.world.changes if each != "create"] == []
    assert bench.fake.store.secondary_token == ""


def test_the_old_token_alone_is_enough_to_sign_in(bench: Bench) -> None:
    """Without an API key the primary token signs in, and what comes after its end needs it no more."""
    bench.environment = bench.fake.environment()
    assert bench.killed_at(4, bench.forward, before=False)
    assert bench.fake.store.auth_token != OLD
    assert ended(bench.forward()).place is Place.PROMOTED


def test_functions_that_do_not_accept_the_token_stop_it(bench: Bench) -> None:
    """If heartbeats signed with the new token are refused for too long, nothing is promoted."""
    rotation = bench.rotation()
    stubborn = replace(rotation, probe=lambda _: Answered(401))
    assert "functions do not accept the new key after" in refused(stubborn.forward(promote=True))
    assert bench.fake.store.auth_token == OLD
