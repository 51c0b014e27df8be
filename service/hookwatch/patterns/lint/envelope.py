"""P010 to P014: does the pattern say who sent the event, what it is, and from where.

Never looks into `detail`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookwatch.patterns.fixes import Patch, add, move, pointer
from hookwatch.patterns.knowledge import ENVELOPE, GITHUB, TWILIO, TWILIO_TYPE, github_event
from hookwatch.patterns.lint.mutants import FUTURE_SOURCE, FUTURE_TYPE
from hookwatch.patterns.lint.rules import Found
from hookwatch.patterns.overlap_fields import exact_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.patterns.lint.subject import Subject
    from hookwatch.patterns.tree import Alternative

_KNOWN = frozenset({*ENVELOPE, "replay-name"})
"""`replay-name` comes with events that an archive replays (docs.aws.amazon.com/eventbridge/latest/userguide/
eb-replay-archived-event.html, facts read 2026-11)."""


def envelope(subject: Subject) -> Iterator[Found]:
    """Check the filters on the event's envelope."""
    if not subject.has_envelope:
        return
    yield from _unknown_keys(subject)
    for alternative in subject.alternatives[:1] if subject.may_add else subject.alternatives:
        yield from _source(subject, alternative)
        yield from _detail_type(subject, alternative)
        yield from _account(subject, alternative)


def _unknown_keys(subject: Subject) -> Iterator[Found]:
    if not isinstance(subject.node, tuple):
        return
    for at, key in _top_keys(subject.node, ()):
        name = key.split(".")[0]
        if name in _KNOWN or name == "$or":
            continue
        meant = next((one for one in ENVELOPE if _folded(one) == _folded(name)), None)
        taken = isinstance(subject.data, dict) and meant in subject.data
        patch: Patch = (move(pointer(*at, key), pointer(*at, meant)),) if meant and key == name and not taken else ()
        meaning = f'; "{meant}" is meant' if meant else f"; fields of the payload stand below detail (detail.{key})"
        yield Found(
            "P014",
            f'no event has the top-level key "{key}", so the rule never matches{meaning}',
            pointer(*at, key),
            patch,
        )


def _top_keys(node: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, value in node:
        if key == "$or" and isinstance(value, list):
            for index, branch in enumerate(value):
                if isinstance(branch, tuple):
                    yield from _top_keys(branch, (*at, key, index))
        else:
            yield at, key


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _source(subject: Subject, alternative: Alternative) -> Iterator[Found]:
    leaf = alternative.leaf("source")
    if leaf is None:
        types = exact_texts(alternative.leaf("detail-type"))
        owner = None
        if types and all(github_event(name) for name in types):
            owner = GITHUB
        elif types == (TWILIO_TYPE,):
            owner = TWILIO
        patch: Patch = (add("/source", [owner]),) if owner and subject.may_add else ()
        yield Found("P010", "events of every source match: add a filter on source", "", patch)
    elif leaf.accepts(FUTURE_SOURCE):
        wanted = " or ".join(matcher.wanted() for matcher in leaf.matchers)
        yield Found("P013", f"source {wanted} takes sources that nobody knows yet: list the sources", leaf.pointer)


def _detail_type(subject: Subject, alternative: Alternative) -> Iterator[Found]:
    leaf = alternative.leaf("detail-type")
    if leaf is None:
        twilio = exact_texts(alternative.leaf("source")) == (TWILIO,)
        patch: Patch = (add("/detail-type", [TWILIO_TYPE]),) if twilio and subject.may_add else ()
        yield Found("P011", "events of every type match: add a filter on detail-type", "", patch)
    elif leaf.accepts(FUTURE_TYPE):
        wanted = " or ".join(matcher.wanted() for matcher in leaf.matchers)
        yield Found("P011", f"detail-type {wanted} takes types that do not exist yet: list the types", leaf.pointer)


def _account(subject: Subject, alternative: Alternative) -> Iterator[Found]:
    missing = [name for name in ("account", "region") if alternative.leaf(name) is None]
    shared = subject.shared
    if "account" not in missing and not (shared and missing):
        return
    patch: Patch = ()
    if "account" in missing and subject.may_add:
        if subject.rule.place.template and not subject.rule.place.is_text:
            patch = (add("/account", [{"Ref": "AWS::AccountId"}]),)
        elif subject.rule.account:
            patch = (add("/account", [subject.rule.account]),)
    if shared:
        names = " and ".join(missing)
        message = f"the bus takes events from elsewhere, and those of every {names} match: add a filter on {names}"
        yield Found("P012", message, "", patch, "warning")
    else:
        yield Found("P012", "add a filter on account, so that a bus shared later changes nothing", "", patch)
