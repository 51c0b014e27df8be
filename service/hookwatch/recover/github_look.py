"""From what is asked for to a plan: the hooks, their deliveries, what earlier runs did. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookwatch.recover.github_planner import make_plan
from hookwatch.recover.github_read import choose_hooks, read_deliveries, repository_ids, weigh
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import Delivery, Scope
    from hookwatch.recover.github_plan import Asked, Item, Key, Plan, Wanted

MAX_WEIGHED = 50
"""Payloads that are fetched to learn their size, at most; the others are looked at in the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Whose deliveries are looked at, and for what.

    Attributes:
        scope: where the hooks live.
        hook: the one that was named; None if none was.
        our_url: tells the stack's Function URL, if it can be known; only asked where no hook was named.
        wanted: what is asked for, told by GitHub's clock: a span counts back from its now.
        repositories: names or ids of the repositories that are wanted.
        memory: what earlier runs did.
        recall: reads what earlier runs did with these items, where that is not at hand beforehand.
        now_s: GitHub's clock.
        progress: told of every page of deliveries.
    """

    scope: Scope
    hook: int | None
    our_url: Callable[[], str | None]
    wanted: Callable[[datetime], Wanted | Problem]
    repositories: Sequence[str]
    memory: Mapping[Key, Asked]
    now_s: Callable[[], float]
    recall: Callable[[Sequence[Item]], Mapping[Key, Asked]] = lambda _items: {}
    progress: Callable[[int, Sequence[Delivery]], None] = lambda _hook, _page: None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen.

    Attributes:
        hooks: the ids of the hooks.
        plan: what would be done.
        at: when, by GitHub's clock.
    """

    hooks: tuple[int, ...]
    plan: Plan
    at: datetime


def look(github: GitHub, asked: Look) -> Looked | Problem:
    """Look once at everything and plan."""
    scope = asked.scope
    known = github.hooks(scope)
    if isinstance(known, Problem):
        return known
    # An App has one hook, which its key names, and GitHub's API does not tell its id.
    is_app = scope.kind == "app"
    our_url = None if is_app or asked.hook is not None else asked.our_url()
    hooks = choose_hooks(known, None if is_app else asked.hook, our_url, scope)
    if isinstance(hooks, Problem):
        return hooks
    now = datetime.fromtimestamp(asked.now_s(), UTC)
    wanted = asked.wanted(now)
    if isinstance(wanted, Problem):
        return wanted
    everything = now - wanted.retention
    since = everything if wanted.since is None else max(everything, wanted.since)
    found = read_deliveries(github, scope, hooks, since, asked.progress)
    if isinstance(found, Problem):
        return found
    if since > everything and any(item.truncated for item in make_plan(found, wanted, now, asked.memory).now):
        # How often something was tried already is only known with all of its attempts, and some lie before the window.
        found = read_deliveries(github, scope, hooks, everything, asked.progress)
        if isinstance(found, Problem):
            return found
    ids = repository_ids(github, scope, asked.repositories, found)
    if isinstance(ids, Problem):
        return ids
    wanted = replace(wanted, repositories=ids)
    plan = make_plan(found, wanted, now, asked.memory)
    memory = {**asked.recall(plan.items), **asked.memory}
    plan = make_plan(found, wanted, now, memory)
    sizes = weigh(github, scope, plan, MAX_WEIGHED)
    if isinstance(sizes, Problem):
        return sizes
    if sizes:
        plan = make_plan(found, wanted, now, memory, sizes)
    return Looked(tuple(hooks), plan, now)
