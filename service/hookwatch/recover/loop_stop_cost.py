"""What a stop costs while it lasts, in sentences for whoever has to decide. Never reads an account.

How providers treat an answer and how long they keep a delivery: see `hookwatch.outcomes`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://docs.github.com/en/webhooks/using-webhooks/redelivering-webhooks (read 2026-11-22); GHES: 7 days
GITHUB_KEEPS_DAYS = 3
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (read 2026-11-22)
TWILIO_RETRIES_WITHIN_S = 15
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (read 2026-11-22)
ASYNC_RETRY_H = 6


def of_rule(targets: Sequence[str] | None, archives: Sequence[str] | None) -> tuple[str, ...]:
    """Of a disabled rule; None where targets or archives could not be read."""
    match targets:
        case None:
            reach = "its targets"
        case []:
            reach = "anything: it has no targets"
        case _:
            reach = ", ".join(targets)
    match archives:
        case None:
            kept = "Only an archive of the bus could replay them; whether it has one could not be read."
        case []:
            kept = "The bus has no archive, so nothing can replay them."
        case _:
            kept = f"The archive {', '.join(archives)} can replay them to this rule when the loop is over."
    return (
        f"Events that match this rule no longer reach {reach}. Other rules go on.",
        kept,
        "A deployment that changes this rule enables it again.",
    )


def of_actor(actor: str, others: Sequence[str], provider: str, *, newly_dropped: bool) -> tuple[str, ...]:
    """Of a dropped actor.

    Args:
        actor: login, slug or number.
        others: own actors that were on the list before.
        provider: whose deliveries the function takes.
        newly_dropped: whether these were only marked until now.
    """
    also = f"Also dropped from now on, and only marked until now: what {', '.join(others)} cause."
    return (
        f"What {actor} causes is answered 200 and kept off the bus, so no provider sends it again by itself.",
        *((also,) if newly_dropped and others else ()),
        *_kept_for(provider),
        "Everybody else's deliveries go on. Each copy of the function starts cold once.",
        "A deployment that changes the function's environment takes this back.",
        "To keep it, deploy with the parameters OwnActors and OwnActorAction=drop.",
    )


def _kept_for(provider: str) -> tuple[str, ...]:
    match provider:
        case "github":
            return (f"GitHub can be asked to redeliver it for {GITHUB_KEEPS_DAYS} days.",)
        case "twilio":
            return (
                "Twilio cannot be asked to send it again.",
                "Only messages and calls from this number are dropped, no status callbacks: for those stop a rule.",
            )
        case _:
            return ()


def of_function(provider: str | None, now: datetime) -> tuple[str, ...]:
    """Of a function without concurrency; the provider is None where the function is none of ours."""
    return (*_lasting(provider, now), "A deployment that changes the function's reserved concurrency takes this back.")


def _lasting(provider: str | None, now: datetime) -> tuple[str, ...]:
    match provider:
        case "github":
            until = now + timedelta(days=GITHUB_KEEPS_DAYS)
            return (
                "Every GitHub delivery is answered 429, the loop's and everybody else's.",
                f"GitHub does not send again by itself, and keeps each delivery for {GITHUB_KEEPS_DAYS} days.",
                f"What arrives from now on is lost from {until:%Y-%m-%d %H:%M} UTC on, unless redelivered before.",
            )
        case "twilio":
            return (
                "Every Twilio webhook is answered 429 and lost: nothing can ask Twilio to send it again later.",
                f"Twilio tries again within {TWILIO_RETRIES_WITHIN_S} s, and only where the URL says so (#rp=4xx).",
                "Messages and calls themselves stay readable in Twilio.",
            )
        case None:
            return (
                "Nothing runs this function.",
                "What invokes it asynchronously, as a rule does, is not tried again while this lasts.",
                "It goes to the function's dead-letter queue or on-failure destination; without either it is lost.",
                f"Events that already waited are tried again for up to {ASYNC_RETRY_H} hours.",
                "Queues and streams keep what it would have read, for as long as they keep it.",
            )
        case other:
            return (f"Every delivery of {other} is answered 429, the loop's and everybody else's.",)
