"""The fake Twilio's other half: it sends webhooks, signed, and notes those that fail as alerts. Never tries again.

A webhook that fails here is one whose retries are over: what Twilio's connection overrides would have tried within 15 s
has been tried. https://www.twilio.com/docs/usage/monitor-alert (read 2026-11-22)
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3

from hookwatch.sender import Example, twilio_request
from hookwatch.sender.load import PATIENCE_S, post

if TYPE_CHECKING:
    from hookwatch.sandbox.twilio_api_store import Resource, TwilioStore
    from hookwatch.sender.examples import Form
    from hookwatch.sender.load import Reply

REFUSED, TIMED_OUT, RETRIEVAL_FAILURE = "11202", "11205", "11200"
CLIENT_ERROR = 400


class TwilioWebhooks:
    """Sends the webhooks of one account."""

    def __init__(self, store: TwilioStore, patience_s: float = PATIENCE_S["twilio"]) -> None:
        """Make it.

        Args:
            store: the account; failures become its alerts.
            patience_s: how long an answer may take.
        """
        self._store = store
        self._pool = urllib3.PoolManager(retries=False, timeout=patience_s)

    def send(self, url: str, parameters: Form, resource_sid: str = "", fallback_url: str = "") -> Reply:
        """Send one webhook, then to the fallback URL if it fails; each failure becomes an alert.

        Args:
            url: as configured, overrides and all.
            parameters: the form.
            resource_sid: the message or call that it is about.
            fallback_url: asked when `url` fails, with what failed in two more parameters.
        """
        reply = self._once(url, parameters, resource_sid)
        if fallback_url and _failed(reply):
            more = (("ErrorCode", _code(reply)), ("ErrorUrl", url))
            reply = self._once(fallback_url, (*parameters, *more), resource_sid)
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _once(self, url: str, parameters: Form, resource_sid: str) -> Reply:
        request = twilio_request(url, Example("twilio", "other", parameters), self._store.auth_token)
        reply = post(self._pool, request)
        if _failed(reply):
            self._note(url, parameters, resource_sid, reply)
        return reply

    def _note(self, url: str, parameters: Form, resource_sid: str, reply: Reply) -> Resource:
        code = _code(reply)
        said = {"ErrorCode": code, "httpResponse": str(reply.status or 502), "url": url, "LogLevel": "ERROR"}
        return self._store.add_alert(
            error_code=code,
            alert_text=f"Msg&sourceComponent=12000&{urlencode(said)}",
            request_url=url,
            request_variables=urlencode(parameters),
            resource_sid=resource_sid,
            response_body=reply.answer,
        )


def _failed(reply: Reply) -> bool:
    return reply.status is None or reply.status >= CLIENT_ERROR


def _code(reply: Reply) -> str:
    if reply.status is not None:
        return RETRIEVAL_FAILURE
    return TIMED_OUT if "timed out" in (reply.error or "") else REFUSED
