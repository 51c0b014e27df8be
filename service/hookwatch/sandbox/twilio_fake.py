"""The sandbox's own Twilio, under /fake/twilio of the API's port: an account whose webhooks come to the sandbox.

Never reaches Twilio. Beside what Twilio's API has it takes `POST /send`, which makes Twilio send a webhook: what a
phone would cause elsewhere. `TWILIO_API_URL=http://127.0.0.1:8000/fake/twilio` leads every command here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from hookwatch.sandbox.twilio_accounts_api import accounts_routes
from hookwatch.sandbox.twilio_api import twilio_api_app
from hookwatch.sandbox.twilio_api_store import TwilioStore, new_sid
from hookwatch.sandbox.twilio_api_webhooks import TwilioWebhooks
from hookwatch.sender.examples import UnknownExampleError, load_example

if TYPE_CHECKING:
    from starlette.requests import Request

    from hookwatch.sender.examples import Form

PATH = "/fake/twilio"
ACCOUNT_SID = "AC00000000000000000000000000000000"
NUMBER = "+15005550006"
"""Twilio's own number for tests (https://www.twilio.com/docs/iam/test-credentials, read 2026-11-27)."""

_IDS = frozenset({"MessageSid", "SmsSid", "SmsMessageSid", "CallSid"})


class SandboxTwilio:
    """One account, one number, one messaging service."""

    def __init__(self, auth_token: str) -> None:
        """Make the account; its token is the one that the Twilio function verifies with."""
        self.store = TwilioStore(ACCOUNT_SID, auth_token)
        self._webhooks = TwilioWebhooks(self.store)
        self._url = ""

    def point_to(self, url: str) -> None:
        """Give the account a number and a messaging service whose webhooks go to a URL."""
        self._url = url
        self.store.add_number(NUMBER, sms_url=url, status_callback=url)
        self.store.add_service("sandbox", status_callback=url)

    def close(self) -> None:
        """Close the connections."""
        self._webhooks.close()

    def mount(self) -> Mount:
        """The account's API, to be mounted."""
        more = [*accounts_routes(self.store), Route("/send", self._send, methods=["POST"])]
        return Mount(PATH, twilio_api_app(self.store, more))

    async def _send(self, request: Request) -> Response:
        """Send one webhook of the kind that the form's `Event` names; what fails becomes an alert."""
        event = parse_qs((await request.body()).decode("utf-8", "replace")).get("Event", ["message.inbound"])[0]
        try:
            content = load_example("twilio", event).content
        except UnknownExampleError as error:
            return JSONResponse({"message": str(error.args[0])}, status_code=400)
        if isinstance(content, bytes) or not self._url:
            return JSONResponse({"message": "only forms are sent here, and only to the sandbox"}, status_code=400)
        form = _renewed(content)
        sid = self._resource(dict(form))
        reply = await asyncio.to_thread(self._webhooks.send, self._sent_to(), form, sid)
        return JSONResponse({"sid": sid, "status": reply.status})

    def _sent_to(self) -> str:
        """Where the number's webhooks go, overrides and all, as they were changed last."""
        number = next(iter(self.store.numbers.values()))
        return str(number["sms_url"] or self._url)

    def _resource(self, parameters: dict[str, str]) -> str:
        """Keep the message or call that the webhook is about, so that it can be asked for."""
        common = {"from": parameters.get("From", NUMBER), "to": parameters.get("To", NUMBER)}
        if sid := parameters.get("CallSid"):
            status = parameters.get("CallStatus", "completed")
            self.store.add_call(sid=sid, status=status, direction=parameters.get("Direction", "inbound"), **common)
            return sid
        sid = parameters.get("MessageSid", "")
        if sid:
            told = parameters.get("MessageStatus")
            common |= {"direction": "outbound-api" if told else "inbound", "status": told or "received"}
            self.store.add_message(sid=sid, body=parameters.get("Body", ""), **common)
        return sid


def _renewed(content: Form) -> Form:
    """The parameters with new ids; equal ids stay equal."""
    new: dict[str, str] = {}
    return tuple(
        (name, new.setdefault(value, new_sid(value[:2])) if name in _IDS and value else value)
        for name, value in content
    )
