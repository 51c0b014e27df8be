"""What acting on GitHub or Twilio brings back as webhooks: a table of effects.

Never judges. Each row says which events come back and what they are sure to hold; everything else of them is unknown.
Facts: docs.github.com/en/webhooks/webhook-events-and-payloads and the loops measured in November 2026 with
octokit's examples; www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks (read 2026-11-22).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from hookwatch.patterns.emissions import ABSENT, PRESENT, Bus, Emission, Holds
from hookwatch.patterns.knowledge import GITHUB, TWILIO, TWILIO_TYPE
from hookwatch.patterns.matchers import Constant, Exists, Matcher, Text

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: what GitHub and Twilio will say about the sender. None is not declared, so unknown."""

    login: str | None = None
    kind: str | None = None
    app: str | None = None
    numbers: tuple[str, ...] = ()
    to: tuple[str, ...] = ()


Fields: TypeAlias = "dict[str, Holds]"
_Row: TypeAlias = "tuple[str, str, Callable[[Actor], list[tuple[str, Fields]]]]"

_SENT = ("accepted", "queued", "sending", "sent", "delivered", "undelivered", "failed", "read")
_CALLED = ("queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")

DECLARE_ACTOR = "declare who acts (`as: {app: SLUG}` or `as: {user: LOGIN}`), so that a filter on the sender can count"
DECLARE_NUMBERS = "declare the numbers (`as: {from: NUMBER, to: NUMBER}`), so that a filter on them can count"


def texts(*values: str) -> tuple[Matcher, ...]:
    """Any of these strings."""
    return tuple(Text(value) for value in values)


def _who(actor: Actor, *paths: str) -> Fields:
    """The sender, and other fields that name the same account."""
    found: Fields = {}
    for path in ("sender", *paths):
        if actor.login:
            found[f"{path}.login"] = texts(actor.login)
        if actor.kind:
            found[f"{path}.type"] = texts(actor.kind)
    return found


def _comment(actor: Actor) -> list[tuple[str, Fields]]:
    fields = {"action": texts("created"), **_who(actor, "comment.user")}
    if actor.app:
        fields["comment.performed_via_github_app"] = ABSENT  # an object, so the field itself has no scalar
    return [("issue_comment", fields)]


def _push(actor: Actor) -> list[tuple[str, Fields]]:
    pusher: Fields = {"pusher.name": texts(actor.login)} if actor.login else {}
    return [
        ("push", {"deleted": (Constant(False),), **_who(actor), **pusher}),
        ("pull_request", {"action": texts("synchronize"), **_who(actor)}),
    ]


def _check_run(actor: Actor) -> list[tuple[str, Fields]]:
    app: Fields = {"check_run.app.slug": texts(actor.app)} if actor.app else {}
    suite: Fields = {"check_suite.app.slug": texts(actor.app)} if actor.app else {}
    return [("check_run", {**_who(actor), **app}), ("check_suite", {**_who(actor), **suite})]


def _workflow(actor: Actor) -> list[tuple[str, Fields]]:
    started = texts("workflow_dispatch", "repository_dispatch")
    run = {"action": texts("requested", "in_progress", "completed"), "workflow_run.event": started, **_who(actor)}
    return [("workflow_run", run), ("workflow_dispatch", _who(actor)), ("workflow_job", _who(actor))]


def _plain(event: str, *actions: str, also: tuple[str, ...] = ()) -> Callable[[Actor], list[tuple[str, Fields]]]:
    def rows(actor: Actor) -> list[tuple[str, Fields]]:
        action: Fields = {"action": texts(*actions)} if actions else {}
        return [(event, {**action, **_who(actor, *also)})]

    return rows


def _labels(actor: Actor) -> list[tuple[str, Fields]]:
    fields: Fields = {"action": texts("labeled", "unlabeled"), **_who(actor)}
    return [("issues", fields), ("pull_request", fields)]


def _merge(actor: Actor) -> list[tuple[str, Fields]]:
    return [("pull_request", {"action": texts("closed"), **_who(actor)}), *_push(actor)[:1]]


GITHUB_EFFECTS: dict[str, _Row] = {
    "github.comment": ("comments on the issue", "issue_comment", _comment),
    "github.push": ("pushes to the branch", "push", _push),
    "github.review": (
        "reviews the pull request",
        "pull_request_review",
        _plain("pull_request_review", "submitted", also=("review.user",)),
    ),
    "github.check_run": ("creates a check run", "check_run", _check_run),
    "github.status": ("sets a commit status", "status", _plain("status")),
    "github.deployment": (
        "creates a deployment",
        "deployment",
        _plain("deployment", "created", also=("deployment.creator",)),
    ),
    "github.deployment_status": (
        "sets a deployment status",
        "deployment_status",
        _plain("deployment_status", "created", also=("deployment_status.creator",)),
    ),
    "github.label_issue": ("labels the issue", "issues", _labels),
    "github.assign": ("assigns the issue", "issues", _plain("issues", "assigned", "unassigned")),
    "github.close_issue": ("closes the issue", "issues", _plain("issues", "closed", "reopened")),
    "github.edit_issue": ("edits the issue", "issues", _plain("issues", "edited")),
    "github.open_issue": ("opens an issue", "issues", _plain("issues", "opened", also=("issue.user",))),
    "github.label": ("changes the labels of a repository", "label", _plain("label", "created", "edited", "deleted")),
    "github.dispatch_workflow": ("dispatches a workflow", "workflow_run", _workflow),
    "github.open_pull_request": (
        "opens a pull request",
        "pull_request",
        _plain("pull_request", "opened", also=("pull_request.user",)),
    ),
    "github.merge": ("merges the pull request", "pull_request", _merge),
    "github.release": (
        "publishes a release",
        "release",
        _plain("release", "created", "published", "released", "prereleased"),
    ),
    "github.create_branch": ("creates a branch or tag", "create", _plain("create")),
}
"""Name, the same in words, the event that a reader expects first, and the rows."""

TWILIO_EFFECTS = {
    "twilio.reply": "answers the SMS",
    "twilio.send": "sends an SMS",
    "twilio.call": "makes a call",
}
REDELIVER = "redeliver"
REDELIVER_WORDS = "redelivers failed deliveries"


def names() -> dict[str, str]:
    """Give every effect's name and its words."""
    return {**{name: row[0] for name, row in GITHUB_EFFECTS.items()}, **TWILIO_EFFECTS, REDELIVER: REDELIVER_WORDS}


def find(text: str) -> str | None:
    """Find an effect by its name or its words."""
    wanted = " ".join(text.lower().split())
    return next((name for name, words in names().items() if wanted in (name, words.lower())), None)


def effect(name: str, who: str, actor: Actor, bus: Bus | None, detail: Fields) -> list[Emission]:
    """Give the emissions of one effect; `detail` states more fields, by their path below `detail`."""
    if name == REDELIVER:
        label = f"{who} {REDELIVER_WORDS}: the same event again"
        return [Emission(label, bus, copies=True, origin="effect", decidable=False)]
    if name in TWILIO_EFFECTS:
        return _twilio(name, who, actor, bus, detail)
    words, _, rows = GITHUB_EFFECTS[name]
    advice = "" if actor.login else DECLARE_ACTOR
    return [
        _emission(f"{who} {words}: GitHub sends {event}", bus, (GITHUB, event), {**fields, **detail}, advice)
        for event, fields in rows(actor)
    ]


def _twilio(name: str, who: str, actor: Actor, bus: Bus | None, detail: Fields) -> list[Emission]:
    advice = "" if actor.numbers or actor.to else DECLARE_NUMBERS
    words = TWILIO_EFFECTS[name]
    own: Holds = texts(*actor.numbers) if actor.numbers else PRESENT
    to: Holds = texts(*actor.to) if actor.to else PRESENT

    def row(what: str, fields: Fields) -> Emission:
        return _emission(f"{who} {words}: {what}", bus, (TWILIO, TWILIO_TYPE), {**fields, **detail}, advice)

    if name == "twilio.call":
        status: Fields = {"CallStatus": texts(*_CALLED), "From": own, "To": to, **_kind("call.status", "call.inbound")}
        return [row("Twilio reports the call", status)]
    callback: Fields = {
        "MessageStatus": texts(*_SENT),
        "SmsStatus": texts(*_SENT),
        "From": own,
        "To": to,
        "Body": ABSENT,
        **_kind("message.status"),
    }
    inbound: Fields = {
        "SmsStatus": texts("received"),
        "MessageStatus": ABSENT,
        "Body": PRESENT,
        **_kind("message.inbound"),
    }
    found = [row("Twilio reports its status", callback)]
    if name == "twilio.reply":
        found.append(row("one of our own numbers receives it", {**inbound, "From": own}))
        answered = row("an automatic correspondent answers", {**inbound, "From": PRESENT})
        found.append(replace(answered, decidable=False, advice=""))
    return found


def _kind(*kinds: str) -> Fields:
    """What hookwatch adds to the event, unless that is switched off."""
    return {"hookwatch.kind": (*texts(*kinds), Exists(False))}


def _emission(label: str, bus: Bus | None, event: tuple[str, str], detail: Fields, advice: str) -> Emission:
    fields: list[tuple[str, Holds]] = [("source", texts(event[0])), ("detail-type", texts(event[1]))]
    fields += [(f"detail.{path}", holds) for path, holds in detail.items()]
    return Emission(label, bus, tuple(fields), origin="effect", advice=advice)
