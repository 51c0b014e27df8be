"""Rules, what they call, and what is called: the picture that templates, plans and live buses are turned into.

Never reads anything and never judges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.patterns.emissions import Bus, Emission


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pattern stands.

    Attributes:
        file: the file as it was named, or `bus NAME` for a live one.
        line: 1-based line of the resource, when known.
        pointer: JSON pointer to the pattern in the file; "" where the pattern is all there is.
        is_text: the pattern is JSON inside a string there, so a patch applies to the pattern, not to the file.
        template: the file is a CloudFormation template, where `Ref` works.
    """

    file: str
    line: int | None = None
    pointer: str = ""
    is_text: bool = False
    template: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that somebody decided to live with: the rule's id and why. `reason` is "" if none is given."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a rule: `key` names a node of the site, `emissions` is what the target itself does."""

    key: str | None
    label: str
    emissions: tuple[Emission, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SiteRule:
    """One pattern of one rule.

    Attributes:
        name: what the user calls it.
        aliases: other names of it.
        kind: resource type, or `live`.
        text: the pattern as JSON; None where it is not known.
        not_judged: why it is not known; "" otherwise.
        bus: None where it is not known.
        enabled: whether it is switched on.
        place: where it stands.
        targets: what it calls.
        suppressions: findings to leave out.
        account: the account that it lives in, if that is known for sure.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    text: str | None
    not_judged: str
    bus: Bus | None
    enabled: bool
    place: Place
    targets: tuple[Target, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    account: str | None = None

    @property
    def on_classic_bus(self) -> bool:
        """Whether it selects events of a bus by an envelope; a pipe's filter sees records instead."""
        return self.kind != "AWS::Pipes::Pipe"


@dataclass(frozen=True, slots=True)
class Node:
    """Something that is called: a function, a state machine, a topic, a queue, a pipe."""

    key: str
    label: str
    aliases: tuple[str, ...]
    calls: tuple[str, ...] = ()
    emissions: tuple[Emission, ...] = ()
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that was read. `shared_buses` take events from other accounts or other buses."""

    rules: tuple[SiteRule, ...]
    nodes: Mapping[str, Node] = field(default_factory=dict)
    shared_buses: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def plus(self, other: Site) -> Site:
        """Put two sites together; of two nodes with one key the later counts."""
        return Site(
            self.rules + other.rules,
            {**self.nodes, **other.nodes},
            self.shared_buses | other.shared_buses,
            self.notes + other.notes,
        )
