"""The environment as frozen settings. Never shows a value: somebody may have put a secret where a name belongs.

Every problem is collected and all are reported at once, so that a wrong deployment is mended in one round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What the function reads, and what each is for. template.yaml sets exactly these; a contract test holds the two.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "HOOKWATCH_PROVIDER": "the module under hookwatch.ingest.providers that answers: github, twilio",
        "HOOKWATCH_SECRET_ARN": "the ARN or name of the Secrets Manager secret that holds the webhook secret as text",
        "HOOKWATCH_EVENT_BUS": "the name or ARN of the event bus",
        "HOOKWATCH_EVENT_FORMAT": "hookwatch (adds the key `hookwatch` to detail) or quickstart (detail as AWS's)",
        "HOOKWATCH_MAX_ENTRY_BYTES": "the largest PutEvents entry that is tried, in bytes",
        "HOOKWATCH_PUBLIC_URL": "the URL that the provider was given, where it is not the Function URL itself",
        "HOOKWATCH_OWN_ACTORS": "logins, app slugs and phone numbers that act on our behalf, with commas between them",
        "HOOKWATCH_OWN_ACTOR_ACTION": "tag (publish, marked) or drop (answer, but do not publish) what they caused",
        "HOOKWATCH_LOOP_LIMIT": "more deliveries of one subject than this a minute are suspicious; 0 = do not count",
        "HOOKWATCH_SHARED_KEY_ID": "the id of the Twilio SharedKey that may sign",
        "HOOKWATCH_SHARED_KEY_ALGORITHM": "the one algorithm that this SharedKey may sign with",
        "HOOKWATCH_SHARED_KEY_SECRET_ARN": "the secret that holds this SharedKey",
        "HOOKWATCH_PARKING_QUEUE_URL": "the SQS queue for what the bus does not take; without it the provider hears no",
        "HOOKWATCH_CLAIM_BUCKET": "the S3 bucket for what is too large for the bus; without it that is refused",
        "HOOKWATCH_DEDUPE_TABLE": "the DynamoDB table of deliveries that are done; without it none is remembered",
        "HOOKWATCH_DEDUPE_HOURS": "how many hours a delivery is remembered",
    }
)

EventFormat = Literal["hookwatch", "quickstart"]
Algorithm = Literal["HMAC_SHA1", "HMAC_SHA256"]

# AWS says "less than 1 MB" and not which MB: the decimal one is right either way. PutEvents API reference (botocore
# events model, read 2026-11-22). Many AWS pages still say 256 KB.
DEFAULT_MAX_ENTRY_BYTES = 1_000_000
LARGEST_MAX_ENTRY_BYTES = 1_048_576
# As long as GitHub can be asked to redeliver.
DEFAULT_DEDUPE_HOURS = 72

_BUS = re.compile(r"(arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/)?[/.\-_A-Za-z0-9]{1,256}")
_BUCKET = re.compile(r"-|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TABLE = re.compile(r"-|[A-Za-z0-9_.-]{3,255}")
_PROVIDER = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ConfigError(Exception):
    """The environment is wrong; the message lists every problem, one a line."""


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A Twilio SharedKey: its algorithm is pinned here and never taken from a request."""

    key_id: str
    algorithm: Algorithm
    secret_arn: str


@dataclass(frozen=True, slots=True)
class LoopPolicy:
    """What counts as a loop, and what is done about it.

    Attributes:
        own_actors: logins, app slugs and phone numbers that act on our behalf, in lower case.
        drop_own: whether deliveries that our own actors caused are kept off the bus.
        limit: more deliveries of one subject than this within the window are suspicious; 0 switches the count off.
        window_s: the window, seconds.
    """

    own_actors: frozenset[str] = frozenset()
    drop_own: bool = False
    limit: int = 0
    window_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where deliveries are kept safe. What is None is not there, and is done without.

    Attributes:
        queue_url: the parking queue.
        bucket: the claim-check bucket.
        table: the table of deliveries that are done.
        remember_s: how long a delivery is remembered, seconds.
    """

    queue_url: str | None = None
    bucket: str | None = None
    table: str | None = None
    remember_s: int = DEFAULT_DEDUPE_HOURS * 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """What one function needs to know."""

    provider: str
    secret_arn: str
    event_bus: str
    event_format: EventFormat = "hookwatch"
    max_entry_bytes: int = DEFAULT_MAX_ENTRY_BYTES
    public_url: str | None = None
    shared_key: SharedKey | None = None
    loops: LoopPolicy = LoopPolicy()
    keeping: Keeping = Keeping()


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings out of an environment.

    Raises:
        ConfigError: something is missing or wrong; all problems are in the one message.
    """
    problems: list[str] = []

    def take(name: str, check: Callable[[str], bool], rule: str, default: str | None = None) -> str:
        value = environ.get(name, "").strip() or default
        if value is None:
            problems.append(f"{name} is not set: {VARIABLES[name]}")
            return ""
        if not check(value):
            problems.append(f"{name} must be {rule}")
            return default or ""
        return value

    provider = take("HOOKWATCH_PROVIDER", _provider_exists, "the name of a module under hookwatch.ingest.providers")
    secret_arn = take("HOOKWATCH_SECRET_ARN", _one_word, "one ARN or name without spaces")
    event_bus = take(
        "HOOKWATCH_EVENT_BUS", lambda value: bool(_BUS.fullmatch(value)), "the name or ARN of an event bus"
    )
    event_format = take(
        "HOOKWATCH_EVENT_FORMAT",
        lambda value: value in ("hookwatch", "quickstart"),
        "hookwatch or quickstart",
        "hookwatch",
    )
    max_entry_bytes = take(
        "HOOKWATCH_MAX_ENTRY_BYTES",
        lambda value: _is_count(value) and 1 <= int(value) <= LARGEST_MAX_ENTRY_BYTES,
        f"a whole number of bytes from 1 to {LARGEST_MAX_ENTRY_BYTES}",
        str(DEFAULT_MAX_ENTRY_BYTES),
    )
    public_url = take(
        "HOOKWATCH_PUBLIC_URL", _is_url, "an absolute http or https URL without user, password or fragment", "-"
    )
    own_action = take("HOOKWATCH_OWN_ACTOR_ACTION", lambda value: value in ("tag", "drop"), "tag or drop", "tag")
    loop_limit = take("HOOKWATCH_LOOP_LIMIT", _is_count, "a whole number, 0 or more", "0")
    shared_key = _shared_key(environ, problems)
    queue_url = take("HOOKWATCH_PARKING_QUEUE_URL", _is_url, "the https URL of an SQS queue", "-")
    bucket = take(
        "HOOKWATCH_CLAIM_BUCKET", lambda value: bool(_BUCKET.fullmatch(value)), "the name of an S3 bucket", "-"
    )
    table = take(
        "HOOKWATCH_DEDUPE_TABLE", lambda value: bool(_TABLE.fullmatch(value)), "the name of a DynamoDB table", "-"
    )
    hours = take(
        "HOOKWATCH_DEDUPE_HOURS",
        lambda value: _is_count(value) and int(value) > 0,
        "a whole number of hours, 1 or more",
        str(DEFAULT_DEDUPE_HOURS),
    )
    if problems:
        raise ConfigError("hookwatch cannot start:\n" + "\n".join(f"- {problem}" for problem in problems))
    return Settings(
        provider=provider,
        secret_arn=secret_arn,
        event_bus=event_bus,
        event_format="quickstart" if event_format == "quickstart" else "hookwatch",
        max_entry_bytes=int(max_entry_bytes),
        public_url=_given(public_url),
        shared_key=shared_key,
        loops=LoopPolicy(
            own_actors=frozenset(
                actor.strip().lower() for actor in environ.get("HOOKWATCH_OWN_ACTORS", "").split(",") if actor.strip()
            ),
            drop_own=own_action == "drop",
            limit=int(loop_limit),
        ),
        keeping=Keeping(_given(queue_url), _given(bucket), _given(table), int(hours) * 3600),
    )


def _shared_key(environ: Mapping[str, str], problems: list[str]) -> SharedKey | None:
    key_id = environ.get("HOOKWATCH_SHARED_KEY_ID", "").strip()
    secret_arn = environ.get("HOOKWATCH_SHARED_KEY_SECRET_ARN", "").strip()
    algorithm = environ.get("HOOKWATCH_SHARED_KEY_ALGORITHM", "").strip() or "HMAC_SHA256"
    if bool(key_id) != bool(secret_arn):
        problems.append(
            "HOOKWATCH_SHARED_KEY_ID and HOOKWATCH_SHARED_KEY_SECRET_ARN must be set together or not at all"
        )
    if algorithm not in ("HMAC_SHA1", "HMAC_SHA256"):
        problems.append("HOOKWATCH_SHARED_KEY_ALGORITHM must be HMAC_SHA256 or HMAC_SHA1")
    if not key_id or not secret_arn:
        return None
    return SharedKey(key_id, "HMAC_SHA1" if algorithm == "HMAC_SHA1" else "HMAC_SHA256", secret_arn)


def _provider_exists(name: str) -> bool:
    return bool(_PROVIDER.fullmatch(name)) and find_spec(f"hookwatch.ingest.providers.{name}") is not None


def _given(value: str) -> str | None:
    return None if value == "-" else value


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10  # noqa: PLR2004 - nobody counts to a billion here


def _one_word(value: str) -> bool:
    return not any(character.isspace() for character in value)


def _is_url(value: str) -> bool:
    return value == "-" or bool(re.fullmatch(r"https?://[^\s/?#@]+(/[^\s#]*)?", value))
