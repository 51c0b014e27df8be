"""Publishes a delivery's payload from GitHub's API: for what a redelivery cannot bring, too large or no endpoint left.

Never publishes what it cannot prove: the payload must verify against the signature that the delivery carried, with a
key of the stack's own secret. From there on it goes the way of every delivery, through the same provider code, the same
publisher and the same claim check, with the operator's own credentials, and is marked `hookwatch.reinjected`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hookwatch.ingest.calls import Failed
from hookwatch.ingest.model import Delivery, Refusal
from hookwatch.ingest.publish import ANSWER_WITHIN_S, NotPublished, Published, entry_bytes, refusal_before_call
from hookwatch.ingest.publish_errors import is_final
from hookwatch.ingest.secrets import Deadline
from hookwatch.outcomes import Outcome
from hookwatch.recover.github_errors import INVALID
from hookwatch.recover.github_run import UNPROVEN, UNPUBLISHED
from hookwatch.recover.problem import Problem
from hookwatch.recover.reinject_proof import bodies, proven_body, request_headers
from hookwatch.recover.replay_event import with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hookwatch.config import EventFormat
    from hookwatch.ingest.model import Accepted, Envelope
    from hookwatch.ingest.providers.github import GitHub as Provider
    from hookwatch.recover.github_api import GitHub
    from hookwatch.recover.github_model import DeliveryDetail, Scope
    from hookwatch.recover.github_plan import Item

REINJECTED = "reinjected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinjector:
    """Publishes deliveries of one scope onto one bus.

    Attributes:
        github: the API that the payloads come from.
        scope: where the hooks live.
        provider: the code that wraps deliveries in the function.
        keys: all that may have signed: current, previous, pending.
        publish: puts envelopes onto the bus before the deadline.
        slim: what becomes of an event that the bus cannot take; None where there is no bucket.
        event_format: as the stack has it.
        max_entry_bytes: the largest entry that is tried.
        drop_own: whether the stack keeps off the bus what its own actors caused.
        unproven: whether to publish what no signature vouches for.
        clock: seconds that only go forward.
        now_ms: the time of day, milliseconds since the epoch.
    """

    github: GitHub
    scope: Scope
    provider: Provider
    keys: Sequence[bytes] = field(repr=False)
    publish: Callable[[Sequence[Envelope], Deadline], Published | NotPublished]
    slim: Callable[[Envelope, Deadline], Envelope | Failed] | None
    event_format: EventFormat
    max_entry_bytes: int
    drop_own: bool = False
    unproven: bool = False
    clock: Callable[[], float] = time.monotonic
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    def __call__(self, item: Item) -> Problem | None:
        """Publish one delivery; None if it is on the bus."""
        detail = self.github.delivery(self.scope, item.hook_id, item.delivery.id)
        if isinstance(detail, Problem):
            return detail
        delivery = self._delivery(detail)
        if isinstance(delivery, Problem):
            return delivery
        accepted = self.provider.accept(delivery, delivery.body() or b"", self.event_format)
        if isinstance(accepted, Refusal):
            return _refused(detail, accepted)
        return self._publish(detail, accepted)

    def _delivery(self, detail: DeliveryDetail) -> Delivery | Problem:
        """The request as it was, with a body that is proven to be the one that was sent."""
        body = proven_body(detail, self.keys)
        if body is None and self.unproven:
            body = next(bodies(detail))
        if body is None:
            return Problem(
                f"delivery {detail.guid}: its payload does not verify against its own signature with a secret of the "
                "stack, so it may have been changed: publish it anyway with --unproven",
                code=UNPROVEN,
            )
        return Delivery(
            method="POST",
            scheme="https",
            host="",
            path="/",
            query="",
            headers=request_headers(detail),
            text=body.decode("utf-8", "surrogatepass"),
            is_base64=False,
            request_id="",
            source_ip="",
            received_at_ms=self.now_ms(),
        )

    def _publish(self, detail: DeliveryDetail, accepted: Accepted) -> Problem | None:
        if accepted.cause.own and self.drop_own:
            return Problem(
                f"delivery {detail.guid}: one of our own actors caused it, and OwnActorAction=drop keeps it off",
                code=INVALID,
            )
        deadline = Deadline(self.clock() + ANSWER_WITHIN_S, self.clock)
        (envelope,) = accepted.envelopes
        envelope = with_mark(envelope, self.event_format, {REINJECTED: True})
        refusal = refusal_before_call(envelope, entry_bytes(envelope), self.max_entry_bytes)
        if refusal is not None and refusal.outcome is Outcome.TOO_LARGE and self.slim is not None:
            fitting = self.slim(envelope, deadline)
            if isinstance(fitting, Failed):
                return Problem(f"delivery {detail.guid} could not be checked in: {fitting.code}", code=UNPUBLISHED)
            envelope, refusal = with_mark(fitting, self.event_format, {REINJECTED: True}), None
        if refusal is not None:
            return _refused(detail, refusal)
        published = self.publish([envelope], deadline)
        return _refused(detail, published.refusal) if isinstance(published, NotPublished) else None


def _refused(detail: DeliveryDetail, refusal: Refusal) -> Problem:
    said = f" ({refusal.error_code})" if refusal.error_code else ""
    return Problem(
        f"delivery {detail.guid} could not be published: {refusal.reason}{said}",
        code=INVALID if is_final(refusal) else UNPUBLISHED,
    )


def stack_keys(versions: Mapping[str, str]) -> tuple[bytes, ...]:
    """The keys of a secret's stages, current first, each once."""
    return tuple(dict.fromkeys(text.encode() for text in versions.values() if text.strip()))
