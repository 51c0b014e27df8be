"""What safekeeping is given and what it gives back. Apart from the model, because few deliveries ever need it.

A dataclass costs four million instructions at every start (counted with valgrind, 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookwatch.ingest.model import Envelope, Refusal
    from hookwatch.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Missing:
    """An event that is not on the bus.

    Attributes:
        envelope: the event.
        refusal: why it is not there.
    """

    envelope: Envelope
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Kept:
    """Every event is durable.

    Attributes:
        outcome: parked if one of them is, else claim-checked.
        because: what kept the first of them off the bus.
    """

    outcome: Outcome
    because: Refusal
