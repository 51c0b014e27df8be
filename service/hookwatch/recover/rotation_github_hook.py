"""A hook at GitHub, as a rotation needs it. Never decides; asks `github_api` and says what is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.rotation_hook import Recorded, Sent
from hookwatch.recover.rotation_stack import same_url

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import DeliveryDetail, Scope
    from hookwatch.recover.rotation import Key

SIGNATURE = "x-hub-signature-256"

MAX_PAGES = 50
"""Five thousand deliveries between two looks: more than GitHub would let us read in time."""


@dataclass(frozen=True, slots=True)
class GitHubHook:
    """One hook of a repository, an organization or an App."""

    github: GitHub
    scope: Scope
    hook_id: int

    @property
    def target(self) -> str:
        """What it is, always in the same words: version ids are made of them."""
        return "the hook of the App" if self.scope.kind == "app" else f"hook {self.hook_id} of {self.scope}"

    def check(self, url: str) -> Problem | None:
        """Whether the token works, the hook is there and active, and points to this URL."""
        hook = self.github.hook(self.scope, self.hook_id)
        if isinstance(hook, Problem):
            return hook
        if not same_url(hook.config.url, url):
            return Problem(
                f"{self.target} points to {hook.config.url}, and this stack's URL is {url}: name the right hook, the "
                "right --stack, or with --url what stands in front of the stack"
            )
        if not hook.active:
            return Problem(f"{self.target} is switched off, so nothing could prove its new secret: switch it on first")
        return None

    def tell(self, key: Key) -> Problem | None:
        """Have it sign with this key from now on; everything else of it stays as it is."""
        answer = self.github.change_config(self.scope, self.hook_id, {"secret": key.text})
        return answer if isinstance(answer, Problem) else None

    def ping(self) -> bool | Problem:
        """Have GitHub send a ping; False for an App's hook, which has no such endpoint."""
        if self.scope.kind == "app":
            return False
        return self.github.ping(self.scope, self.hook_id) or True

    def sent(self, known: Collection[int]) -> Sequence[Sent] | Problem:
        """Its deliveries down to the first page that holds a known one, newest first; one page if none is known.

        A busy hook fills several pages between two looks, and the ping may be on any of them.
        """
        found: list[Sent] = []
        for page in islice(self.github.deliveries(self.scope, self.hook_id), MAX_PAGES if known else 1):
            if isinstance(page, Problem):
                return page
            found += [Sent(each.id, each.guid, each.event) for each in page]
            if any(each.id in known for each in page):
                break
        return found

    def recorded(self, delivery_id: int) -> Recorded | Problem:
        """One delivery."""
        found = self.github.delivery(self.scope, self.hook_id, delivery_id)
        if isinstance(found, Problem):
            return found
        headers = {name.lower(): str(value) for name, value in (found.request.headers or {}).items()}
        return Recorded(found.guid, found.status_code, headers.get(SIGNATURE, ""), _bodies(found))


def _bodies(found: DeliveryDetail) -> tuple[bytes, ...]:
    """The payload in each spelling in which it may have been sent: as told, without blanks, and both as a form."""
    told = bytes(found.request.payload)
    spelt = tuple(dict.fromkeys((told, msgspec.json.format(told, indent=-1))))
    return (*spelt, *(urlencode({"payload": each.decode()}).encode() for each in spelt))
