"""Which keys are valid now: current, previous, pending. Never sleeps, never lets a stranger drive its cost.

aws-secretsmanager-caching does the caching, configured against two of its habits (version 1.2.0, measured 2026-11):
its back-off after an error grows to an hour, which would lock a function out long after AWS has recovered, and its
`refresh_secret_now` sleeps for seconds, which a waiting provider does not have. A fresh read here is a fresh cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_secretsmanager_caching import SecretCache, SecretCacheConfig
from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.ingest import clients
from hookwatch.ingest.model import Refusal
from hookwatch.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hookwatch.ingest.model import Stage

# Newest first by likelihood: current signs nearly always, previous during a GitHub rotation, pending before a Twilio
# promotion. One DescribeSecret serves all three.
STAGES: tuple[Stage, ...] = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")

# The library draws the next DescribeSecret at random from half of this to all of it.
REFRESH_INTERVAL_S = 300
# After an error AWS is asked again this soon at the latest.
ERROR_BACKOFF_MAX_S = 5
# Anybody can send a bad signature; this is how often one may cost us a call.
FRESH_READ_INTERVAL_S = 30.0
# The cache copies its whole answer at each look, which costs more than the signature; so we look this often.
LOOK_INTERVAL_S = 5.0
# DescribeSecret and GetSecretValue one after the other must leave room for PutEvents within the time to answer.
CONNECT_TIMEOUT_S = 0.8
READ_TIMEOUT_S = 1.2
# What one call takes at most. Below this much time left for each that may be needed, no further one is begun.
CALL_BUDGET_S = CONNECT_TIMEOUT_S + READ_TIMEOUT_S
# AWS's word for a version without a value: a rotation that has just begun.
NO_VALUE = "ResourceNotFoundException"
OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an answer is due.

    Attributes:
        at_s: the moment, in the clock's seconds.
        clock: seconds that only go forward.
    """

    at_s: float
    clock: Callable[[], float]

    def left_s(self) -> float:
        """Seconds left, negative when the moment has passed."""
        return self.at_s - self.clock()

    def earlier(self, seconds: float) -> Deadline:
        """The deadline of a step after which another one needs that long."""
        return Deadline(self.at_s - seconds, self.clock)


class Watch:
    """Sees the errors that the cache hides: it goes on serving an old key silently when AWS stops answering."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.code: str | None = None

    def take(self) -> str | None:
        """The last error since the previous call, forgotten by asking."""
        code, self.code = self.code, None
        return code

    def answered(self, parsed: Mapping[str, Any], event_name: str, **_: object) -> None:
        """Note an error answer; botocore calls this after every call."""
        code = parsed.get("Error", {}).get("Code")
        if code and not (code == NO_VALUE and event_name.endswith("GetSecretValue")):
            self.code = code

    def failed(self, exception: BaseException, **_: object) -> None:
        """Note a call without an answer; botocore calls this."""
        self.code = type(exception).__name__


class Keyring:
    """The keys of one secret."""

    def __init__(self, secret_id: str, client: Any, clock: Callable[[], float], watch: Watch) -> None:
        """Make a keyring; nothing is fetched until somebody asks.

        Args:
            secret_id: ARN or name of the secret.
            client: a Secrets Manager client.
            clock: seconds that only go forward.
            watch: what sees the client's errors.
        """
        self._secret_id = secret_id
        self._client = client
        self._clock = clock
        self._watch = watch
        self._cache, self._cache_from_s = self._fresh(), clock()
        self._known: dict[Stage, bytes | None] = {}
        self._known_until_s = 0.0
        self._read_at_s: float | None = None
        self._unread: str | None = None
        self._not_fresh: str | None = None

    def failure(self) -> str | None:
        """The code of the last failed call since this was last asked, even if an old key could be served instead."""
        return self._watch.take()

    def unread(self) -> str | None:
        """Why a key that may have signed is not among those last tried; None if all were."""
        return self._unread

    def current(self) -> bytes | Refusal:
        """The key that must exist: AWSCURRENT."""
        key = self._key("AWSCURRENT")
        if key is None:
            return Refusal(Outcome.SECRET_UNAVAILABLE, "secret_not_text")
        if isinstance(key, bytes) and self._read_at_s is None:
            self._read_at_s = self._clock()
        return key

    def keys(self, current: bytes, deadline: Deadline) -> Iterator[tuple[Stage, bytes]]:
        """All keys that may sign, newest first; the older ones are fetched only when they are reached."""
        self._unread = None
        yield "AWSCURRENT", current
        for stage in STAGES[1:]:
            # A cache that has told the current key describes the secret again after half an interval at the earliest.
            calls = 1 if self._clock() - self._cache_from_s < REFRESH_INTERVAL_S / 2 else 2
            if deadline.left_s() < calls * CALL_BUDGET_S:
                self._unread = OUT_OF_TIME
                return
            key = self._key(stage)
            if isinstance(key, Refusal) and key.error_code != NO_VALUE:
                self._unread = key.error_code or self._unread
            if isinstance(key, bytes) and key != current:
                yield stage, key

    def reread(self, deadline: Deadline) -> bool:
        """Forget what is cached, so that a rotation takes effect in seconds; False if that was done a moment ago.

        The old keys are kept when AWS does not answer: a failing fresh read must not take down what works.
        """
        now_s = self._clock()
        if self._read_at_s is None or now_s - self._read_at_s < FRESH_READ_INTERVAL_S:
            self._unread = self._not_fresh or self._unread
            return False
        if deadline.left_s() < 2 * CALL_BUDGET_S:
            self._unread = OUT_OF_TIME
            return False
        self._read_at_s = now_s
        before, self._cache = self._cache, self._fresh()
        self._known = {}
        key = self._key("AWSCURRENT")
        if isinstance(key, bytes):
            self._cache_from_s, self._not_fresh = now_s, None
            return True
        self._cache = before
        self._not_fresh = key.error_code if key is not None else None
        self._unread = self._not_fresh or self._unread
        return False

    def _fresh(self) -> Any:
        config = SecretCacheConfig(
            secret_refresh_interval=REFRESH_INTERVAL_S, exception_retry_delay_max=ERROR_BACKOFF_MAX_S
        )
        return SecretCache(config=config, client=self._client)

    def _key(self, stage: Stage) -> bytes | Refusal | None:
        """A key; a refusal if it cannot be read or is none; None if the secret has no such version."""
        now_s = self._clock()
        if now_s >= self._known_until_s:
            self._known, self._known_until_s = {}, now_s + LOOK_INTERVAL_S
        if stage in self._known:
            return self._known[stage]
        key = self._look(stage)
        if not isinstance(key, Refusal):
            self._known[stage] = key
        return key

    def _look(self, stage: Stage) -> bytes | Refusal | None:
        """Ask the cache."""
        try:
            text: str | None = self._cache.get_secret_string(self._secret_id, version_stage=stage)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            return Refusal(Outcome.SECRET_UNAVAILABLE, "secret_refused", code)
        except BotoCoreError as error:
            return Refusal(Outcome.SECRET_UNAVAILABLE, "secret_unreachable", type(error).__name__)
        if text is None:
            return None
        if not text.strip():
            return Refusal(Outcome.SECRET_UNAVAILABLE, "secret_empty")
        return text.encode("utf-8", "surrogatepass")


def secrets_client(watch: Watch) -> Any:
    """The client that keyrings share, watched."""
    client = clients.client("secretsmanager", connect_s=CONNECT_TIMEOUT_S, read_s=READ_TIMEOUT_S)
    client.meta.events.register("after-call.secrets-manager", watch.answered)
    client.meta.events.register("after-call-error.secrets-manager", watch.failed)
    return client
