"""The composition root: settings in, a function that answers webhooks out. Holds the only broad `except`."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hookwatch.ingest import function_url
from hookwatch.ingest.keeper import keeper
from hookwatch.ingest.loops import SubjectRate
from hookwatch.ingest.model import Delivery, Notes, Refusal, Result
from hookwatch.ingest.pipeline import Pipeline
from hookwatch.ingest.publish import ANSWER_WITHIN_S, EventsClient, Publisher
from hookwatch.ingest.secrets import Deadline, Keyring, Watch, secrets_client
from hookwatch.outcomes import Outcome
from hookwatch.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.config import Settings
    from hookwatch.ingest.model import Provider, ProviderFactory
    from hookwatch.ingest.ports import Memory

# Time that Lambda's own timeout must still have when we have answered.
TIMEOUT_RESERVE_S = 0.5


class App:
    """Answers webhooks of one provider."""

    def __init__(self, pipeline: Pipeline, telemetry: Telemetry, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an app from its parts; `compose` makes it from settings."""
        self._pipeline = pipeline
        self._telemetry = telemetry
        self._clock = clock

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one Function URL request. Never raises."""
        began_s = self._clock()
        request_id: str = context.aws_request_id
        with self._telemetry.trace():
            delivery = function_url.parse(event, time.time_ns() // 1_000_000)
            result, error = self._result(delivery, began_s, context)
            result.notes.total_ms = round((self._clock() - began_s) * 1000, 2)
            known = delivery if isinstance(delivery, Delivery) else None
            self._telemetry.record(result, known, request_id, error)
        return function_url.answer(result, request_id, self._pipeline.provider.success)

    def _result(
        self, delivery: Delivery | Refusal, began_s: float, context: Any
    ) -> tuple[Result, BaseException | None]:
        if isinstance(delivery, Refusal):
            return Result(delivery.outcome, delivery.reason, delivery.error_code), None
        notes = Notes()
        try:
            notes.event_type, notes.delivery_id = self._pipeline.provider.hint(delivery.headers)
            left_s = context.get_remaining_time_in_millis() / 1000 - TIMEOUT_RESERVE_S
            deadline = Deadline(began_s + min(ANSWER_WITHIN_S, left_s), self._clock)
            return self._pipeline.run(delivery, deadline, notes), None
        except Exception as error:  # noqa: BLE001 - the one place: whatever was not foreseen is an outcome too
            return Result(Outcome.CRASHED, "unforeseen", type(error).__name__, notes), error


def compose(settings: Settings) -> App:
    """Build the app that these settings describe."""
    factory: ProviderFactory = import_module(f"hookwatch.ingest.providers.{settings.provider}").provider
    provider: Provider = factory(settings)
    telemetry = Telemetry(provider.name)
    watch = Watch()
    client = secrets_client(watch)
    keyrings = {"webhook": Keyring(settings.secret_arn, client, time.monotonic, watch)}
    if settings.shared_key is not None:
        keyrings["shared_key"] = Keyring(settings.shared_key.secret_arn, client, time.monotonic, watch)
    publisher = Publisher(settings.event_bus, EventsClient(), telemetry.detail, settings.max_entry_bytes)
    memory: Memory | None = None
    if settings.keeping.table is not None:
        # Loaded only here: without deduplication nobody pays for it.
        from hookwatch.ingest.duplicates import duplicates

        memory = duplicates(settings.keeping.table, provider.name, settings.keeping.remember_s)
    pipeline = Pipeline(
        provider=provider,
        keyrings=keyrings,
        publish=publisher.publish,
        event_format=settings.event_format,
        max_entry_bytes=settings.max_entry_bytes,
        clock=time.monotonic,
        rate=SubjectRate(settings.loops, time.monotonic),
        drop_own=settings.loops.drop_own,
        keeper=keeper(settings, provider.name, publisher.publish),
        memory=memory,
    )
    return App(pipeline, telemetry)
