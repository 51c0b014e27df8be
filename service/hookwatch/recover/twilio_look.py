"""Finds what was lost: alerts of a time, their parameters, the events that they make. Reads only.

The list is one call for a thousand alerts, the parameters are one call for each: what was not asked for is left out
before they are fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.ingest.providers.twilio import Twilio
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.overrides_plan import points_to
from hookwatch.recover.twilio_alert import fetch_alert, list_alerts
from hookwatch.recover.twilio_cause import BY_CODE
from hookwatch.recover.twilio_form import read_form, rebuild
from hookwatch.recover.twilio_lost import Found, Lost, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from hookwatch.recover.twilio_alert import Alert
    from hookwatch.recover.twilio_client import TwilioAccount
    from hookwatch.recover.twilio_form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which webhooks are meant.

    Attributes:
        since: alerts of before this do not count.
        until: nor do those of after this.
        urls: the function's URLs; webhooks to others are none of ours.
        codes: Twilio's error codes; empty for all of failed webhooks.
        resources: SIDs of messages and calls; empty for all.
    """

    since: datetime
    until: datetime
    urls: tuple[str, ...]
    codes: frozenset[int] = frozenset()
    resources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found.

    Attributes:
        lost: the webhooks, oldest first.
        alerts: how many alerts Twilio has of that time.
        elsewhere: how many of them are about webhooks to somebody else.
        cut: whether Twilio may have older ones that it did not list.
    """

    lost: tuple[Lost, ...]
    alerts: int
    elsewhere: int
    cut: bool


def look(
    account: TwilioAccount, asked: Asked, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Looked | Problem:
    """Find what was lost.

    Args:
        account: whose alerts.
        asked: which webhooks are meant.
        progress: told how many alerts of how many have been read.
    """
    listed = list_alerts(account, asked.since, asked.until)
    if isinstance(listed, Problem):
        return listed
    codes = asked.codes or frozenset(BY_CODE)
    failed = [each for each in listed.alerts if each.code in codes]
    here = [each for each in failed if any(points_to(each.url, url) for url in asked.urls)]
    meant = [each for each in here if not asked.resources or each.resource_sid in asked.resources]
    found: list[Found] = []
    rebuilt: dict[str, Form | Problem] = {}
    for number, alert in enumerate(meant):
        progress(number, len(meant))
        one = _found(account, alert, rebuilt)
        if isinstance(one, Problem):
            return one
        found.append(one)
    progress(len(meant), len(meant))
    lost = gather(found, Twilio(None, None))
    return Looked(lost, len(listed.alerts), len(failed) - len(here), listed.cut)


def _found(account: TwilioAccount, alert: Alert, rebuilt: dict[str, Form | Problem]) -> Found | Problem:
    told = fetch_alert(account, alert.sid)
    if isinstance(told, Problem):
        return Found(alert, (), missing="Twilio no longer has this alert") if told.code == "404" else told
    form = read_form(told.variables)
    if form:
        return Found(alert, form, told.outcome)
    if alert.resource_sid not in rebuilt:
        rebuilt[alert.resource_sid] = rebuild(account, alert.resource_sid)
    again = rebuilt[alert.resource_sid]
    if isinstance(again, Problem):
        if again.code == "404":
            return Found(alert, (), told.outcome, missing="the alert has no parameters, and the resource is gone")
        return Found(alert, (), told.outcome, missing=again.message) if not again.code else again
    return Found(alert, again, told.outcome, rebuilt=True)


def window(lost: Sequence[Lost], until: datetime) -> tuple[datetime, datetime]:
    """The time in which these may have arrived."""
    return min((each.alerts[0].at for each in lost), default=until), until
