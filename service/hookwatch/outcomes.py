"""THE table: every delivery ends in exactly one row of it. Standard library only, no logic beyond look-up.

An outcome decides the HTTP answer, the level of the log line, the metric, who has to act and which runbook says how.
Outcomes are few and drive everything; the finer *reason* is a log field and never a metric dimension.
Beside it stands `SIGNALS`: what our code can never see, because it never ran or had no say in it.

How providers treat an answer, which is why the statuses are what they are (read 2026-11-22):

* GitHub never sends again by itself. Any status from 400 on is recorded as a failed delivery that can be redelivered
  for three days. https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
* Twilio retries only what the URL's connection overrides name (`#rp=5xx` and so on), within 15 s. An answer that can
  never get better by trying again is therefore a 4xx and one that can is a 5xx.
  https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(StrEnum):
    """How a delivery ended."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    DROPPED = "dropped"
    PARKED = "parked"
    CLAIM_CHECKED = "claim_checked"
    MALFORMED = "malformed"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    TOO_LARGE = "too_large"
    SECRET_UNAVAILABLE = "secret_unavailable"  # noqa: S105 - the name of an outcome, not a secret
    PUBLISH_THROTTLED = "publish_throttled"
    PUBLISH_FAILED = "publish_failed"
    CRASHED = "crashed"


class Actor(StrEnum):
    """Who has to do something about an outcome."""

    NOBODY = "nobody"
    CALLER = "caller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Row:
    """What follows from one outcome.

    Attributes:
        status: the HTTP status that the provider sees.
        level: the level of the delivery's log line. ERROR is kept for what the operator owns: a stranger who sends
            rubbish to a public URL causes WARNING at most.
        actor: who acts on it.
        runbook: the name of the page under `runbooks/` without its ending, None where nobody has to act.
        sentence: what happened, for the operator.
        why: why this status makes each provider do the right thing.
    """

    status: int
    level: str
    actor: Actor
    runbook: str | None
    sentence: str
    why: str


ROWS: Mapping[Outcome, Row] = MappingProxyType(
    {
        Outcome.ACCEPTED: Row(
            200,
            "INFO",
            Actor.NOBODY,
            None,
            "The event is on the bus.",
            "2xx means durable. 200 and not 202, because Twilio warns about every other success than 200 and 204.",
        ),
        Outcome.DUPLICATE: Row(
            200,
            "INFO",
            Actor.NOBODY,
            None,
            "This delivery had already been accepted; nothing was published again.",
            "The first one is durable, so the provider may forget it.",
        ),
        Outcome.DROPPED: Row(
            200,
            "INFO",
            Actor.NOBODY,
            None,
            "One of our own actors caused this delivery, and OwnActorAction=drop keeps it off the bus.",
            "Left out on purpose: the provider must not send it again.",
        ),
        Outcome.PARKED: Row(
            200,
            "WARNING",
            Actor.OPERATOR,
            "parked",
            "The bus did not take the event; it is safe in the parking queue.",
            "Durable with us, so the provider may forget it; a redelivery would only make a duplicate.",
        ),
        Outcome.CLAIM_CHECKED: Row(
            200,
            "INFO",
            Actor.NOBODY,
            None,
            "The payload is in the claim-check bucket and a slim event is on the bus.",
            "Durable with us, so the provider may forget it.",
        ),
        Outcome.MALFORMED: Row(
            400,
            "WARNING",
            Actor.CALLER,
            "malformed",
            "The signature holds, but the request is not a webhook of this provider.",
            "The same bytes will be malformed again: neither a Twilio retry (rp=5xx) nor a redelivery can help.",
        ),
        Outcome.UNSIGNED: Row(
            401,
            "WARNING",
            Actor.CALLER,
            "signature-attack",
            "The request carries no signature of the right shape.",
            "Not from the provider, or from a hook without a secret; trying again changes nothing.",
        ),
        Outcome.BAD_SIGNATURE: Row(
            401,
            "WARNING",
            Actor.CALLER,
            "secret-out-of-sync",
            "The signature does not match any valid key.",
            "GitHub keeps it for three days, so that it can be redelivered once the secrets agree again; "
            "Twilio must not hammer a URL whose secret has drifted, and 4xx stops it.",
        ),
        Outcome.TOO_LARGE: Row(
            413,
            "ERROR",
            Actor.OPERATOR,
            "oversize",
            "The event does not fit into one PutEvents entry, and there is no bucket for it.",
            "The same payload will be too large again; GitHub keeps it for three days in its deliveries API.",
        ),
        Outcome.SECRET_UNAVAILABLE: Row(
            503,
            "ERROR",
            Actor.OPERATOR,
            "secret-fetch",
            "The webhook secret could not be read, so nothing can be verified.",
            "Our fault and likely to pass: Twilio tries again with rp=5xx, GitHub can be asked to redeliver.",
        ),
        Outcome.PUBLISH_THROTTLED: Row(
            503,
            "ERROR",
            Actor.OPERATOR,
            "putevents-throttled",
            "EventBridge throttled PutEvents until the time to answer ran out, and there is no queue to park in.",
            "Not 429, which Twilio counts as 4xx and leaves alone: a 503 is tried again with rp=5xx.",
        ),
        Outcome.PUBLISH_FAILED: Row(
            503,
            "ERROR",
            Actor.OPERATOR,
            "putevents-failed",
            "EventBridge did not take the event, and it could not be parked.",
            "The provider keeps its copy: Twilio tries again with rp=5xx, GitHub can be asked to redeliver.",
        ),
        Outcome.CRASHED: Row(
            500,
            "ERROR",
            Actor.OPERATOR,
            "crashed",
            "An exception that we did not foresee; the traceback is in the log.",
            "The provider keeps its copy until the bug is mended.",
        ),
    }
)


def metric_name(outcome: Outcome) -> str:
    """The CloudWatch metric that counts an outcome: `bad_signature` is counted as `BadSignature`."""
    return outcome.value.replace("_", " ").title().replace(" ", "")


METRICS: Mapping[Outcome, str] = MappingProxyType({outcome: metric_name(outcome) for outcome in Outcome})


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that goes wrong where our code cannot see it.

    Attributes:
        name: the signal's name.
        status: the HTTP status that the provider sees, None where it sees nothing of it.
        answered_by: who answers or who knows: `Lambda`, `EventBridge`, ...
        namespace: the CloudWatch namespace that shows it.
        metric: the metric in that namespace.
        sentence: what it means for the operator.
    """

    name: str
    status: int | None
    answered_by: str
    namespace: str
    metric: str
    sentence: str


# Metric names as in "Monitoring Lambda function URLs", "Types of metrics for Lambda functions", "Monitoring Amazon
# EventBridge" (AWS documentation, read 2026-11-22) and "Available CloudWatch metrics for Amazon SQS" (2026-11-27).
SIGNALS: tuple[Signal, ...] = (
    Signal("throttled", 429, "Lambda", "AWS/Lambda", "Throttles", "No free concurrency: the handler never ran."),
    Signal("request_too_large", 413, "Lambda", "AWS/Lambda", "Url4xxCount", "Over 6 MB: the handler never ran."),
    Signal("timeout", 502, "Lambda", "AWS/Lambda", "Errors", "The function was killed at its timeout."),
    Signal("init_failed", 502, "Lambda", "AWS/Lambda", "Errors", "The function refuses to start; see its first line."),
    Signal("rule_failed", None, "EventBridge", "AWS/Events", "FailedInvocations", "A rule's target failed for good."),
    Signal(
        "rule_throttled", None, "EventBridge", "AWS/Events", "ThrottledRules", "A rule's target is being throttled."
    ),
    Signal(
        "given_up",
        None,
        "SQS",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "A parked event lies in the dead-letter queue.",
    ),
    Signal(
        "expiring",
        None,
        "SQS",
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        "A parked event nears the end of its queue's retention.",
    ),
)
