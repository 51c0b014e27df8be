"""What the fake Twilio holds: one account's numbers, services, applications, messages, calls and alerts.

Never checks who asks and never speaks HTTP. Shapes as twilio-python 9.13.0 reads them.
"""

from __future__ import annotations

import secrets
from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Resource = dict[str, Any]

_WORDS = ("url", "method", "fallback_url", "fallback_method")
_NUMBER = {f"{each}_{word}": "POST" if "method" in word else "" for each in ("sms", "voice") for word in _WORDS}
_APPLICATION = {**_NUMBER, "message_status_callback": "", "sms_status_callback": ""}

# A property that only a single fetch shows; a list leaves it out.
# https://www.twilio.com/docs/usage/monitor-alert (read 2026-11-22)
FETCH_ONLY = ("request_variables", "request_headers", "response_headers", "response_body")


class TwilioStore:
    """One account.

    Attributes:
        account_sid: its SID.
        auth_token: signs in and signs webhooks.
        secondary_token: signs in, and signs nothing until it is promoted; empty for none.
        api_keys: SK... -> secret.
        numbers: incoming phone numbers by SID; the other collections alike.
        requests: what was asked, newest last: method and path.
        refusals: the next requests are refused with these statuses, in this order; 0 lets one through.
        before: called with method and path before a request is answered, for what happens in between.
    """

    def __init__(self, account_sid: str = "", auth_token: str = "") -> None:
        self.account_sid = account_sid or new_sid("AC")
        self.auth_token = auth_token or secrets.token_hex(16)
        self.secondary_token = ""
        self.api_keys: dict[str, str] = {}
        self.numbers: dict[str, Resource] = {}
        self.services: dict[str, Resource] = {}
        self.applications: dict[str, Resource] = {}
        self.messages: dict[str, Resource] = {}
        self.calls: dict[str, Resource] = {}
        self.alerts: dict[str, Resource] = {}
        self.requests: deque[tuple[str, str]] = deque(maxlen=10_000)
        self.refusals: deque[int] = deque()
        self.before: Callable[[str, str], None] | None = None

    def may(self, username: str, password: str) -> bool:
        """Whether these credentials sign in."""
        if username == self.account_sid:
            tokens = (self.auth_token, self.secondary_token)
            return any(secrets.compare_digest(password.encode(), each.encode()) for each in tokens if each)
        known = self.api_keys.get(username)
        return known is not None and secrets.compare_digest(password.encode(), known.encode())

    def add_number(self, phone_number: str, **more: Any) -> Resource:
        """Add a phone number."""
        given = {"phone_number": phone_number, "friendly_name": phone_number, "status": "in-use", **_NUMBER}
        more = {"status_callback": "", "status_callback_method": "POST", **more}
        return self._add(self.numbers, "PN", "IncomingPhoneNumbers", given | more)

    def add_application(self, friendly_name: str, **more: Any) -> Resource:
        """Add a TwiML application."""
        given = {"friendly_name": friendly_name, "status_callback": "", **_APPLICATION}
        return self._add(self.applications, "AP", "Applications", given | more)

    def add_service(self, friendly_name: str, **more: Any) -> Resource:
        """Add a messaging service."""
        sid, now = new_sid("MG"), _iso(datetime.now(UTC))
        self.services[sid] = {
            "sid": sid,
            "account_sid": self.account_sid,
            "friendly_name": friendly_name,
            "date_created": now,
            "date_updated": now,
            "inbound_request_url": None,
            "inbound_method": "POST",
            "fallback_url": None,
            "fallback_method": "POST",
            "status_callback": None,
            "use_inbound_webhook_on_number": False,
            "url": f"https://messaging.twilio.com/v1/Services/{sid}",
            **more,
        }
        return self.services[sid]

    def add_message(self, **more: Any) -> Resource:
        """Add a message."""
        given: Resource = {"from": "+15005550006", "to": "+15005550001", "body": "hello", "status": "delivered"}
        given |= {"direction": "outbound-api", "num_segments": "1", "num_media": "0", "error_code": None}
        return self._add(self.messages, "SM", "Messages", given | more)

    def add_call(self, **more: Any) -> Resource:
        """Add a call."""
        given = {"from": "+15005550006", "to": "+15005550001", "status": "completed", "direction": "outbound-api"}
        return self._add(self.calls, "CA", "Calls", given | {"duration": "7"} | more)

    def add_alert(self, **more: Any) -> Resource:
        """Add an alert; `date_created` may be given as a datetime."""
        sid = new_sid("NO")
        at = more.pop("date_created", None) or datetime.now(UTC)
        self.alerts[sid] = {
            "sid": sid,
            "account_sid": self.account_sid,
            "alert_text": "",
            "api_version": "2010-04-01",
            "date_created": _iso(at),
            "date_generated": _iso(at),
            "date_updated": _iso(at),
            "error_code": "11200",
            "log_level": "error",
            "more_info": "https://www.twilio.com/docs/errors/11200",
            "request_method": "POST",
            "request_url": "",
            "request_variables": "",
            "request_headers": None,
            "resource_sid": "",
            "response_body": "",
            "response_headers": "",
            "service_sid": None,
            "url": f"https://monitor.twilio.com/v1/Alerts/{sid}",
            **more,
        }
        return self.alerts[sid]

    def newest_alerts(self, wanted: Mapping[str, str]) -> list[Resource]:
        """Alerts as a list shows them: newest first, without what only a fetch shows."""
        found = [
            {name: value for name, value in alert.items() if name not in FETCH_ONLY}
            for alert in self.alerts.values()
            if ("LogLevel" not in wanted or alert["log_level"] == wanted["LogLevel"])
            and alert["date_created"] >= wanted.get("StartDate", "")
            and alert["date_created"] <= wanted.get("EndDate", "9")
        ]
        return sorted(found, key=lambda alert: (alert["date_created"], alert["sid"]), reverse=True)

    def _add(self, collection: dict[str, Resource], prefix: str, kind: str, more: Resource) -> Resource:
        sid, now = str(more.pop("sid", "")) or new_sid(prefix), format_datetime(datetime.now(UTC))
        collection[sid] = {
            "sid": sid,
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "date_created": now,
            "date_updated": now,
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/{kind}/{sid}.json",
            **more,
        }
        return collection[sid]


def update(resource: Resource, form: Mapping[str, str]) -> None:
    """Change the properties that a form names: `SmsUrl` is `sms_url`; what the resource has not is ignored."""
    for name, value in form.items():
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
        if snake in resource:
            resource[snake] = value


def new_sid(prefix: str) -> str:
    """A SID that nothing else has."""
    return prefix + secrets.token_hex(16)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
