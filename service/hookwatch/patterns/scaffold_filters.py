"""What a user's words mean as filters: a branch, an action, a repository, somebody's own bot.

Never writes a pattern (see `scaffold`). Fields are looked up in `knowledge`, so a filter that an event's payload cannot
satisfy is refused here rather than found by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from hookwatch.patterns.knowledge import GITHUB, TWILIO, TWILIO_TYPE, Event, Field, github_event, github_events

_BRANCH = {
    "push": "ref",
    "create": "ref",
    "delete": "ref",
    "pull_request": "pull_request.base.ref",
    "pull_request_review": "pull_request.base.ref",
    "pull_request_review_comment": "pull_request.base.ref",
    "pull_request_review_thread": "pull_request.base.ref",
    "workflow_run": "workflow_run.head_branch",
    "workflow_job": "workflow_job.head_branch",
    "check_suite": "check_suite.head_branch",
    "check_run": "check_run.check_suite.head_branch",
    "deployment": "deployment.ref",
    "deployment_status": "deployment.ref",
    "merge_group": "merge_group.base_ref",
}
"""Where each event names a branch (docs.github.com/en/webhooks/webhook-events-and-payloads, facts read 2026-11)."""

_FULL_REFS = frozenset({"push", "merge_group"})
"""Events that write `refs/heads/main` where the others write `main`."""

_TWILIO: dict[str, tuple[str, list[tuple[str, list[Any]]]]] = {
    "message.inbound": ("From", [("SmsStatus", ["received"]), ("MessageStatus", [{"exists": False}])]),
    "message.status": ("To", [("MessageStatus", ["failed", "undelivered"])]),
    "call.inbound": ("From", [("CallStatus", ["ringing"]), ("Direction", ["inbound"])]),
    "call.status": ("To", [("CallStatus", ["busy", "failed", "no-answer", "canceled"])]),
}
"""The number that `--not-by` refuses, and the parameters that tell the kinds of Twilio webhooks apart (facts of the
loops L10 and L11, measured 2026-11; www.twilio.com/docs/voice/api/call-resource, read 2026-11-22)."""

_OTHER_NUMBER = "+15550100"
_STRANGER = "octocat"


class ScaffoldError(ValueError):
    """The rule cannot be drafted; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    provider: str
    event: str
    branches: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    name: str | None = None
    bus: str = "default"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the payload.

    Attributes:
        path: below `detail`.
        entries: what stands in the pattern's array.
        example: a value for the sample event; None takes what the matcher proposes.
        refused: values that must not match, with what they are.
    """

    path: str
    entries: list[Any]
    example: Any = None
    refused: list[tuple[str, Any]] = field(default_factory=list)


def filters(wish: Wish) -> tuple[str, str, list[Filter]]:
    """Give source, detail-type and the filters of the payload.

    Raises:
        ScaffoldError: as `scaffold.draft`.
    """
    match wish.provider:
        case "github":
            event = github_event(wish.event)
            if event is None:
                raise ScaffoldError(f"GitHub has no event {wish.event!r}{_near(wish.event, github_events())}")
            return GITHUB, event.name, _github(wish, event)
        case "twilio":
            if wish.event not in _TWILIO:
                raise ScaffoldError(f"Twilio sends no {wish.event!r} here; known are {', '.join(_TWILIO)}")
            return TWILIO, TWILIO_TYPE, _twilio(wish)
        case other:
            raise ScaffoldError(f"there is no provider {other!r}; known are github and twilio")


def _github(wish: Wish, event: Event) -> list[Filter]:
    found = [*_actions(wish, event), *_branches(wish, event)]
    if event.name == "push":
        found.append(Filter("deleted", [False], refused=[("the branch is deleted", True)]))
    if wish.repositories:
        _needs(event, "repository.full_name", "--repository")
        other = (
            [("another repository", "octocat/hello-world")] if "octocat/hello-world" not in wish.repositories else []
        )
        found.append(Filter("repository.full_name", list(wish.repositories), wish.repositories[0], other))
    if wish.not_by:
        path = "pusher.name" if event.name == "push" else "sender.login"
        _needs(event, path, "--not-by")
        refused = [(f"caused by {login}", login) for login in wish.not_by]
        stranger = next(name for name in (_STRANGER, "hubot", "somebody-else", "x") if name not in wish.not_by)
        found.append(Filter(path, [{"anything-but": list(wish.not_by)}], stranger, refused))
    return found


def _actions(wish: Wish, event: Event) -> list[Filter]:
    if event.actions is None:
        if wish.actions:
            raise ScaffoldError(f"{event.name} has no action; leave --action out")
        return []
    for action in wish.actions:
        if event.actions and action not in event.actions:
            raise ScaffoldError(f"{event.name} has no action {action!r}{_near(action, event.actions)}")
    actions = list(wish.actions or event.actions)
    if not actions:
        raise ScaffoldError(f"the action of {event.name} is any text that its sender chooses: name it with --action")
    others = [action for action in event.actions if action not in actions]
    return [Filter("action", actions, actions[0], [(f"the action {others[0]}", others[0])] if others else [])]


def _branches(wish: Wish, event: Event) -> list[Filter]:
    if not wish.branches:
        return []
    path = _BRANCH.get(event.name)
    if path is None:
        raise ScaffoldError(f"{event.name} names no branch; --branch goes with {', '.join(_BRANCH)}")
    _needs(event, path, "--branch")
    lead = "refs/heads/" if event.name in _FULL_REFS else ""
    refs = [name if name.startswith("refs/") else lead + name for name in wish.branches]
    other = next(lead + name for name in ("other", "another", "yet-another") if lead + name not in refs)
    return [Filter(path, list(refs), refs[0], [("another branch", other)])]


def _needs(event: Event, path: str, option: str) -> None:
    """Refuse a filter on what the payload has not got, or only has as an object."""
    found = event.field(path)
    if found == "unknown" or (isinstance(found, Field) and not found.kinds):
        raise ScaffoldError(f"the payload of {event.name} has no {path}, so {option} would match nothing")


def _twilio(wish: Wish) -> list[Filter]:
    for given, option in ((wish.branches, "--branch"), (wish.repositories, "--repository"), (wish.actions, "--action")):
        if given:
            raise ScaffoldError(f"{option} is for GitHub; Twilio's webhooks have no such thing")
    number, wanted = _TWILIO[wish.event]
    found = [Filter(path, entries) for path, entries in wanted]
    if wish.not_by:
        refused = [(f"{number} is {one}", one) for one in wish.not_by]
        stranger = next(one for one in (_OTHER_NUMBER, "+15550101", "+15550102") if one not in wish.not_by)
        found.append(Filter(number, [{"anything-but": list(wish.not_by)}], stranger, refused))
    return found


def _near(text: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(text, known, 3, 0.5)
    return f"; {' or '.join(near)} is meant?" if near else f"; known are {', '.join(known)}"
