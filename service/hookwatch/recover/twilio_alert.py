"""Failed webhooks as Twilio's Monitor tells of them. Reads only; a list first, then each alert by itself.

A list lacks what a single alert has: the parameters of the webhook that failed, and our answer to it. Alerts of the
last 30 days can be listed, 10,000 at a time. https://www.twilio.com/docs/usage/monitor-alert (read 2026-11-22)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from hookwatch.ingest import payload
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from hookwatch.recover.twilio_client import TwilioAccount

RETENTION = timedelta(days=30)
MAX_LISTED = 10_000
PAGE_SIZE = 1000

_STATUS_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """One failed webhook, as listed.

    Attributes:
        sid: the alert.
        code: Twilio's error code.
        at: when it failed.
        url: where it was sent.
        status: the HTTP status that Twilio saw, None where it does not say.
        resource_sid: the message or call that it is about; empty where there is none.
    """

    sid: str
    code: int
    at: datetime
    url: str
    status: int | None
    resource_sid: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The alerts of a time.

    Attributes:
        alerts: each once, newest first.
        cut: whether Twilio listed as many as it lists at all, so that there may be older ones.
    """

    alerts: tuple[Alert, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What only a single fetch shows.

    Attributes:
        variables: the webhook's parameters, form-encoded; empty where Twilio does not have them.
        outcome: the outcome that our answer named; empty where it named none.
    """

    variables: str = field(repr=False)
    outcome: str


def list_alerts(account: TwilioAccount, since: datetime, until: datetime) -> Listed | Problem:
    """The alerts of a time; at most `MAX_LISTED`."""
    found = account.ask(
        "list alerts",
        lambda client: list(
            islice(
                client.monitor.v1.alerts.stream(
                    start_date=since.astimezone(UTC), end_date=until.astimezone(UTC), page_size=PAGE_SIZE
                ),
                MAX_LISTED,
            )
        ),
    )
    if isinstance(found, Problem):
        return found
    # A page token names a place and not a number, and yet an alert that is listed twice must count once.
    alerts = {alert.sid: alert for each in found if (alert := _alert(each)) is not None}
    return Listed(tuple(alerts.values()), cut=len(found) >= MAX_LISTED)


def fetch_alert(account: TwilioAccount, sid: str) -> Told | Problem:
    """What only a single fetch shows."""
    found = account.ask(f"read alert {sid}", lambda client: client.monitor.v1.alerts(sid).fetch())
    if isinstance(found, Problem):
        return found
    return Told(found.request_variables or "", outcome_of(found.response_body or ""))


def status_of(text: str) -> int | None:
    """The HTTP status in an alert's text, which is form-encoded: `...&httpResponse=503&url=...`."""
    said = parse_qs(text).get("httpResponse", [""])[0]
    return int(said) if said.isascii() and said.isdigit() and len(said) == _STATUS_DIGITS else None


def outcome_of(answer: str) -> str:
    """The outcome that an answer of ours names; empty for everything else."""
    top = payload.fields(answer)
    return (payload.string(top.get("outcome")) or "") if top else ""


def _alert(each: Any) -> Alert | None:
    code = each.error_code or ""
    at = each.date_generated or each.date_created
    if not (code.isascii() and code.isdigit() and at is not None):
        return None
    return Alert(
        each.sid, int(code), at, each.request_url or "", status_of(each.alert_text or ""), each.resource_sid or ""
    )
