"""Reads what GitHub knows of some hooks' deliveries. Never redelivers, and never decides what is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hookwatch.recover.github_errors import INVALID, NOT_FOUND, UNAVAILABLE, UNREACHABLE
from hookwatch.recover.github_model import Repository  # noqa: TC001 - msgspec reads it at run time
from hookwatch.recover.github_plan import Plan, Verdict
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import Delivery, Hook, Scope

WEIGHED_CAUSES = frozenset({"server_error", "refused", "unknown"})
"""A body over Lambda's limit may be answered by a status that says nothing of its size (facts: 413 is not certain)."""

UNREADABLE = frozenset({NOT_FOUND, INVALID, UNAVAILABLE, UNREACHABLE})
"""Problems of one delivery's details, which never hold up the others; a limit, a key or a permission is everybody's."""


class _Payload(msgspec.Struct):
    repository: Repository


def read_deliveries(
    github: GitHub,
    scope: Scope,
    hooks: Iterable[int],
    since: datetime,
    progress: Callable[[int, Sequence[Delivery]], None] = lambda _hook, _page: None,
) -> dict[int, list[Delivery]] | Problem:
    """The deliveries of some hooks since a moment.

    Args:
        github: the API.
        scope: where the hooks live.
        hooks: their ids.
        since: how far back.
        progress: told of every page.
    """
    found: dict[int, list[Delivery]] = {}
    for hook_id in hooks:
        found[hook_id] = []
        for page in github.deliveries(scope, hook_id, since):
            if isinstance(page, Problem):
                return page
            found[hook_id] += (each for each in page if each.delivered_at >= since)
            progress(hook_id, page)
    return found


def weigh(github: GitHub, scope: Scope, plan: Plan, limit: int) -> dict[int, int] | Problem:
    """Bytes of the bodies that a redelivery has failed for once already, without saying why.

    A first redelivery costs less than looking at every payload; a second one without looking would be blind. What
    cannot be read stays unweighed: the cap of attempts ends it all the same.

    Args:
        github: the API.
        scope: where the hooks live.
        plan: what would be redelivered.
        limit: how many to look at, at most.
    """
    sizes: dict[int, int] = {}
    doubtful = [item for item in plan.of(Verdict.RETRY) if item.redeliveries and item.cause.name in WEIGHED_CAUSES]
    for item in doubtful[:limit]:
        detail = github.delivery(scope, item.hook_id, item.delivery.id)
        if isinstance(detail, Problem):
            if detail.code in UNREADABLE:
                continue
            return detail
        sizes[item.delivery.id] = len(bytes(detail.request.payload))
    return sizes


def repository_ids(
    github: GitHub, scope: Scope, names: Iterable[str], deliveries: dict[int, list[Delivery]]
) -> frozenset[int] | Problem:
    """The ids of repositories that were named; a number is an id already.

    An App's key opens only the App's own paths, so there the names are read from payloads: one for each repository.
    """
    ids: set[int] = set()
    for name in names:
        if name.isascii() and name.isdigit():
            ids.add(int(name))
            continue
        found = _in_payloads(github, scope, name, deliveries) if scope.kind == "app" else github.repository(name)
        if isinstance(found, Problem):
            return found
        ids.add(found.id)
    return frozenset(ids)


def choose_hooks(hooks: Sequence[Hook], wanted: int | None, our_url: str | None, scope: Scope) -> list[int] | Problem:
    """The hooks that are meant: the one that was named, or those that point to our URL.

    Never another system's, even if it is the only one: that is ours only where nobody knows our URL.

    Args:
        hooks: all hooks of the scope.
        wanted: the id that was named; None if none was.
        our_url: the stack's Function URL; None if it is not known.
        scope: where the hooks live.
    """
    if wanted is not None:
        if any(each.id == wanted for each in hooks):
            return [wanted]
        return Problem(f"{scope} has no hook {wanted}: {_listed(hooks)}")
    if not hooks:
        return Problem(f"{scope} has no hook, or this token may not see it")
    if our_url:
        ours = [each.id for each in hooks if each.config.url.rstrip("/") == our_url.rstrip("/")]
        return ours or Problem(
            f"no hook of {scope} points to {our_url}: where another address stands in front of it, name the hook with "
            f"--hook, for the sweeper with SweeperHookId; {_listed(hooks)}"
        )
    if len(hooks) == 1:
        return [hooks[0].id]
    return Problem(f"which hook of {scope}? Give --hook: {_listed(hooks)}")


def _listed(hooks: Sequence[Hook]) -> str:
    return "there are " + ", ".join(f"{each.id} ({each.config.url})" for each in hooks) if hooks else "there is none"


def _in_payloads(
    github: GitHub, scope: Scope, name: str, deliveries: dict[int, list[Delivery]]
) -> Repository | Problem:
    newest = {
        each.repository_id: (hook, each.id) for hook, found in deliveries.items() for each in found if not each.ok
    }
    for repository_id, (hook_id, delivery_id) in newest.items():
        if repository_id is None:
            continue
        detail = github.delivery(scope, hook_id, delivery_id)
        if isinstance(detail, Problem):
            if detail.code in UNREADABLE:
                continue
            return detail
        try:
            found = msgspec.json.decode(detail.request.payload, type=_Payload).repository
        except msgspec.MsgspecError:
            continue
        if found.full_name.lower() == name.lower():
            return found
    return Problem(f"no failed delivery is of the repository {name}", found=True)
