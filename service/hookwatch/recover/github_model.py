"""GitHub's hooks and deliveries as its API tells them. Values only: never asks anybody anything.

Names and shapes are those of GitHub's published OpenAPI description (npm @octokit/openapi 23.0.2, read 2026-11-27);
what we do not use is left out, and unknown fields are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

# GitHub's description says that these are never null. One that is must not end the reading of a whole page, so msgspec
# takes it, and `Delivery.__post_init__` leaves what the readers' types say.
if TYPE_CHECKING:
    Text: TypeAlias = str
    Number: TypeAlias = int
    Seconds: TypeAlias = float
else:
    Text, Number, Seconds = str | None, int | None, float | None

OK = "OK"
"""The `status` of a delivery that succeeded; every other text is a failure. `status_code` cannot be used for that: the
server's own filter `status=failure` means 400 to 599 and misses what never connected."""

APP_HOOK = 0
"""Stands for the id of a GitHub App's one hook, which its API does not tell."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where hooks live: a repository, an organization, or the GitHub App that signs the request.

    Attributes:
        kind: which of the three.
        name: `owner/repository` or the organization; empty for the App.
    """

    kind: Literal["repository", "organization", "app"]
    name: str = ""

    def __str__(self) -> str:
        """Readable, as in a sentence."""
        return "the App" if self.kind == "app" else f"the {self.kind} {self.name}"

    def hooks(self) -> str:
        """The path of the hooks."""
        match self.kind:
            case "repository":
                return f"/repos/{self.name}/hooks"
            case "organization":
                return f"/orgs/{self.name}/hooks"
            case "app":
                return "/app/hook"

    def hook(self, hook_id: int) -> str:
        """The path of one hook."""
        return self.hooks() if self.kind == "app" else f"{self.hooks()}/{hook_id}"


class HookConfig(msgspec.Struct, frozen=True):
    """How a hook delivers. Its secret is never told: GitHub answers `********`."""

    url: str = ""
    content_type: str = "form"
    insecure_ssl: str | int = "0"
    secret: str = ""


class Hook(msgspec.Struct, frozen=True):
    """One hook."""

    id: int
    config: HookConfig
    active: bool = True
    events: tuple[str, ...] = ()
    type: str = ""


class Delivery(msgspec.Struct, frozen=True):
    """One attempt to deliver, as the list of deliveries has it. A redelivery is a new one of the same `guid`."""

    id: int
    guid: str
    delivered_at: datetime
    redelivery: bool
    status: Text
    status_code: Number
    event: str
    action: str | None = None
    duration: Seconds = 0.0
    installation_id: int | None = None
    repository_id: int | None = None
    throttled_at: datetime | None = None

    def __post_init__(self) -> None:
        """Read null as nothing said: no text, no status, no time."""
        for name, nothing in (("status", ""), ("status_code", 0), ("duration", 0.0)):
            if getattr(self, name) is None:
                msgspec.structs.force_setattr(self, name, nothing)

    @property
    def order(self) -> tuple[datetime, int]:
        """Its place among others: moments are told in whole seconds, so the id decides within one."""
        return self.delivered_at, self.id

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.status == OK


class Sent(msgspec.Struct, frozen=True):
    """What was sent. The payload stays text as the API wrote it: numbers and order are part of a signature."""

    headers: dict[str, Any] | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")

    def __repr__(self) -> str:
        """Only that there is one: a payload has no place in a log."""
        return "Sent(...)"


class Answered(msgspec.Struct, frozen=True):
    """What was answered; no headers and no payload where nobody did."""

    headers: dict[str, Any] | None = None
    payload: str | None = None


class DeliveryDetail(Delivery, frozen=True):
    """One attempt with what was sent and what was answered."""

    url: str = ""
    request: Sent = Sent()
    response: Answered = Answered()


class Repository(msgspec.Struct, frozen=True):
    """A repository's id and full name."""

    id: int
    full_name: str = ""
