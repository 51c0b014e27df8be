"""What a target puts on a bus when an event reaches it, as constraints on the events that come out.

Never reads files or templates (see `emissions_file`, `loops.template`) and never judges. An emission is applied to the
constraints of the events that came in, and gives the constraints of those that come out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from hookwatch.patterns.matchers import AnythingBut, Exists, Matcher, Prefix
from hookwatch.patterns.tree import Leaf

if TYPE_CHECKING:
    from hookwatch.patterns.overlap import Group

Origin: TypeAlias = Literal["inferred", "declared", "effect"]


@dataclass(frozen=True, slots=True)
class FromTrigger:
    """The field holds what the triggering event has at `path`."""

    path: str


Holds: TypeAlias = "tuple[Matcher, ...] | FromTrigger"
"""What a field of an emitted event holds: a value that one of the matchers accepts, or the trigger's."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus. `where` is "region:account" if it is known to be elsewhere than the rules, "" otherwise."""

    name: str
    where: str = ""

    def same(self, other: Bus | None) -> bool | None:
        """Tell whether both are one bus; None if that is not known."""
        if other is None:
            return None
        if self.name != other.name:
            return False
        return True if self.where == other.where else None

    def __str__(self) -> str:
        return f"{self.name} ({self.where})" if self.where else self.name


@dataclass(frozen=True, slots=True)
class Clause:
    """Events that satisfy every group; `single` are fields that are said to hold one value."""

    groups: tuple[Group, ...]
    single: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Emission:
    """One kind of event that a target causes.

    Attributes:
        label: what happens, in words, for reports.
        bus: where the event appears; None if that is not known, which is taken as any bus.
        fields: what single paths hold. A path that is not listed may hold anything, or is copied.
        copies: what is not listed is the triggering event's.
        origin: how it is known.
        certain: it happens for every event; False for a permission that may never be used.
        decidable: False where no pattern can tell its events from wanted ones.
        advice: what would make the answer sharper; "" if nothing would.
    """

    label: str
    bus: Bus | None
    fields: tuple[tuple[str, Holds], ...] = ()
    copies: bool = False
    origin: Origin = "inferred"
    certain: bool = True
    decidable: bool = True
    advice: str = field(default="", compare=False)

    @property
    def assumed(self) -> frozenset[str]:
        """Envelope fields that are taken to be what a pattern asks for, because they are those of this place."""
        listed = {path for path, _ in self.fields}
        return (
            frozenset({"account", "region", "time", "id", "version", "resources"} - listed)
            if not self.copies
            else frozenset()
        )

    def after(self, clause: Clause) -> Clause:
        """Give the constraints of the events that come out, from those of the events that came in."""
        groups: list[Group] = []
        single: set[str] = set()
        if self.copies:
            listed = [path for path, _ in self.fields]
            groups += [kept for group in clause.groups if (kept := _without(group, listed))]
            single |= {path for path in clause.single if not _touched(path, listed)}
        stated: list[Leaf] = []
        for path, holds in self.fields:
            match holds:
                case FromTrigger(source):
                    copied = tuple(
                        Leaf(path, one.matchers) for group in clause.groups for one in group if one.path == source
                    )
                    groups += [(leaf,) for leaf in copied]
                    single |= {path} & ({path} if source in clause.single else set())
                case _:
                    stated.append(Leaf(path, holds))
                    single.add(path)
        if stated:
            groups.append(tuple(sorted(stated, key=lambda leaf: leaf.path)))
        return Clause(tuple(dict.fromkeys(groups)), frozenset(single))


def _without(group: Group, listed: list[str]) -> Group:
    return tuple(leaf for leaf in group if not _touched(leaf.path, listed))


def _touched(path: str, listed: list[str]) -> bool:
    return any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in listed)


ANYTHING: tuple[Matcher, ...] = (Exists(True), Exists(False))
PRESENT: tuple[Matcher, ...] = (Exists(True),)
ABSENT: tuple[Matcher, ...] = (Exists(False),)

NOT_AWS: tuple[Matcher, ...] = (AnythingBut((Prefix("aws."),), is_list=False),)
"""What PutEvents takes as `source`: AWS keeps names that begin with "aws." for itself (docs.aws.amazon.com/eventbridge/
latest/APIReference/API_PutEventsRequestEntry.html, recalled; not measured)."""


def forwarded(bus: Bus | None) -> Emission:
    """A rule whose target is a bus: the same event again, with account, region and source kept."""
    return Emission(label=f"forwards to the bus {bus or '(unknown)'}", bus=bus, copies=True)


def unknown(label: str, bus: Bus | None, **limits: tuple[Matcher, ...]) -> Emission:
    """Somebody who may call PutEvents: any event that customers can put. `limits` are source and detail_type."""
    source = limits.get("source", NOT_AWS)
    fields: list[tuple[str, Holds]] = [("source", source)]
    fields.append(("detail-type", limits.get("detail_type", PRESENT)))
    advice = "declare what it emits in a file of emissions (--emissions)"
    return Emission(label=label, bus=bus, fields=tuple(fields), certain=False, advice=advice)
