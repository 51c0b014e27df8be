"""Publishes lost webhooks onto the bus from here: for what sending cannot bring, no endpoint or no token left.

The way of every delivery, through the same provider code and the same publisher, with the operator's own credentials;
marked `hookwatch.reinjected`. Nothing vouches for the parameters but Twilio's API, which they were read from. What the
bus does not take is not parked: Twilio still has it, and the same command tries it again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookwatch.ingest.model import Refusal
from hookwatch.ingest.providers.twilio import provider
from hookwatch.ingest.publish import (
    ANSWER_WITHIN_S,
    NotPublished,
    Publisher,
    entry_bytes,
    refusal_before_call,
)
from hookwatch.ingest.secrets import Deadline
from hookwatch.recover.replay_event import with_mark
from hookwatch.recover.twilio_lost import accept
from hookwatch.recover.twilio_send import Answer

if TYPE_CHECKING:
    from hookwatch.config import Settings
    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.twilio_lost import Lost

REINJECTED = "reinjected"


class PublishHere:
    """Publishes as one function would."""

    def __init__(self, aws: Account, settings: Settings) -> None:
        """Make it.

        Args:
            aws: where the bus is.
            settings: what the function was configured with.
        """
        self._settings = settings
        self._provider = provider(settings)
        self._publisher = Publisher(
            settings.event_bus, aws.client("events"), lambda *_, **__: None, settings.max_entry_bytes
        )

    def bring(self, lost: Lost) -> Answer:
        """Publish one."""
        accepted = accept(lost.form, lost.alerts[0], self._provider, self._settings.event_format)
        if isinstance(accepted, Refusal):
            return Answer(False, accepted.reason)
        if accepted.cause.own and self._settings.loops.drop_own:
            return Answer(False, "one of our own actors caused it, and OwnActorAction=drop keeps it off the bus")
        envelopes = [with_mark(each, self._settings.event_format, {REINJECTED: True}) for each in accepted.envelopes]
        for each in envelopes:
            refusal = refusal_before_call(each, entry_bytes(each), self._settings.max_entry_bytes)
            if refusal is not None:
                return Answer(False, refusal.reason)
        published = self._publisher.publish(envelopes, Deadline(time.monotonic() + ANSWER_WITHIN_S, time.monotonic))
        if isinstance(published, NotPublished):
            why = published.refusal
            code = f" ({why.error_code})" if why.error_code else ""
            # Without an answer the event may be there all the same.
            return Answer(False, f"{why.reason}{code}", sure=why.reason != "unreachable")
        return Answer(True, "published")
