"""Publishes lost webhooks onto the bus from here: for what sending cannot bring, no endpoint or no token left.

The way of every delivery, through the same provider code, publisher and safekeeping, with the operator's own
credentials; marked `hookwatch.reinjected`. Nothing vouches for the parameters but Twilio's API, where they were read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookwatch.ingest.bucket import Bucket
from hookwatch.ingest.claim_check import ClaimCheck
from hookwatch.ingest.keeper import Keeper
from hookwatch.ingest.kept import Missing
from hookwatch.ingest.model import Notes, Refusal
from hookwatch.ingest.parking import Parking
from hookwatch.ingest.providers.twilio import provider
from hookwatch.ingest.publish import ANSWER_WITHIN_S, NotPublished, Publisher, entry_bytes, refusal_before_call
from hookwatch.ingest.safekeeping import Safekeeping
from hookwatch.ingest.secrets import Deadline
from hookwatch.outcomes import Outcome
from hookwatch.recover.replay_event import with_mark
from hookwatch.recover.twilio_history import ASKED_PUBLISH
from hookwatch.recover.twilio_lost import accept
from hookwatch.recover.twilio_send import Answer

if TYPE_CHECKING:
    from hookwatch.config import Settings
    from hookwatch.ingest.model import Envelope
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.twilio_lost import Lost

REINJECTED = "reinjected"
TWILIO = "twilio"
OF_THIS_ONE = frozenset({Outcome.MALFORMED, Outcome.TOO_LARGE})


class PublishHere:
    """Publishes as one function would."""

    word = ASKED_PUBLISH

    def __init__(self, aws: Account, settings: Settings) -> None:
        """Make it.

        Args:
            aws: where the bus is.
            settings: what the function was configured with.
        """
        self._settings = settings
        self._provider = provider(settings)
        self._publish = Publisher(
            settings.event_bus, aws.client("events"), lambda *_, **__: None, settings.max_entry_bytes
        ).publish
        keeping, form = settings.keeping, settings.event_format
        bucket = Bucket(keeping.bucket, TWILIO, lambda: aws.client("s3")) if keeping.bucket else None
        parking = (
            Parking(keeping.queue_url, TWILIO, form, bucket, lambda: aws.client("sqs")) if keeping.queue_url else None
        )
        safe = Safekeeping(
            self._publish, parking, ClaimCheck(bucket, form, settings.max_entry_bytes) if bucket else None
        )
        self._keeper = Keeper(lambda: safe, queue=parking is not None, bucket=bucket is not None)

    def bring(self, lost: Lost) -> Answer:
        """Publish one."""
        accepted = accept(lost.form, lost.alerts[0], self._provider, self._settings.event_format)
        if isinstance(accepted, Refusal):
            return Answer(False, accepted.reason, alone=True)
        if accepted.cause.own and self._settings.loops.drop_own:
            return Answer(
                False, "one of our own actors caused it, and OwnActorAction=drop keeps it off the bus", alone=True
            )
        # A form is one event; only Event Streams carry several, and of those Twilio's alerts have no parameters.
        (envelope,) = accepted.envelopes
        return self._durable(with_mark(envelope, self._settings.event_format, {REINJECTED: True}))

    def _durable(self, envelope: Envelope) -> Answer:
        """Onto the bus, or into safekeeping where the bus does not take it."""
        deadline = Deadline(time.monotonic() + ANSWER_WITHIN_S, time.monotonic)
        refusal = refusal_before_call(envelope, entry_bytes(envelope), self._settings.max_entry_bytes)
        if refusal is None:
            published = self._publish([envelope], deadline.earlier(self._keeper.reserve_s([envelope])))
            if not isinstance(published, NotPublished):
                return Answer(True, "published")
            refusal = published.refusal
        if not self._keeper.takes(refusal):
            return _failed(refusal)
        kept = self._keeper.keep([Missing(envelope, refusal)], deadline, Notes())
        return _failed(kept) if isinstance(kept, Refusal) else Answer(True, kept.outcome.value)


def _failed(refusal: Refusal) -> Answer:
    code = f" ({refusal.error_code})" if refusal.error_code else ""
    # Without an answer the event may be there all the same.
    sure = refusal.reason not in ("unreachable", "parking_failed")
    return Answer(False, f"{refusal.reason}{code}", sure, alone=refusal.outcome in OF_THIS_ONE)
