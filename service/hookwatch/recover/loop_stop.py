"""What is done to stop a loop, and to undo that: values only. Never calls AWS and never reads a clock.

Three brakes, each finer than the next: a rule is disabled, an actor's deliveries are dropped, a function is given no
concurrency. A brake reads the account and answers with a `Plan`; a plan is a list of exact calls, so that a dry run
shows what would be done and not what somebody believes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Brake", "Call", "Kind", "Plan", "Problem", "Stop", "Verb"]

Verb = Literal["stop", "resume"]
Kind = Literal["rule", "actor", "function"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes something.

    Attributes:
        service: the client, as botocore names it.
        operation: its method, such as `disable_rule`.
        parameters: what it is called with. Never shown: a function's environment may hold somebody's secret.
        text: the same as a command of AWS's own tool, for people; foreign variables are counted in it, not quoted.
        settles: the function whose update has to be over before the next call; empty for none.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(repr=False)
    text: str
    settles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one brake would do.

    Attributes:
        verb: stop or resume.
        kind: which brake.
        target: what it acts on, readable.
        before: the state as it was read.
        after: the state that the calls lead to.
        calls: in this order; none where there is nothing to do.
        on_failure: calls that take the first ones back if a later one fails.
        costs: what it costs while it lasts, a sentence each.
        note: why there is nothing to do, or what else to know.
    """

    verb: Verb
    kind: Kind
    target: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    calls: tuple[Call, ...] = ()
    on_failure: tuple[Call, ...] = ()
    costs: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop that is in force, as its own record tells it.

    Attributes:
        kind: which brake.
        target: what was stopped.
        since: UTC, ISO 8601; empty where the record does not say.
        before: the state that resuming restores.
        selector: the options of `hookwatch loop resume` that undo it.
    """

    kind: Kind
    target: str
    since: str
    before: Mapping[str, str]
    selector: str


class Brake(Protocol):
    """Something that can be stopped and resumed."""

    def stop(self, now: datetime) -> Plan | Problem:
        """Plan to stop it; reads only."""

    def resume(self) -> Plan | Problem:
        """Plan to undo the stop; reads only."""

    def stops(self) -> tuple[Stop, ...] | Problem:
        """The stops in force; reads only."""
