"""The parameters of a lost webhook: out of an alert, or rebuilt from the message or call itself. Sends nothing.

Parameters: https://www.twilio.com/docs/messaging/guides/webhook-request, /voice/api/call-resource#statuscallback
(read 2026-11-22)
"""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from hookwatch.ingest.providers.twilio import MAX_PARAMETERS
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from hookwatch.recover.twilio_client import TwilioAccount

Form = tuple[tuple[str, str], ...]

MESSAGES, CALLS = ("SM", "MM"), ("CA",)
INBOUND = "inbound"

# What Twilio adds when it asks a fallback URL: why and where the webhook before it failed. `ErrorCode` alone is also
# the parameter of a message that could not be delivered, so it goes only together with the other.
_FALLBACK = frozenset({"ErrorCode", "ErrorUrl"})


def read_form(variables: str) -> Form:
    """The parameters of an alert, without those of a fallback; empty where they cannot be read."""
    try:
        form = parse_qsl(variables, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return ()
    if any(name == "ErrorUrl" for name, _ in form):
        form = [(name, value) for name, value in form if name not in _FALLBACK]
    return tuple(form)


def rebuild(account: TwilioAccount, resource_sid: str) -> Form | Problem:
    """The webhook's parameters as far as the message or call itself still has them: its last status, no media URLs."""
    if resource_sid.startswith(MESSAGES):
        message = account.ask(f"read message {resource_sid}", lambda client: client.messages(resource_sid).fetch())
        return message if isinstance(message, Problem) else _message(message)
    if resource_sid.startswith(CALLS):
        call = account.ask(f"read call {resource_sid}", lambda client: client.calls(resource_sid).fetch())
        return call if isinstance(call, Problem) else _call(call)
    return Problem("the alert has no parameters and names no message or call", found=True)


def _message(message: Any) -> Form:
    common = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_,
        "To": message.to,
        "MessagingServiceSid": message.messaging_service_sid,
        "ApiVersion": message.api_version,
    }
    if message.direction == INBOUND:
        more = {
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "Body": message.body or "",
            "NumMedia": message.num_media,
            "NumSegments": message.num_segments,
        }
    else:
        error = None if message.error_code is None else str(message.error_code)
        more = {"MessageStatus": message.status, "SmsStatus": message.status, "ErrorCode": error}
    return _form(common | more)


def _call(call: Any) -> Form:
    ended = call.end_time or call.start_time
    caller = call._from  # noqa: SLF001 - what twilio-python 9.13.0 calls it, unlike that of a message
    return _form(
        {
            "CallSid": call.sid,
            "AccountSid": call.account_sid,
            "From": caller,
            "To": call.to,
            "Caller": caller,
            "Called": call.to,
            "Direction": call.direction,
            "CallStatus": call.status,
            "ParentCallSid": call.parent_call_sid,
            "CallDuration": call.duration,
            "Timestamp": None if ended is None else format_datetime(ended),
            "ApiVersion": call.api_version,
            "CallbackSource": "call-progress-events",
        }
    )


def _form(values: dict[str, str | None]) -> Form:
    return tuple((name, value) for name, value in values.items() if value is not None)
