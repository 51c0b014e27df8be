"""Logger and Tracer are made here and nowhere else, and a delivery's one line is written here.

Never sees a body or a header: only what `Notes` and `Refusal` may hold gets this far. The log record and the EMF
document of a delivery are the same line: CloudWatch reads the metrics out of it, people and queries read the rest.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
(read 2026-11-22)
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.buffer import LoggerBufferConfig

from hookwatch.emf import NAMESPACE, SERVICE, Emf, Timestamps, service_name
from hookwatch.ingest.model import HEARTBEAT, Notes
from hookwatch.ingest.payload import encode
from hookwatch.outcomes import METRICS, ROWS, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from hookwatch.ingest.model import Delivery, Result

__all__ = ["MEASURES", "NAMESPACE", "RECOVERY_MEASURES", "SERVICE", "Telemetry", "measures", "silence_others"]

# Metrics beside the outcome's own count -> unit. Latency is not among them: Lambda's UrlRequestLatency measures what
# the provider waits for, cold start and all. Dimensions are always `service` and `provider`: everything finer is a log
# field, because each further value of a dimension would be a metric to pay for.
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "EntryBytes": "Bytes",
        # EventBridge bills every 64 KB of an entry as one event; this is what the bill will say.
        "BilledEvents": "Count",
        # A rotation is finished when this is zero.
        "PreviousKeyUsed": "Count",
        # A rotation has begun: the provider signs with a key that is not promoted yet.
        "PendingKeyUsed": "Count",
        "SecretFetchFailure": "Count",
        # What keeps deliveries safe failed; what became of the delivery is its outcome.
        "ParkingFailure": "Count",
        "ClaimCheckFailure": "Count",
        "DedupeFailure": "Count",
        # One of our own actors caused the delivery, or its subject came too often: see LoopPolicy.
        "LoopSuspected": "Count",
        # The canary came through; counted instead of Accepted.
        "Heartbeat": "Count",
    }
)
BILLED_EVENT_BYTES = 65_536

# What is counted where deliveries are brought back, by the same dimensions -> unit.
RECOVERY_MEASURES: Mapping[str, str] = MappingProxyType(
    {
        # A parked event: published, not published this time, given up because it is damaged.
        "Replayed": "Count",
        "ReplayFailed": "Count",
        "ReplayRefused": "Count",
        # A failed delivery of GitHub's: asked for again, without any success so far, and soon forgotten by GitHub.
        "Redelivered": "Count",
        "StillMissing": "Count",
        "ExpiringSoon": "Count",
    }
)

# A user agent longer than this is somebody's data, not a program's name.
MAX_USER_AGENT_CHARACTERS = 96

# Details wait here and are written only when a delivery fails. Powertools counts bytes per trace.
DETAIL_BUFFER_BYTES = 8_192


# The fields of `Notes` in the order in which a line has them, and the fields that are left out when empty.
NOTED = Notes.__slots__
MAY_BE_EMPTY = ("xray_trace_id", "reason", "error_code", "source_ip", "user_agent")


class Telemetry:
    """The log, the metrics and the traces of one provider's function."""

    def __init__(self, provider: str) -> None:
        """Make Logger and Metrics; the Tracer, a tenth of a cold start, is made by the first sampled request."""
        silence_others()
        self._provider = provider
        self._cold = True
        self._service = service_name()
        self._logger = Logger(
            service=self._service,
            use_rfc3339=True,
            utc=True,
            location=None,
            json_serializer=encode,
            buffer_config=LoggerBufferConfig(
                max_bytes=DETAIL_BUFFER_BYTES, buffer_at_verbosity="INFO", flush_on_error_log=False
            ),
        )
        self._emf = Emf(provider, MEASURES)
        self._timestamps = Timestamps()
        self._trace_id = ""
        self._tracer: Any = None
        self._segment: Any = None

    def detail(self, message: str, **fields: object) -> None:
        """A detail that is only worth its bytes if the delivery fails.

        Written at INFO, because Lambda's own filter would drop DEBUG lines even then.
        """
        self._logger.info(message, extra=fields)

    def trace(self) -> AbstractContextManager[None]:
        """A subsegment around a delivery, if X-Ray samples this request."""
        self._logger.clear_buffer()
        self._trace_id = os.environ.get("_X_AMZN_TRACE_ID", "")
        return self._subsegment() if "Sampled=1" in self._trace_id else nullcontext()

    @contextmanager
    def _subsegment(self) -> Iterator[None]:
        if self._tracer is None:
            from aws_lambda_powertools import Tracer

            self._tracer = Tracer(service=self._service, auto_patch=False)
        with self._tracer.provider.in_subsegment(name=f"## {self._provider}") as self._segment:
            yield
        self._segment = None

    def record(self, result: Result, delivery: Delivery | None, request_id: str, error: BaseException | None) -> None:
        """Write a delivery's one line and annotate its trace."""
        row = ROWS[result.outcome]
        if row.level == "ERROR":
            if delivery is not None:
                self.detail(
                    "request",
                    method=delivery.method,
                    media_type=delivery.media_type[:64],
                    body_base64=delivery.is_base64,
                )
            self._logger.flush_buffer()
        now_ms = time.time_ns() // 1_000_000
        fields = self._fields(result, delivery, request_id, now_ms)
        if error is not None:
            fields["exception_name"] = type(error).__name__
            # Where it happened and what it was, not what it said: an exception's message may quote the payload.
            fields["exception"] = "".join(traceback.format_tb(error.__traceback__))
        fields.update(self._emf.document(measures(result), now_ms))
        # Not through `logging`: a level must never stand between a delivery and its metrics, and the way through it
        # costs more than all the rest of a refused request (`make bench`).
        sys.stdout.write(f"{encode(fields)}\n")
        sys.stdout.flush()
        self._cold = False
        if self._segment is not None:
            self._annotate(self._segment, result, cold_start=bool(fields["cold_start"]))

    def _annotate(self, segment: Any, result: Result, *, cold_start: bool) -> None:
        # On the subsegment itself: the Tracer would look it up again, and the trace header with it, for each of these.
        segment.put_annotation("ColdStart", cold_start)
        segment.put_annotation("Service", self._service)
        segment.put_annotation("provider", self._provider)
        segment.put_annotation("outcome", result.outcome.value)
        if result.notes.event_type:
            segment.put_annotation("event_type", result.notes.event_type)
        if result.notes.delivery_id:
            segment.put_annotation("delivery_id", result.notes.delivery_id)

    def _fields(self, result: Result, delivery: Delivery | None, request_id: str, now_ms: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "level": ROWS[result.outcome].level,
            "message": "delivery",
            "timestamp": self._timestamps.text(now_ms),
            "service": self._service,
            "function_request_id": request_id,
            "xray_trace_id": self._trace_id.partition(";")[0].removeprefix("Root="),
            "cold_start": self._cold,
            "provider": self._provider,
            "outcome": result.outcome.value,
            "reason": result.reason,
            "error_code": result.error_code,
        }
        for name in NOTED:
            value = getattr(result.notes, name)
            if value is not None:
                fields[name] = value
        if delivery is not None:
            fields["source_ip"] = delivery.source_ip
            fields["user_agent"] = delivery.headers.get("user-agent", "")[:MAX_USER_AGENT_CHARACTERS]
        for name in MAY_BE_EMPTY:
            if not fields.get(name, True):
                del fields[name]
        return fields


def silence_others() -> None:
    """Keep every other logger at WARNING.

    Lambda's runtime client gives the root logger the function's own log level, and at DEBUG botocore writes whole
    requests and answers: payloads, and the secret that Secrets Manager hands out.
    """
    for name in (None, "botocore", "urllib3", "aws_xray_sdk"):
        logging.getLogger(name).setLevel(logging.WARNING)


def measures(result: Result) -> dict[str, float]:
    """What a result is counted as. The zero of a metric is its absence: a healthy function pays for few of them."""
    notes: Notes = result.notes
    heartbeat = result.outcome is Outcome.ACCEPTED and notes.event_type == HEARTBEAT
    # Our own canary is not a delivery: an alarm on silence must not take it for the provider.
    values: dict[str, float] = {"Heartbeat" if heartbeat else METRICS[result.outcome]: 1}
    # A sample of EntryBytes says that a delivery verified. The canary signs with the stack's own secret, so it verifies
    # however far the provider's has drifted, and would hide that from the alarm.
    if notes.entry_bytes is not None and notes.event_type != HEARTBEAT:
        values["EntryBytes"] = notes.entry_bytes
    if result.outcome in (Outcome.ACCEPTED, Outcome.CLAIM_CHECKED) and notes.entry_bytes is not None:
        values["BilledEvents"] = (notes.events or 1) * -(-notes.entry_bytes // BILLED_EVENT_BYTES)
    if notes.key_stage == "AWSPREVIOUS":
        values["PreviousKeyUsed"] = 1
    if notes.key_stage == "AWSPENDING":
        values["PendingKeyUsed"] = 1
    if notes.secret_error is not None:
        values["SecretFetchFailure"] = 1
    if notes.parking_error is not None:
        values["ParkingFailure"] = 1
    if notes.claim_error is not None:
        values["ClaimCheckFailure"] = 1
    if notes.dedupe_error is not None:
        values["DedupeFailure"] = 1
    if notes.loop is not None:
        values["LoopSuspected"] = 1
    return values
