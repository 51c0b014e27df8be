"""What goes wrong, and when: faults of each AWS service that a delivery touches, alone and together.

Values only. A phase promises that everything genuine is taken where only what safekeeping stands in for is ill: without
parking and claim check such a phase fails, which is how the harness proves that it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the run under certain faults.

    Attributes:
        name: what is ill.
        faults: bodies for `POST /api/faults`.
        weight: its share of the deliveries. Faults that make a function wait have a small one, or the run takes hours.
        kills: how many functions are killed a second, in the middle of whatever they do.
        hangs: how many of those killed are stopped instead, so that they run into their timeout.
        promises: whether everything genuine must be answered 2xx.
    """

    name: str
    faults: tuple[Mapping[str, Any], ...] = ()
    weight: float = 1.0
    kills: float = 0.0
    hangs: int = 0
    promises: bool = False


def _fault(operation: str, kind: str, rate: float = 1.0, **more: Any) -> Mapping[str, Any]:
    return {"operation": operation, "fault": kind, "rate": rate, **more}


DENIED = "AccessDeniedException"
SLOW_S = 3.0
"""Longer than the functions wait for any AWS call, so that a delay of it is a call without an answer."""

PHASES = (
    Phase(name="calm", weight=12, promises=True),
    Phase(name="bus throttles half", faults=(_fault("PutEvents", "throttle", 0.5),), weight=10, promises=True),
    Phase(name="bus throttles all", faults=(_fault("PutEvents", "throttle"),), weight=0.5, promises=True),
    Phase(name="bus fails often", faults=(_fault("PutEvents", "error", 0.5),), weight=8, promises=True),
    Phase(name="bus cuts often", faults=(_fault("PutEvents", "cut", 0.5),), weight=8, promises=True),
    # The call arrives and its answer does not: what is tried again is on the bus twice, and never not at all.
    Phase(name="bus answers nobody", faults=(_fault("PutEvents", "lose", 0.4),), weight=5, promises=True),
    Phase(
        name="bus refuses entries",
        faults=(
            _fault("PutEvents", "entry-error", 0.3, code="InternalFailure"),
            _fault("PutEvents", "entry-error", 0.2, code="ThrottlingException"),
        ),
        weight=8,
        promises=True,
    ),
    Phase(name="bus denies", faults=(_fault("PutEvents", "error", code=DENIED),), weight=8, promises=True),
    Phase(
        name="bus is gone",
        faults=(_fault("PutEvents", "error", code="ResourceNotFoundException"),),
        weight=5,
        promises=True,
    ),
    Phase(name="bus is slow", faults=(_fault("PutEvents", "delay", 0.3, seconds=SLOW_S),), weight=1.5, promises=True),
    Phase(
        name="bus denies, queue ill",
        faults=(
            _fault("PutEvents", "error", 0.7, code=DENIED),
            _fault("SendMessage", "error", 0.2),
            _fault("SendMessage", "cut", 0.1),
            _fault("SendMessage", "lose", 0.1),
            _fault("SendMessage", "throttle", 0.1),
        ),
        weight=8,
    ),
    Phase(
        name="bus denies, queue denies",
        faults=(_fault("PutEvents", "error", code=DENIED), _fault("SendMessage", "error", code=DENIED)),
        weight=4,
    ),
    Phase(
        name="bus denies, queue slow",
        faults=(_fault("PutEvents", "error", code=DENIED), _fault("SendMessage", "delay", 0.5, seconds=SLOW_S)),
        weight=1,
    ),
    Phase(
        name="bucket ill",
        faults=(
            _fault("PutObject", "error", 0.4),
            _fault("PutObject", "cut", 0.2),
            _fault("GetObject", "error", 0.4),
        ),
        weight=5,
    ),
    Phase(
        name="bus and bucket ill",
        faults=(
            _fault("PutEvents", "error", 0.6, code=DENIED),
            _fault("PutObject", "error", 0.5, code="AccessDenied"),
            _fault("PutObject", "delay", 0.2, seconds=SLOW_S),
        ),
        weight=4,
    ),
    Phase(
        name="table ill",
        faults=(
            _fault("PutItem", "throttle", 0.3, code="ProvisionedThroughputExceededException"),
            _fault("PutItem", "error", 0.2),
            _fault("UpdateItem", "error", 0.4, code=DENIED),
            _fault("GetItem", "error", 0.4),
            _fault("DeleteItem", "cut", 0.4),
        ),
        weight=5,
        promises=True,
    ),
    Phase(
        name="table slow",
        faults=(_fault("PutItem", "delay", 0.3, seconds=SLOW_S), _fault("UpdateItem", "delay", 0.3, seconds=SLOW_S)),
        weight=2,
        promises=True,
    ),
    Phase(
        name="secrets ill, functions killed",
        faults=(
            _fault("GetSecretValue", "throttle", 0.3),
            _fault("DescribeSecret", "error", 0.3),
            _fault("GetSecretValue", "cut", 0.1),
        ),
        kills=1.0,
        weight=5,
    ),
    Phase(name="functions killed", kills=2.0, hangs=1, weight=6),
    Phase(
        name="functions killed, bus throttles",
        faults=(_fault("PutEvents", "throttle", 0.6),),
        kills=1.0,
        hangs=1,
        weight=4,
    ),
    Phase(
        name="everything at once",
        faults=(
            _fault("PutEvents", "throttle", 0.2),
            _fault("PutEvents", "error", 0.1, code=DENIED),
            _fault("PutEvents", "cut", 0.1),
            _fault("PutEvents", "delay", 0.02, seconds=SLOW_S),
            _fault("SendMessage", "error", 0.2),
            _fault("SendMessage", "cut", 0.1),
            _fault("PutObject", "error", 0.2),
            _fault("GetObject", "error", 0.2),
            _fault("PutItem", "error", 0.2),
            _fault("UpdateItem", "cut", 0.1),
            _fault("GetSecretValue", "throttle", 0.2),
            _fault("DescribeSecret", "error", 0.1),
        ),
        kills=0.7,
        weight=5,
    ),
)


def shares(count: int, phases: tuple[Phase, ...] = PHASES) -> list[tuple[Phase, int]]:
    """How many deliveries each phase gets; together exactly `count`, and none gets none unless there are too few."""
    whole = sum(phase.weight for phase in phases)
    given = [max(1, int(count * phase.weight / whole)) for phase in phases]
    given[0] = max(0, given[0] + count - sum(given))
    return list(zip(phases, given, strict=True))
