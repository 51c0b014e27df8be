"""Keys: which, how often, and what a failing Secrets Manager does."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from hookwatch.ingest.model import Refusal
from hookwatch.ingest.secrets import (
    CALL_BUDGET_S,
    FRESH_READ_INTERVAL_S,
    OUT_OF_TIME,
    REFRESH_INTERVAL_S,
    Deadline,
    Keyring,
    Watch,
    secrets_client,
)
from hookwatch.outcomes import Outcome
from support import Clock, SecretsManager


def keyring(secrets: SecretsManager) -> tuple[Keyring, Clock, Deadline]:
    clock = Clock()
    return Keyring("arn:s", secrets, clock, Watch()), clock, Deadline(clock.now_s + 1e9, clock)


def denied() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")


def current(ring: Keyring) -> bytes:
    key = ring.current()
    assert isinstance(key, bytes)
    return key


def test_one_fetch_serves_many():
    """Deliveries after the first cost no call."""
    secrets = SecretsManager(AWSCURRENT="a")
    ring, _, _ = keyring(secrets)
    assert [current(ring) for _ in range(5)] == [b"a"] * 5
    assert secrets.calls == ["DescribeSecret", "GetSecretValue"]


def test_candidates_come_in_order_and_only_when_reached():
    """The previous and the pending key are fetched only when the newer ones did not fit."""
    secrets = SecretsManager(AWSPENDING="c", AWSCURRENT="a", AWSPREVIOUS="b")
    ring, _, deadline = keyring(secrets)
    keys = ring.keys(current(ring), deadline)
    assert next(keys) == ("AWSCURRENT", b"a")
    assert secrets.calls.count("GetSecretValue") == 1
    assert list(keys) == [("AWSPREVIOUS", b"b"), ("AWSPENDING", b"c")]


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        (SecretsManager(AWSCURRENT=""), "secret_empty"),
        (SecretsManager(AWSCURRENT=" \n"), "secret_empty"),
        (SecretsManager(AWSCURRENT=None), "secret_not_text"),
        (SecretsManager(), "secret_not_text"),
    ],
)
def test_a_secret_that_is_no_key(secrets: SecretsManager, reason: str):
    """An empty, binary or missing secret verifies nothing: everybody could sign with it."""
    ring, _, _ = keyring(secrets)
    refusal = ring.current()
    assert isinstance(refusal, Refusal)
    assert (refusal.outcome, refusal.reason) == (Outcome.SECRET_UNAVAILABLE, reason)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (denied(), "AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="https://s"), "EndpointConnectionError"),
    ],
)
def test_secrets_manager_fails(error: Exception, code: str):
    """A failing fetch is a refusal that carries AWS's code."""
    secrets = SecretsManager(AWSCURRENT="a")
    secrets.error = error
    ring, _, _ = keyring(secrets)
    refusal = ring.current()
    assert isinstance(refusal, Refusal)
    assert (refusal.outcome, refusal.error_code) == (Outcome.SECRET_UNAVAILABLE, code)


def test_older_keys_that_cannot_be_read_do_not_stop_the_current_one():
    """A pending version without a value is a rotation that has just begun."""
    secrets = SecretsManager(AWSCURRENT="a", AWSPENDING=None)
    ring, _, deadline = keyring(secrets)
    assert list(ring.keys(current(ring), deadline)) == [("AWSCURRENT", b"a")]


def test_an_older_key_without_a_value_is_no_failure():
    """A stage that is not there, or whose version has no value yet, leaves nothing unread."""
    secrets = SecretsManager(AWSCURRENT="a", AWSPENDING="never")
    ring, _, deadline = keyring(secrets)
    key = current(ring)
    secrets.error = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
    assert list(ring.keys(key, deadline)) == [("AWSCURRENT", b"a")]
    assert ring.unread() is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (denied(), "AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="https://s"), "EndpointConnectionError"),
    ],
)
def test_an_older_key_that_cannot_be_read_is_told(error: Exception, code: str):
    """Whoever finds no signer learns that not all keys were tried, until all of them were."""
    secrets = SecretsManager(AWSCURRENT="a", AWSPREVIOUS="b")
    ring, clock, deadline = keyring(secrets)
    key = current(ring)
    secrets.error = error
    assert list(ring.keys(key, deadline)) == [("AWSCURRENT", b"a")]
    assert ring.unread() == code
    secrets.error = None
    clock.sleep(FRESH_READ_INTERVAL_S)
    assert ring.reread(deadline)
    assert [each for _, each in ring.keys(current(ring), deadline)] == [b"a", b"b"]
    assert ring.unread() is None


def test_a_rotation_is_seen_by_the_fresh_read():
    """A key that does not fit makes us look again, and the new key is there."""
    secrets = SecretsManager(AWSCURRENT="old")
    ring, clock, deadline = keyring(secrets)
    current(ring)
    secrets.stages = {"AWSPREVIOUS": "old", "AWSCURRENT-2": "new"}
    secrets.stages = {"AWSCURRENT": "new", "AWSPREVIOUS": "old"}
    clock.sleep(FRESH_READ_INTERVAL_S)
    assert ring.reread(deadline)
    assert current(ring) == b"new"


def test_bad_signatures_cannot_drive_cost():
    """However many signatures fail, there is one fresh read in thirty seconds."""
    secrets = SecretsManager(AWSCURRENT="a")
    ring, clock, deadline = keyring(secrets)
    current(ring)
    assert not ring.reread(deadline)
    clock.sleep(FRESH_READ_INTERVAL_S)
    before = len(secrets.calls)
    assert [ring.reread(deadline) for _ in range(100)].count(True) == 1
    assert len(secrets.calls) - before == 2


def test_a_failing_fresh_read_keeps_what_works():
    """When AWS does not answer, the cached key goes on verifying."""
    secrets = SecretsManager(AWSCURRENT="a")
    ring, clock, deadline = keyring(secrets)
    current(ring)
    clock.sleep(FRESH_READ_INTERVAL_S)
    secrets.error = denied()
    assert not ring.reread(deadline)
    assert current(ring) == b"a"
    assert ring.unread() == "AccessDeniedException"


def test_keys_are_in_doubt_until_a_fresh_read_succeeds():
    """A fresh read that failed a moment ago is not made again, and the keys are as old as they were."""
    secrets = SecretsManager(AWSCURRENT="old")
    ring, clock, deadline = keyring(secrets)
    current(ring)
    clock.sleep(FRESH_READ_INTERVAL_S)
    secrets.error = denied()
    assert not ring.reread(deadline)
    assert list(ring.keys(current(ring), deadline)) == [("AWSCURRENT", b"old")]
    assert not ring.reread(deadline)
    assert ring.unread() == "AccessDeniedException"
    secrets.error, secrets.stages = None, {"AWSCURRENT": "new"}
    clock.sleep(FRESH_READ_INTERVAL_S)
    assert ring.reread(deadline)
    assert list(ring.keys(current(ring), deadline)) == [("AWSCURRENT", b"new")]
    assert not ring.reread(deadline)
    assert ring.unread() is None


def test_no_call_begins_without_time():
    """With little time left, neither a fresh read nor an older key is fetched."""
    secrets = SecretsManager(AWSCURRENT="a", AWSPREVIOUS="b")
    ring, clock, _ = keyring(secrets)
    key = current(ring)
    clock.sleep(FRESH_READ_INTERVAL_S)
    before = len(secrets.calls)
    short = Deadline(clock.now_s + 1, clock)
    assert list(ring.keys(key, short)) == [("AWSCURRENT", b"a")]
    assert ring.unread() == OUT_OF_TIME
    assert not ring.reread(short)
    assert ring.unread() == OUT_OF_TIME
    assert len(secrets.calls) == before


@pytest.mark.parametrize(
    ("age_s", "left_s", "read"),
    [
        (0, CALL_BUDGET_S, True),
        (0, CALL_BUDGET_S - 0.1, False),
        (REFRESH_INTERVAL_S / 2, 2 * CALL_BUDGET_S, True),
        (REFRESH_INTERVAL_S / 2, 2 * CALL_BUDGET_S - 0.1, False),
    ],
)
def test_an_older_key_is_read_only_with_time_for_all_its_calls(age_s: float, left_s: float, read: bool):
    """A description that may be due again is one call more."""
    ring, clock, _ = keyring(SecretsManager(AWSCURRENT="a", AWSPREVIOUS="b"))
    key = current(ring)
    clock.sleep(age_s)
    found = list(ring.keys(key, Deadline(clock.now_s + left_s, clock)))
    assert (len(found), ring.unread()) == ((2, None) if read else (1, OUT_OF_TIME))


def test_errors_that_the_cache_hides_are_seen():
    """Events of botocore tell of failed calls, even while an old key is served; a missing pending value is none."""
    watch = Watch()
    emitter = secrets_client(watch).meta.events
    failed = {"Error": {"Code": "AccessDeniedException"}}
    emitter.emit("after-call.secrets-manager.GetSecretValue", parsed=failed, http_response=None, model=None, context={})
    assert watch.take() == "AccessDeniedException"
    assert watch.take() is None
    missing = {"Error": {"Code": "ResourceNotFoundException"}}
    emitter.emit(
        "after-call.secrets-manager.GetSecretValue", parsed=missing, http_response=None, model=None, context={}
    )
    assert watch.take() is None
    emitter.emit(
        "after-call.secrets-manager.DescribeSecret", parsed=missing, http_response=None, model=None, context={}
    )
    assert watch.take() == "ResourceNotFoundException"
    emitter.emit("after-call-error.secrets-manager.GetSecretValue", exception=TimeoutError(), context={})
    assert watch.take() == "TimeoutError"
