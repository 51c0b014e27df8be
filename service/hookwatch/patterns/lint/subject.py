"""One pattern, read in every form that checks need.

Never checks anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns import jsontext
from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.errors import InvalidPattern
from hookwatch.patterns.fixes import plain
from hookwatch.patterns.knowledge import GITHUB, Event, github_event
from hookwatch.patterns.overlap_fields import exact_texts

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Node
    from hookwatch.patterns.loops.site import SiteRule
    from hookwatch.patterns.pattern import Pattern
    from hookwatch.patterns.tree import Alternative, Leaf

BUS_KINDS_WITHOUT_ENVELOPE = frozenset({"AWS::Pipes::Pipe", "AWS::EventsV2::Subscriber"})
"""What filters something else than the classic bus's envelope, so that its top-level keys are its own."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One pattern of one rule.

    Attributes:
        rule: where it comes from.
        text: its JSON.
        node: the same, with number literals and duplicate keys; None if it is not JSON.
        data: the same as Python's own data, to build fixes on.
        pattern: compiled; None if it is invalid.
        invalid: why it is.
        shared: its bus takes events from other accounts or other buses.
    """

    rule: SiteRule
    text: str
    node: Node
    data: Any
    pattern: Pattern | None
    invalid: InvalidPattern | None
    shared: bool

    @property
    def has_envelope(self) -> bool:
        """Whether it is asked about events of a classic bus."""
        return self.rule.kind not in BUS_KINDS_WITHOUT_ENVELOPE

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Its alternatives, none if it is invalid."""
        return self.pattern.alternatives if self.pattern else ()

    @property
    def may_add(self) -> bool:
        """Whether a filter added at the root counts for every alternative."""
        return isinstance(self.data, dict) and "$or" not in self.data and len(self.alternatives) == 1


def make_subject(rule: SiteRule, text: str, *, shared: bool) -> Subject:
    """Read a pattern."""
    pattern: Pattern | None = None
    invalid: InvalidPattern | None = None
    try:
        pattern = compile_pattern(text)
    except InvalidPattern as refused:
        invalid = refused
    node: Node = None
    try:
        node = jsontext.read(text) if len(text) <= _READ_MAX else None
    except jsontext.NotJson:
        node = None
    return Subject(rule, text, node, plain(text) if node is not None else None, pattern, invalid, shared)


_READ_MAX = 1_048_576


def leaf_of(alternative: Alternative, path: str) -> Leaf | None:
    """Find a leaf."""
    return alternative.leaf(path)


def github_of(alternative: Alternative) -> tuple[Event, ...]:
    """Give the known GitHub events among those that an alternative selects; () if its source is not GitHub alone."""
    if exact_texts(alternative.leaf("source")) != (GITHUB,):
        return ()
    names = exact_texts(alternative.leaf("detail-type"))
    return tuple(event for name in names if (event := github_event(name)) is not None)
