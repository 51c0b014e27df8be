"""P022, P024 and P041: does the pattern fit what its source really sends, today and tomorrow.

Never calls a field wrong that is merely not listed below an open object. Facts about payloads come from `knowledge`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.fixes import Patch, add_leaf, replace
from hookwatch.patterns.knowledge import (
    GITHUB,
    OUR_FIELDS,
    OUR_KEY,
    TWILIO,
    TWILIO_TYPE,
    Event,
    Field,
    github_event,
    github_events,
)
from hookwatch.patterns.languages import NoValue, common_value
from hookwatch.patterns.lint.mutants import FUTURE_ACTION
from hookwatch.patterns.lint.rules import Found
from hookwatch.patterns.lint.subject import github_of
from hookwatch.patterns.matchers import AnythingBut, Constant, Exists, Matcher, Number, Range, Text
from hookwatch.patterns.overlap_fields import ONE_STRING, exact_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookwatch.patterns.lint.subject import Subject
    from hookwatch.patterns.tree import Alternative, Leaf


def payloads(subject: Subject) -> Iterator[Found]:
    """Check the pattern against what is known of its events."""
    for alternative in subject.alternatives:
        for leaf in alternative.leaves:
            yield from _impossible(leaf, envelope=subject.has_envelope)
        if subject.has_envelope:
            yield from _types(alternative)
            events = github_of(alternative)
            if events:
                yield from _future_actions(subject, alternative, events)
                for leaf in alternative.leaves:
                    if leaf.path.startswith("detail."):
                        yield from _field(leaf, events)


def _impossible(leaf: Leaf, *, envelope: bool) -> Iterator[Found]:
    if not leaf.may_be_absent and isinstance(common_value((leaf,)), NoValue):
        yield Found("P024", f"no value of {leaf.path} satisfies this filter", leaf.pointer, severity="error")
    elif envelope and leaf.path in ONE_STRING and not _takes(leaf, "string"):
        numbers = [(index, one) for index, one in enumerate(leaf.matchers) if isinstance(one, Number)]
        patch = tuple(replace(f"{leaf.pointer}/{index}", one.literal.decode()) for index, one in numbers)
        message = f"{leaf.path} is always a string, so this filter never matches"
        id_ = "P041" if numbers else "P024"
        yield Found(id_, message + ("; put it in quotes" if numbers else ""), leaf.pointer, patch, "error")
    elif envelope and leaf.path == "detail" and not leaf.may_be_absent:
        yield Found(
            "P024", "detail is always an object: only its fields can be matched", leaf.pointer, severity="error"
        )


def _types(alternative: Alternative) -> Iterator[Found]:
    """A detail-type that its source does not send."""
    leaf = alternative.leaf("detail-type")
    sources = exact_texts(alternative.leaf("source"))
    if leaf is None or len(sources) != 1:
        return
    known = {GITHUB: github_events(), TWILIO: (TWILIO_TYPE,)}.get(sources[0])
    for index, matcher in enumerate(leaf.matchers):
        if known and isinstance(matcher, Text) and matcher.text not in known:
            near = get_close_matches(matcher.text, known, 1, 0.6)
            meant = f'; "{near[0]}" is meant?' if near else ""
            patch: Patch = (replace(f"{leaf.pointer}/{index}", near[0]),) if near else ()
            message = f'{sources[0]} is not known to send "{matcher.text}"{meant}'
            yield Found("P024", message, f"{leaf.pointer}/{index}", patch)


def _future_actions(subject: Subject, alternative: Alternative, events: tuple[Event, ...]) -> Iterator[Found]:
    acting = [event for event in events if event.actions is not None]
    if not acting:
        return
    leaf = alternative.leaf("detail.action")
    names = ", ".join(event.name for event in acting)
    if leaf is None:
        actions = sorted({action for event in acting for action in event.actions or ()})
        patch = add_leaf(subject.data, "detail.action", actions) if actions and subject.may_add else ()
        today = f" (today: {', '.join(actions)})" if actions else ""
        yield Found(
            "P022", f"{names} has an action, and every one matches{today}: add a filter on detail.action", "", patch
        )
    elif leaf.accepts(FUTURE_ACTION):
        yield Found("P022", f"actions of {names} that do not exist yet match: list the actions", leaf.pointer)


def _field(leaf: Leaf, events: tuple[Event, ...]) -> Iterator[Found]:
    path = leaf.path.removeprefix("detail.")
    if path.split(".")[0] == OUR_KEY:
        if path.split(".")[1:2] and path.split(".")[1] not in OUR_FIELDS:
            yield Found(
                "P024", f"hookwatch adds no field {leaf.path}; it adds {', '.join(sorted(OUR_FIELDS))}", leaf.pointer
            )
        return
    fields = [(event, event.field(path)) for event in events]
    unknown = [event for event, field in fields if field == "unknown"]
    if unknown and not leaf.may_be_absent:
        yield _unknown(leaf, path, unknown, every=len(unknown) == len(events))
        return
    known = [(event, field) for event, field in fields if isinstance(field, Field)]
    if len(known) != len(fields):
        return
    if path == "action":
        yield from _action_values(leaf, events)
    lacking = [event.name for event, field in known if field.optional]
    if lacking and all(isinstance(one, AnythingBut) for one in leaf.matchers):
        message = f"some payloads of {', '.join(lacking)} lack {leaf.path}; anything-but refuses those too"
        yield Found("P024", message, leaf.pointer, severity="info")
    kinds = frozenset().union(*(field.kinds for _, field in known))
    if not leaf.may_be_absent and not any(_takes(leaf, kind) for kind in kinds):
        yield _wrong_kind(leaf, kinds)


def _unknown(leaf: Leaf, path: str, events: list[Event], *, every: bool) -> Found:
    names = ", ".join(event.name for event in events[:4]) + (" ..." if events[4:] else "")
    above, _, last = path.rpartition(".")
    near = get_close_matches(last, [name for event in events for name in event.names(above)], 1, 0.6)
    meant = f"; {leaf.path.rpartition('.')[0]}.{near[0]} is meant?" if near else ""
    only = "" if every else ", so of these it never matches"
    negative = (
        ": anything-but needs the field to exist" if all(isinstance(one, AnythingBut) for one in leaf.matchers) else ""
    )
    return Found("P024", f"no known payload of {names} has {leaf.path}{only}{negative}{meant}", leaf.pointer)


def _action_values(leaf: Leaf, events: tuple[Event, ...]) -> Iterator[Found]:
    if any(event.actions in ((), None) for event in events):
        return
    actions = sorted({action for event in events for action in event.actions or ()})
    for index, matcher in enumerate(leaf.matchers):
        if isinstance(matcher, Text) and matcher.text not in actions:
            near = get_close_matches(matcher.text, actions, 1, 0.6)
            meant = f'; "{near[0]}" is meant?' if near else f"; known are {', '.join(actions)}"
            patch: Patch = (replace(f"{leaf.pointer}/{index}", near[0]),) if near else ()
            names = ", ".join(event.name for event in events)
            yield Found(
                "P024",
                f'{names} is not known to have the action "{matcher.text}"{meant}',
                f"{leaf.pointer}/{index}",
                patch,
            )


def _wrong_kind(leaf: Leaf, kinds: frozenset[str]) -> Found:
    if not kinds:
        return Found("P024", f"{leaf.path} is an object: only its fields can be matched", leaf.pointer)
    holds = " or ".join(sorted(kinds))
    patch: list[dict[str, Any]] = []
    for index, matcher in enumerate(leaf.matchers):
        meant = _meant(matcher, kinds)
        if meant is not None:
            patch.append(replace(f"{leaf.pointer}/{index}", meant[0]))
    if patch:
        how = "put it in quotes" if "string" in kinds else "take the quotes off"
        return Found("P041", f"{leaf.path} is {holds}: {how}", leaf.pointer, tuple(patch))
    return Found("P024", f"{leaf.path} is {holds}, which this filter never accepts", leaf.pointer)


def _meant(matcher: Matcher, kinds: frozenset[str]) -> tuple[Any] | None:
    match matcher:
        case Text("true" | "false" as text) if "boolean" in kinds:
            return (text == "true",)
        case Text("null") if "null" in kinds:
            return (None,)
        case Text(text) if "number" in kinds and text.isascii() and text.isdigit():
            return (int(text),)
        case Number(literal) if "string" in kinds:
            return (literal.decode(),)
        case _:
            return None


def _takes(leaf: Leaf, kind: str) -> bool:
    """Tell whether the filter accepts some value of this kind."""
    return any(_matcher_takes(matcher, kind) for matcher in leaf.matchers)


def _matcher_takes(matcher: Matcher, kind: str) -> bool:
    match matcher:
        case Exists(present):
            return present
        case AnythingBut():
            return True
        case Number() | Range():
            return kind == "number"
        case Constant(None):
            return kind == "null"
        case Constant():
            return kind == "boolean"
        case _:
            return kind == "string"


def acts(subject: Subject) -> bool:
    """Tell whether the pattern selects an event that has an action, as far as that is known."""
    names = [name for one in subject.alternatives for name in exact_texts(one.leaf("detail-type"))]
    return any(event.actions is not None for name in names if (event := github_event(name)) is not None)
