"""GitHub's side: the hook that leads here, how it delivers, and what became of its last deliveries.

Changes nothing at GitHub, sends no ping, and asks it only with credentials that the caller brought.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hookwatch.doctor.finding import fail, ok, skip, unseen, warn
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place
    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import Delivery, Hook, Scope

SIDE = "github side"
LAST = 30
"""So many of the newest deliveries are looked at: an hour of a busy repository, a week of a quiet one."""

SETTINGS = "the hook's page in GitHub's settings"


def github_side(github: GitHub | Problem | None, scope: Scope | None) -> Callable[[Place], Iterator[Finding]]:
    """The check of one repository's, organization's or App's hooks; None where nobody said whose."""

    def check(place: Place) -> Iterator[Finding]:
        if "github" not in place.providers():
            return
        if github is None or scope is None:
            yield skip(SIDE, "nobody said whose hook", "give --repo OWNER/NAME, --org NAME or --app, and a token")
            return
        if isinstance(github, Problem):
            yield unseen(SIDE, github)
            return
        hooks = github.hooks(scope)
        if isinstance(hooks, Problem):
            yield unseen(SIDE, hooks)
            return
        here = [hook for hook in hooks if _same(hook.config.url, place.url("github"))]
        if not here:
            others = ", ".join(hook.config.url for hook in hooks) or "it has none"
            yield fail(
                SIDE,
                f"no hook of {scope} leads to {place.url('github')}: {others}",
                "make one with that URL and content type application/json, or deploy behind the URL that it has",
            )
            return
        for hook in here:
            yield from _hook(github, scope, hook)

    return check


def _hook(github: GitHub, scope: Scope, hook: Hook) -> Iterator[Finding]:
    name = "hook of the App" if scope.kind == "app" else f"hook {hook.id}"
    if hook.active:
        events = f", for {', '.join(hook.events)}" if hook.events else ""
        yield ok(name, f"active{events}")
    else:
        yield fail(name, "it is switched off: GitHub delivers nothing", f"tick Active on {SETTINGS}")
    if hook.config.content_type == "json":
        yield ok(f"{name} content", "application/json")
    else:
        sentence = "form: it verifies too, but every payload is a third larger, and nearer to the limits"
        yield warn(f"{name} content", sentence, f"choose application/json on {SETTINGS}")
    if str(hook.config.insecure_ssl) == "0":
        yield ok(f"{name} TLS", "certificates are verified")
    else:
        yield fail(
            f"{name} TLS", "certificates are not verified: anybody on the way can read it", f"enable it on {SETTINGS}"
        )
    if hook.config.secret:
        yield ok(f"{name} secret", "it has one")
    else:
        yield fail(
            f"{name} secret",
            "it has none, so no delivery is signed and each is refused with 401",
            "hookwatch secret rotate github gives it one",
        )
    yield _deliveries(github, scope, hook, f"{name} deliveries")


def _deliveries(github: GitHub, scope: Scope, hook: Hook, name: str) -> Finding:
    page = next(github.deliveries(scope, hook.id))
    if isinstance(page, Problem):
        return unseen(name, page)
    newest = sorted(page, key=lambda each: each.order, reverse=True)[:LAST]
    if not newest:
        return warn(name, "none within three days", "send a ping from the hook's page, or see runbooks/no-traffic.md")
    failed = _failed(newest)
    counted = ", ".join(
        f"{count} x {status}" for status, count in Counter(each.status for each in failed).most_common()
    )
    fix = "hookwatch redeliver github shows what failed, why, and what can be brought back"
    if newest[0].guid in {each.guid for each in failed}:
        return fail(name, f"the last one failed ({newest[0].status}); of the last {len(newest)}: {counted}", fix)
    if failed:
        return warn(name, f"{len(failed)} of the last {len(newest)} never arrived: {counted}", fix)
    return ok(name, f"the last {len(newest)} arrived")


def _failed(deliveries: list[Delivery]) -> list[Delivery]:
    """One attempt of each delivery of which none succeeded."""
    done = {each.guid for each in deliveries if each.ok}
    return list({each.guid: each for each in reversed(deliveries) if each.guid not in done}.values())


def _same(one: str, other: str) -> bool:
    """Whether two URLs are one address; a slash at the end makes no difference to a Function URL."""
    return bool(one) and one.partition("#")[0].rstrip("/") == other.rstrip("/")
