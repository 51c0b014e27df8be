"""GitHub's hooks and deliveries, of repositories, organizations and Apps. Never decides what to redeliver.

The three families have the same shapes and differ in their paths (facts: GitHub's OpenAPI description, npm
@octokit/openapi 23.0.2, read 2026-11-27). Everything ends in a value or in a `Problem` that says what to do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from hookwatch.recover.github_errors import INVALID
from hookwatch.recover.github_model import (
    APP_HOOK,
    Delivery,
    DeliveryDetail,
    Hook,
    HookConfig,
    Repository,
    Scope,
)
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from hookwatch.recover.github_http import Answer, Api

PER_PAGE = 100
"""The most that a page holds."""

_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="next"')

Shape = TypeVar("Shape")


class GitHub:
    """The part of GitHub's API that webhooks need."""

    def __init__(self, api: Api) -> None:
        """Make it on something that answers requests."""
        self._api = api

    def hooks(self, scope: Scope) -> tuple[Hook, ...] | Problem:
        """All hooks of a repository or an organization; an App's one hook, whose id its API does not tell."""
        if scope.kind == "app":
            config = self.config(scope, APP_HOOK)
            return config if isinstance(config, Problem) else (Hook(id=APP_HOOK, config=config, type="App"),)
        found: list[Hook] = []
        page = 1
        while True:
            what = f"the hooks of {scope}"
            answer = self._api.ask("GET", scope.hooks(), what=what, query={"per_page": PER_PAGE, "page": page})
            hooks = _read(answer, tuple[Hook, ...], what)
            if isinstance(hooks, Problem):
                return hooks
            found += hooks
            if isinstance(answer, Problem) or _next(answer.headers) is None:
                return tuple(found)
            page += 1

    def hook(self, scope: Scope, hook_id: int) -> Hook | Problem:
        """One hook."""
        if scope.kind == "app":
            hooks = self.hooks(scope)
            return hooks if isinstance(hooks, Problem) else hooks[0]
        return self._get(scope.hook(hook_id), Hook, _hook(scope, hook_id))

    def config(self, scope: Scope, hook_id: int) -> HookConfig | Problem:
        """How a hook delivers."""
        return self._get(f"{scope.hook(hook_id)}/config", HookConfig, f"the configuration of {_hook(scope, hook_id)}")

    def change_config(self, scope: Scope, hook_id: int, changes: Mapping[str, str]) -> HookConfig | Problem:
        """Change some of how a hook delivers, such as its `secret`; what is not named stays as it is."""
        what = f"a change of the configuration of {_hook(scope, hook_id)}"
        answer = self._api.ask(
            "PATCH", f"{scope.hook(hook_id)}/config", what=what, body=msgspec.json.encode(dict(changes))
        )
        return _read(answer, HookConfig, what)

    def ping(self, scope: Scope, hook_id: int) -> Problem | None:
        """Have GitHub send a ping; an App's hook has no such endpoint."""
        if scope.kind == "app":
            return Problem(
                "GitHub has no ping for an App's hook: redeliver one of its deliveries instead", code=INVALID
            )
        answer = self._api.ask("POST", f"{scope.hook(hook_id)}/pings", what=f"a ping of {_hook(scope, hook_id)}")
        return answer if isinstance(answer, Problem) else None

    def deliveries(
        self, scope: Scope, hook_id: int, since: datetime | None = None
    ) -> Iterator[tuple[Delivery, ...] | Problem]:
        """The deliveries of a hook, newest first, page by page until all of a page are older than `since`.

        A page may be short or empty and still have a next one; one that leads to itself ends the reading. No filter of
        the server's is used: its `status=failure` misses what never connected.
        """
        what = f"the deliveries of {_hook(scope, hook_id)}"
        seen: set[str] = set()
        cursor: str | None = ""
        while cursor is not None and cursor not in seen:
            seen.add(cursor)
            query: dict[str, str | int] = {"per_page": PER_PAGE, **({"cursor": cursor} if cursor else {})}
            answer = self._api.ask("GET", f"{scope.hook(hook_id)}/deliveries", what=what, query=query)
            page = _read(answer, tuple[Delivery, ...], what)
            yield page
            if isinstance(page, Problem) or isinstance(answer, Problem):
                return
            if page and since is not None and all(each.delivered_at < since for each in page):
                return
            cursor = _next(answer.headers)

    def delivery(self, scope: Scope, hook_id: int, delivery_id: int) -> DeliveryDetail | Problem:
        """One delivery with what was sent and answered."""
        what = f"delivery {delivery_id} of {_hook(scope, hook_id)}"
        return self._get(f"{scope.hook(hook_id)}/deliveries/{delivery_id}", DeliveryDetail, what)

    def redeliver(self, scope: Scope, hook_id: int, delivery_id: int) -> Problem | None:
        """Have GitHub deliver again; accepted is not yet delivered."""
        answer = self._api.ask(
            "POST",
            f"{scope.hook(hook_id)}/deliveries/{delivery_id}/attempts",
            what=f"a redelivery of delivery {delivery_id} of {_hook(scope, hook_id)}",
        )
        return answer if isinstance(answer, Problem) else None

    def repository(self, name: str) -> Repository | Problem:
        """A repository by its full name."""
        return self._get(f"/repos/{name}", Repository, f"the repository {name}")

    def _get(self, path: str, shape: type[Shape], what: str) -> Shape | Problem:
        return _read(self._api.ask("GET", path, what=what), shape, what)


def _hook(scope: Scope, hook_id: int) -> str:
    return "the App's hook" if scope.kind == "app" else f"hook {hook_id} of {scope}"


def _read(answer: Answer | Problem, shape: type[Shape], what: str) -> Shape | Problem:
    if isinstance(answer, Problem):
        return answer
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return Problem(
            f"the answer for {what} is not what GitHub's API answers: is GITHUB_API_URL the address of an API?",
            code=INVALID,
        )


def _next(headers: Mapping[str, str]) -> str | None:
    """The cursor (or the number) of the next page; None on the last one."""
    link = _NEXT.search(headers.get("link", ""))
    if link is None:
        return None
    query = parse_qs(urlsplit(link[1]).query)
    return next(iter(query.get("cursor", query.get("page", ()))), None)
