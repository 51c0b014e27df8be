"""Runs a pattern against events that do not exist yet: what its source may add tomorrow.

Never judges a survivor; the checks decide which of them is a finding. A sample is an event that the pattern matches:
given by the user, or a witness made for each alternative.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.overlap import Meets, meet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookwatch.patterns.pattern import Pattern

FUTURE_SOURCE = "hookwatch.future.source"
FUTURE_TYPE = "hookwatch future type"
FUTURE_ACTION = "hookwatch_future_action"
FUTURE_FIELD = "hookwatch_future_field"
FUTURE_ACCOUNT = "000000000000"
"""Names that nobody uses; account ids of AWS never are all zeros."""

SAMPLES_MAX = 20
"""Alternatives for which a sample is made."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed sample.

    Attributes:
        change: what was changed, in words.
        path: the field, as names from the root joined by dots.
        value: what it was set to.
        still_matches: whether the pattern still matches.
    """

    change: str
    path: str
    value: str
    still_matches: bool


def samples_of(pattern: Pattern) -> list[dict[str, Any]]:
    """Make an event for each alternative; an alternative that no event was found for has none."""
    found: list[dict[str, Any]] = []
    for alternative in pattern.alternatives[:SAMPLES_MAX]:
        verdict = meet((alternative.leaves,))
        if isinstance(verdict, Meets):
            found.append(json.loads(verdict.event))
    return found


def survival(pattern: Pattern, samples: Iterable[dict[str, Any]], *, with_action: bool) -> tuple[Mutant, ...]:
    """Change every sample in every way, and see what still matches; each change once, surviving if any sample did."""
    found: dict[tuple[str, str], Mutant] = {}
    for sample in samples:
        if not pattern.matches(sample):
            continue
        for change, path, value in _changes(sample, with_action=with_action):
            still = pattern.matches(_set(sample, path, value))
            before = found.get((change, path))
            found[change, path] = Mutant(change, path, value, still or (before is not None and before.still_matches))
    return tuple(found.values())


def _changes(sample: dict[str, Any], *, with_action: bool) -> Iterator[tuple[str, str, str]]:
    yield "a new source", "source", FUTURE_SOURCE
    yield "a new type of the same source", "detail-type", FUTURE_TYPE
    yield "another account", "account", FUTURE_ACCOUNT
    detail = sample.get("detail")
    if with_action or (isinstance(detail, dict) and "action" in detail):
        yield "a new action", "detail.action", FUTURE_ACTION
    yield "a new field", f"detail.{FUTURE_FIELD}", "new"


def _set(sample: dict[str, Any], path: str, value: str) -> dict[str, Any]:
    event = copy.deepcopy(sample)
    *way, last = path.split(".")
    at = event
    for name in way:
        below = at.get(name)
        if not isinstance(below, dict):
            below = at[name] = {}
        at = below
    at[last] = value
    return event
