"""Twilio's side: which URLs of the account lead here, what they ask to be tried again, and what failed lately.

Changes nothing at Twilio, and asks it only with credentials that the caller brought.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hookwatch.doctor.finding import fail, ok, skip, unseen, warn
from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.overrides_lint import lint
from hookwatch.recover.overrides_plan import ENDS_CALLS, points_to
from hookwatch.recover.twilio_alert import list_alerts
from hookwatch.recover.twilio_cause import BY_CODE
from hookwatch.recover.twilio_target import targets
from hookwatch.recover.webhook_urls import WebhookUrl, read_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookwatch.doctor.finding import Finding
    from hookwatch.doctor.place import Place
    from hookwatch.recover.twilio_client import TwilioAccount

LOOK_BACK = timedelta(hours=24)
SIDE, ALERTS = "twilio side", "twilio alerts"
OVERRIDES = "hookwatch overrides plan, then apply"


def twilio_side(account: TwilioAccount | Problem | None) -> Callable[[Place], Iterator[Finding]]:
    """The check of one account; None where nobody brought credentials."""

    def check(place: Place) -> Iterator[Finding]:
        if "twilio" not in place.providers():
            return
        if account is None:
            yield skip(SIDE, "no credentials of Twilio's in the environment", "set TWILIO_ACCOUNT_SID and an API key")
            return
        if isinstance(account, Problem):
            yield unseen(SIDE, account)
            return
        here = targets(place.account, place.stack)
        if isinstance(here, Problem):
            yield unseen(SIDE, here)
            return
        urls = (place.url("twilio"), *here)
        yield from _urls(account, urls)
        yield from _alerts(account, urls)

    return check


def _urls(account: TwilioAccount, here: tuple[str, ...]) -> Iterator[Finding]:
    found = read_urls(account)
    if isinstance(found, Problem):
        yield unseen(SIDE, found)
        return
    ours = [each for each in found if any(points_to(each.url, url) for url in here)]
    if not ours:
        sentence = "no number, messaging service or application of the account points to this stack"
        yield warn(SIDE, sentence, "give one the URL of `hookwatch overrides build --for normal`")
        return
    right = 0
    for each in ours:
        findings = list(_url(each))
        right += not findings
        yield from findings
    if right:
        yield ok(SIDE, f"{right} of {len(ours)} URLs point here with overrides that fit")


def _url(each: WebhookUrl) -> Iterator[Finding]:
    """What is wrong with one URL, the worst of it."""
    check = f"twilio {each.kind} {each.sid} {each.which}"
    if each.which in ("voice_url", "voice_fallback_url"):
        yield warn(check, ENDS_CALLS, "point it at what answers calls")
    worst = next((finding for finding in lint(each.url) if finding.level != "note"), None)
    if worst is not None:
        judge = fail if worst.level == "error" else warn
        yield judge(check, f"{worst.code}: {worst.message}", f"{worst.fix} ({OVERRIDES})")


def _alerts(account: TwilioAccount, here: tuple[str, ...]) -> Iterator[Finding]:
    now = datetime.now(UTC)
    found = list_alerts(account, now - LOOK_BACK, now)
    if isinstance(found, Problem):
        yield unseen(ALERTS, found)
        return
    codes = Counter(
        each.code for each in found.alerts if each.code in BY_CODE and any(points_to(each.url, url) for url in here)
    )
    hours = LOOK_BACK // timedelta(hours=1)
    if not codes:
        yield ok(ALERTS, f"no webhook to this stack failed in the last {hours} hours")
        return
    listed = ", ".join(f"{count} with {code}" for code, count in codes.most_common())
    sentence = f"alerts about webhooks to this stack in the last {hours} hours: {listed}"
    yield warn(ALERTS, sentence, f"hookwatch redeliver twilio --since {hours}h shows which are still missing")
