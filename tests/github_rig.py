"""A fake GitHub over real HTTP and our client on it, with time that only passes when somebody waits."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_auth import Token
from hookwatch.recover.github_http import Http
from hookwatch.recover.github_limits import Limits, Pace
from hookwatch.recover.github_model import Scope
from hookwatch.sandbox.github_api_auth import Caller
from hookwatch.sandbox.github_api_model import FakeHook, Posted
from hookwatch.sandbox.github_api_server import serving
from hookwatch.sandbox.github_api_world import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.recover.github_auth import Auth

NOW_S = 1_795_000_000.0
REPO = Scope("repository", "octo-org/hello-world")
ORG = Scope("organization", "octo-org")
APP = Scope("app")
TOKEN = "ghp_throwaway"
SECRET = "It's a Secret to Everybody"


@dataclass
class Time:
    """A clock for both sides; whoever sleeps moves it."""

    now_s: float = NOW_S
    slept_s: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


class Answers:
    """Stands for the hook's URL; nothing is posted."""

    def __init__(self) -> None:
        self.posted = Posted()
        self.seen: list[tuple[int, dict[str, str], bytes]] = []

    def __call__(self, hook: FakeHook, headers: dict[str, str], body: bytes) -> Posted:
        self.seen.append((hook.id, headers, body))
        return self.posted


@dataclass
class Rig:
    """Everything that a test of the client needs."""

    world: FakeGitHub
    time: Time
    answers: Answers
    url: str
    waits: list[tuple[float, str]] = field(default_factory=list)

    def client(self, auth: Auth | None = None, **pace: Any) -> GitHub:
        return GitHub(self.http(auth, **pace))

    def http(self, auth: Auth | None = None, **pace: Any) -> Http:
        limits = Limits(
            clock=self.time,
            sleep=self.time.sleep,
            pace=Pace(**pace),
            waiting=lambda wait_s, why: self.waits.append((wait_s, why)),
        )
        return Http(self.url, auth or Token(TOKEN), limits, self.time)


@contextmanager
def rig() -> Iterator[Rig]:
    """One repository with one hook, one organization with one, and a token that sees both."""
    time, answers = Time(), Answers()
    world = FakeGitHub(time, answers)
    world.add_hook(FakeHook(5, "repository", REPO.name, "https://example.test/", SECRET, target_id=123))
    world.add_hook(FakeHook(6, "organization", ORG.name, "https://example.test/", SECRET))
    world.add_token(TOKEN, REPO.name, ORG.name)
    with serving(world) as url:
        yield Rig(world, time, answers, url)


def caller_of(world: FakeGitHub) -> str:
    """By which name the fake counts the requests of our token."""
    found = world.guests.admit({"authorization": f"Bearer {TOKEN}"}, as_app=False)
    assert isinstance(found, Caller)
    return found.name


def rsa_key() -> tuple[str, str]:
    """A private key and its public one, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
