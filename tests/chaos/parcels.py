"""What the chaos harness sends: real webhooks of both providers, each with a mark of its own and a hash of its content.

Never opens a connection. The mark is how an event on the bus is known again, whatever happened to it on the way; the
hash says whether it is still what was sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.sender import Example, Forgery, github_request, load_example, twilio_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from hookwatch.sender import Form, OutgoingRequest

Kind = Literal["push", "event", "near the limit", "over the limit", "form", "stream", "forged", "unsigned", "malformed"]
MARK = "chaos"
OURS = "hookwatch"

GITHUB_EVENTS = ("issues", "pull_request", "issue_comment", "workflow_run", "release", "check_run", "star")
TWILIO_EVENTS = ("message.inbound", "message.status", "call.status")

# How many of a hundred deliveries are of each kind. Large ones are few, because each costs as much as a hundred others.
SHARES: Mapping[Kind, int] = {
    "push": 22,
    "event": 31,
    "near the limit": 1,
    "over the limit": 2,
    "form": 26,
    "stream": 6,
    "forged": 5,
    "unsigned": 4,
    "malformed": 3,
}
NOT_GENUINE: frozenset[Kind] = frozenset({"forged", "unsigned", "malformed"})
# One in so many is followed by the very same request again, as a provider's own retry would.
REPEATED_ONE_IN = 40

NEAR_BYTES, OVER_BYTES = 900_000, 1_300_000
STREAM_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Keys:
    """What the providers sign with."""

    github: str
    twilio: str


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the providers send to."""

    github: str
    twilio: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One request to send.

    Attributes:
        kind: what it is.
        request: the signed request.
        contents: mark -> hash of each event that must come of it; what must never come of it if it is not genuine.
        repeat: whether the same request went out before.
    """

    kind: Kind
    request: OutgoingRequest
    contents: Mapping[str, str]
    repeat: bool = False

    @property
    def genuine(self) -> bool:
        """Whether the provider sent it, so that it must be taken or told no."""
        return self.kind not in NOT_GENUINE


def parcels(count: int, random: Random, urls: Urls, keys: Keys) -> Iterator[Parcel]:
    """Make so many parcels, the same ones for the same dice."""
    made = 0
    while made < count:
        (kind,) = random.choices(list(SHARES), list(SHARES.values()))
        parcel = _parcel(kind, f"c{made}-{random.getrandbits(48):x}", random, urls, keys)
        yield parcel
        made += 1
        if made < count and parcel.genuine and random.randrange(REPEATED_ONE_IN) == 0:
            yield Parcel(parcel.kind, parcel.request, parcel.contents, repeat=True)
            made += 1


def content_hash(detail: Mapping[str, Any]) -> str:
    """The hash of an event's content, without what hookwatch added; the same for every spelling of the same JSON."""
    content = {key: value for key, value in detail.items() if key != OURS}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _parcel(kind: Kind, mark: str, random: Random, urls: Urls, keys: Keys) -> Parcel:
    match kind:
        case "push" | "near the limit" | "over the limit":
            return _github(kind, _padded(mark, random, kind), "push", urls, keys, Forgery.NONE)
        case "event":
            event = random.choice(GITHUB_EVENTS)
            return _github(kind, _octokit(event) | {MARK: mark}, event, urls, keys, Forgery.NONE)
        case "forged":
            return _github(kind, _octokit("push") | {MARK: mark}, "push", urls, keys, Forgery.WRONG_SECRET)
        case "unsigned":
            return _github(kind, _octokit("push") | {MARK: mark}, "push", urls, keys, Forgery.UNSIGNED)
        case "malformed":
            # Signed by the right key, and yet no issue: the event's name is a header, which nobody signs.
            return _github(kind, _octokit("push") | {MARK: mark}, "issues", urls, keys, Forgery.NONE)
        case "form":
            return _form(kind, mark, random.choice(TWILIO_EVENTS), urls, keys)
        case "stream":
            return _stream(kind, mark, urls, keys)


def _github(  # noqa: PLR0917 - private, and each is another thing
    kind: Kind, content: dict[str, Any], event: str, urls: Urls, keys: Keys, forgery: Forgery
) -> Parcel:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    request = github_request(urls.github, Example("github", event, body), keys.github, forgery)
    return Parcel(kind, request, {content[MARK]: content_hash(content)})


def _form(kind: Kind, mark: str, event: str, urls: Urls, keys: Keys) -> Parcel:
    form: Form = (*_twilio(event), (MARK, mark), ("Grüße", "äöü +&=% 😀"))
    # Ids inside are the key by which duplicates are known: no two messages may share one.
    renewed = tuple((name, f"SM{mark:0>32}"[:34] if name.endswith("Sid") else value) for name, value in form)
    request = twilio_request(urls.twilio, Example("twilio", event, renewed), keys.twilio)
    return Parcel(kind, request, {mark: content_hash(_as_detail(renewed))})


def _stream(kind: Kind, mark: str, urls: Urls, keys: Keys) -> Parcel:
    events = [
        {"specversion": "1.0", "id": f"EZ{mark}.{number}", "type": "com.twilio.x", MARK: f"{mark}.{number}", "data": {}}
        for number in range(STREAM_EVENTS)
    ]
    body = json.dumps(events, separators=(",", ":")).encode()
    request = twilio_request(urls.twilio, Example("twilio", "event-stream", body), keys.twilio)
    return Parcel(kind, request, {str(event[MARK]): content_hash(event) for event in events})


def _padded(mark: str, random: Random, kind: Kind) -> dict[str, Any]:
    content = _octokit("push") | {MARK: mark}
    size = {"near the limit": NEAR_BYTES, "over the limit": OVER_BYTES}.get(kind, random.randrange(10_000))
    commit = {"id": "0" * 40, "message": 'ÄÖ \\" \t' + "x" * 200, "added": ["a/b.py"], "distinct": True, "n": 1.50}
    each = len(json.dumps(commit, ensure_ascii=False).encode())
    return content | {"commits": [commit | {"n": number} for number in range(size // each)]}


def _as_detail(form: Form) -> dict[str, object]:
    detail: dict[str, object] = {}
    for name, value in form:
        before = detail.get(name)
        detail[name] = [*before, value] if isinstance(before, list) else value if before is None else [before, value]
    return detail


@cache
def _octokit(event: str) -> dict[str, Any]:
    content = load_example("github", event).content
    assert isinstance(content, bytes)
    document: dict[str, Any] = json.loads(content)
    return document


@cache
def _twilio(event: str) -> Form:
    content = load_example("twilio", event).content
    assert not isinstance(content, bytes)
    return content
