"""What the fake GitHub knows: hooks, deliveries, who may do what. Values and their JSON; never sends and never listens.

Fields are those of GitHub's published OpenAPI examples (npm @octokit/openapi 23.0.2); a contract test holds the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from hookwatch.sender.signing import sign_github

Kind = Literal["repository", "organization", "app"]
MASKED = "********"
OK = "OK"


@dataclass(slots=True)
class FakeHook:
    """One hook, changeable as its owner changes it.

    Attributes:
        id: its id, unique over all.
        kind: what it belongs to.
        owner: `owner/repository`, the organization, or the App's id.
        url: where it delivers.
        secret: what it signs with; empty for a hook without.
        content_type: json or form.
        events: what it subscribes to; `*` for everything.
        target_id: the id of the repository, organization or App.
    """

    id: int
    kind: Kind
    owner: str
    url: str
    secret: str = field(default="", repr=False)
    content_type: str = "json"
    insecure_ssl: str = "0"
    events: tuple[str, ...] = ("*",)
    active: bool = True
    target_id: int = 1

    def config(self) -> dict[str, str]:
        """How it delivers, as the API tells it."""
        told = {"content_type": self.content_type, "insecure_ssl": self.insecure_ssl, "url": self.url}
        return {**told, "secret": MASKED} if self.secret else told

    def document(self, base: str) -> dict[str, Any]:
        """The hook as the API tells it.

        Args:
            base: the hook's own address.
        """
        told: dict[str, Any] = {
            "type": "Repository" if self.kind == "repository" else "Organization",
            "id": self.id,
            "name": "web",
            "active": self.active,
            "events": list(self.events),
            "config": self.config(),
            "updated_at": "2019-06-03T00:57:16Z",
            "created_at": "2019-06-03T00:57:16Z",
            "url": base,
            "ping_url": f"{base}/pings",
            "deliveries_url": f"{base}/deliveries",
        }
        if self.kind == "repository":
            unused = {"code": None, "status": "unused", "message": None}
            told |= {"test_url": f"{base}/test", "last_response": unused}
        return told


@dataclass(frozen=True, slots=True)
class Posted:
    """How the hook's URL answered.

    Attributes:
        status: `OK`, or what went wrong in words.
        status_code: the HTTP status; 0 where nobody answered (our guess: GitHub does not document it).
        headers: the answer's headers.
        body: the answer's text.
        duration_s: how long it took.
    """

    status: str = OK
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    duration_s: float = 0.1


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on GitHub: the same for every hook that hears of it.

    Attributes:
        guid: shared by all its deliveries.
        name: the event.
        action: its action, if it has one.
        payload: JSON.
        repository_id: where it happened.
        installation_id: the App installation, if any.
    """

    guid: str
    name: str
    action: str | None = None
    payload: bytes = b'{"action":"opened","issue":{"body":"foo"},"repository":{"id":123}}'
    repository_id: int | None = 123
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One delivery as it is kept."""

    id: int
    event: Event
    delivered_at_s: float
    posted: Posted
    redelivery: bool
    url: str
    request_headers: dict[str, str]

    def summary(self) -> dict[str, Any]:
        """The delivery as the list tells it."""
        return {
            "id": self.id,
            "guid": self.event.guid,
            "delivered_at": iso(self.delivered_at_s),
            "redelivery": self.redelivery,
            "duration": round(self.posted.duration_s, 2),
            "status": self.posted.status,
            "status_code": self.posted.status_code,
            "event": self.event.name,
            "action": self.event.action,
            "installation_id": self.event.installation_id,
            "repository_id": self.event.repository_id,
            "throttled_at": None,
        }

    def detail(self) -> dict[str, Any]:
        """The delivery as it is told alone, with what was sent and answered."""
        return {
            **self.summary(),
            "url": self.url,
            "request": {"headers": self.request_headers, "payload": msgspec.Raw(self.event.payload)},
            "response": {"headers": self.posted.headers, "payload": self.posted.body},
        }


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may.

    Attributes:
        owners: repositories and organizations whose hooks it sees; all others do not exist for it.
        may_write: whether it may change and redeliver.
        may_read: whether it may list deliveries.
    """

    owners: frozenset[str]
    may_write: bool = True
    may_read: bool = True


def request_headers(hook: FakeHook, event: Event, body: bytes) -> dict[str, str]:
    """The headers that GitHub sends."""
    target = "integration" if hook.kind == "app" else hook.kind
    form = hook.content_type == "form"
    return {
        "Accept": "*/*",
        "User-Agent": "GitHub-Hookshot/b8c71d8",
        "content-type": "application/x-www-form-urlencoded" if form else "application/json",
        "X-GitHub-Delivery": event.guid,
        "X-GitHub-Event": event.name,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.target_id),
        "X-GitHub-Hook-Installation-Target-Type": target,
        **(sign_github(body, hook.secret) if hook.secret else {}),
    }


def iso(at_s: float) -> str:
    """A moment as GitHub writes it."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
