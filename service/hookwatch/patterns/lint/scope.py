"""P020, P021, P023, P025 and P040: patterns that select more than was meant.

Never knows a provider's payloads (see `payloads`).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hookwatch.patterns.fixes import Patch, add, replace
from hookwatch.patterns.knowledge import GITHUB, TWILIO, TWILIO_TYPE, github_event
from hookwatch.patterns.lint.rules import Found
from hookwatch.patterns.matchers import AnythingBut, Exists, Prefix, Suffix, Wildcard
from hookwatch.patterns.overlap_fields import exact_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookwatch.patterns.lint.subject import Subject
    from hookwatch.patterns.tree import Alternative, Leaf

CLOUDTRAIL = "AWS API Call via CloudTrail"
COMBINATIONS_SHOWN = 12
_NOT_IN_PIPES = (Prefix, Suffix, Wildcard)


def scope(subject: Subject) -> Iterator[Found]:
    """Check how much the pattern selects."""
    for alternative in subject.alternatives:
        if subject.has_envelope:
            yield from _combinations(subject, alternative)
            yield from _cloudtrail(alternative)
            yield from _negative_only(alternative)
        for leaf in alternative.leaves:
            yield from _parts_of_arns(leaf)
            yield from _portability(subject, leaf)


def _combinations(subject: Subject, alternative: Alternative) -> Iterator[Found]:
    source = alternative.leaf("source")
    sources = exact_texts(source)
    for path in ("detail-type", "detail.eventName"):
        values = exact_texts(alternative.leaf(path))
        if source is None or len(sources) < 2 or len(values) < 2:  # noqa: PLR2004 - two by two is the smallest cross
            continue
        pairs = list(product(sources, values))
        known = {value: _owner(value) for value in values} if path == "detail-type" else {}
        odd = [pair for pair in pairs if (owner := known.get(pair[1])) and owner in sources and owner != pair[0]]
        message = (
            f"{len(sources)} sources and {len(values)} values of {path} make {len(pairs)} combinations that match; "
            f"write the wanted pairs with $or"
        )
        if odd:
            message += (
                f" (surely not wanted: {', '.join(f'{value} of {name}' for name, value in odd[:COMBINATIONS_SHOWN])})"
            )
        patch = _pairs(subject, sources, known) if path == "detail-type" else ()
        yield Found(
            "P020", message, source.pointer, patch, evidence=tuple(list(pair) for pair in pairs[:COMBINATIONS_SHOWN])
        )


def _owner(detail_type: str) -> str | None:
    if detail_type == TWILIO_TYPE:
        return TWILIO
    return GITHUB if github_event(detail_type) else None


def _pairs(subject: Subject, sources: Sequence[str], owners: dict[str, str | None]) -> Patch:
    """Split into pairs where it is known which source sends each type."""
    if not subject.may_add or set(owners.values()) != set(sources):
        return ()
    branches = [
        {"source": [source], "detail-type": [value for value, owner in owners.items() if owner == source]}
        for source in sources
    ]
    return ({"op": "remove", "path": "/source"}, {"op": "remove", "path": "/detail-type"}, add("/$or", branches))


def _cloudtrail(alternative: Alternative) -> Iterator[Found]:
    leaf = alternative.leaf("detail-type")
    if leaf is not None and leaf.accepts(CLOUDTRAIL) and CLOUDTRAIL in exact_texts(leaf):
        names = alternative.leaf("detail.eventName")
        if names is None or names.accepts("HookwatchFutureCall"):
            yield Found("P021", "every API call of the service matches: add a filter on detail.eventName", leaf.pointer)


def _negative_only(alternative: Alternative) -> Iterator[Found]:
    inside = [leaf for leaf in alternative.leaves if leaf.path.startswith("detail.")]
    if inside and all(_negative(leaf) for leaf in inside):
        names = ", ".join(leaf.path for leaf in inside)
        message = f"the filters on the payload only exclude ({names}): values that do not exist yet match"
        yield Found("P023", message, inside[0].pointer)


def _negative(leaf: Leaf) -> bool:
    return all(isinstance(one, AnythingBut) or (isinstance(one, Exists) and not one.present) for one in leaf.matchers)


def _parts_of_arns(leaf: Leaf) -> Iterator[Found]:
    for index, matcher in enumerate(leaf.matchers):
        match matcher:
            case Prefix(text) | Wildcard(text) if text.startswith("arn:"):
                pass
            case Suffix(text) | Wildcard(text) if leaf.path == "resources" and not text.startswith("hookwatch:"):
                pass
            case _:
                continue
        message = (
            f"{matcher.wanted()} also takes resources that do not exist yet: write the exact ARN where it is known"
        )
        yield Found("P025", message, f"{leaf.pointer}/{index}")


def _portability(subject: Subject, leaf: Leaf) -> Iterator[Found]:
    for index, matcher in enumerate(leaf.matchers):
        if (
            subject.rule.kind == "AWS::Pipes::Pipe"
            and isinstance(matcher, AnythingBut)
            and isinstance(matcher.inner[0], _NOT_IN_PIPES)
        ):
            yield Found("P040", f"pipes do not take {matcher.wanted()}", f"{leaf.pointer}/{index}", severity="error")
        wildcards = matcher.inner if isinstance(matcher, AnythingBut) else (matcher,)
        if not any(isinstance(one, Wildcard) for one in wildcards):
            continue
        place = f"{leaf.pointer}/{index}"
        simpler = _without_wildcard(matcher) if isinstance(matcher, Wildcard) else None
        patch: Patch = (replace(place, simpler),) if simpler else ()
        if subject.rule.kind in ("AWS::EventsV2::Subscriber", "AWS::Pipes::Pipe"):
            yield Found("P040", f"{subject.rule.kind} takes no wildcard", place, patch, "error")
        else:
            message = f"{matcher.wanted()}: the newer custom event bus and pipes take no wildcard"
            yield Found("P040", message, place, patch)


def _without_wildcard(matcher: Wildcard) -> dict[str, str] | None:
    match matcher.pieces:
        case (head, "") if head:
            return {"prefix": head}
        case ("", tail) if tail:
            return {"suffix": tail}
        case _:
            return None
