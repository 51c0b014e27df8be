"""A message of the parking queue, and what became of it. Values only; a verdict holds nothing that a provider sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["replayed", "failed", "refused"]

# A verdict's reason begins with this where the message is no parked event and never will be one.
DAMAGED = "damaged_"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as SQS handed it over.

    Attributes:
        message_id: SQS's name for it.
        receipt: what this receiver deletes, delays or returns it with.
        body: its text.
        receives: how often it was received, this time among them.
    """

    message_id: str
    receipt: str
    body: str
    receives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one message.

    Attributes:
        outcome: replayed is on the bus; failed is tried again later; refused never gets better, and goes to the
            dead-letter queue.
        reason: why, from a fixed vocabulary; None where it is on the bus as it was.
        error_code: the code that AWS gave, where AWS refused.
        place: bucket and key of the object that is missing or differs; what else there is to know about a reason.
        provider: whose event it is, where the message says so.
        delivery_id: the provider's name for the delivery.
        event_id: EventBridge's id of the new event.
        attempts: how many PutEvents calls it took, if more than one.
        parked_ms: when it was parked, milliseconds since the epoch.
        bus_down: whether the next message is likely to fail for the same reason.
        error: the exception that nobody foresaw. Its message may quote the payload and is never shown.
    """

    outcome: Outcome
    reason: str | None = None
    error_code: str | None = None
    place: str | None = None
    provider: str | None = None
    delivery_id: str | None = None
    event_id: str | None = None
    attempts: int | None = None
    parked_ms: int | None = None
    bus_down: bool = False
    error: Exception | None = None

    @property
    def text(self) -> str:
        """The reason for people and for the dead-letter queue, with the place where there is one."""
        return ": ".join(part for part in (self.reason, self.error_code, self.place) if part)
