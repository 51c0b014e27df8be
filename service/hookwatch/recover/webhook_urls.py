"""The webhook URLs that a Twilio account holds: which resources have which, read and written. Decides nothing.

Properties: twilio-python 9.13.0 and https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource,
/messaging/api/service-resource, /usage/api/applications (read 2026-11-22).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.twilio_client import TwilioAccount

Kind = Literal["number", "service", "application"]

PAGE_SIZE = 1000
"""The largest page that Twilio gives (https://www.twilio.com/docs/usage/twilios-response, read 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """One URL of one resource.

    Attributes:
        kind: which sort of resource.
        sid: the resource.
        name: what people call it: the phone number, or the friendly name.
        which: the property that holds it.
        url: as Twilio holds it, overrides and all; never empty.
        unused: why Twilio does not ask this URL at present; empty if it does.
    """

    kind: Kind
    sid: str
    name: str
    which: str
    url: str
    unused: str = ""


@dataclass(frozen=True, slots=True)
class _Sort:
    """How one sort of resource is reached.

    Attributes:
        plural: what many of them are called.
        resources: the collection, by client.
        name: the property that people know it by.
        properties: the properties that hold a URL.
    """

    plural: str
    resources: Callable[[Any], Any]
    name: str
    properties: tuple[str, ...]


SORTS: Mapping[Kind, _Sort] = MappingProxyType(
    {
        "number": _Sort(
            "phone numbers",
            lambda client: client.incoming_phone_numbers,
            "phone_number",
            ("sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback"),
        ),
        "service": _Sort(
            "messaging services",
            lambda client: client.messaging.v1.services,
            "friendly_name",
            ("inbound_request_url", "fallback_url", "status_callback"),
        ),
        "application": _Sort(
            "applications",
            lambda client: client.applications,
            "friendly_name",
            (
                "sms_url",
                "sms_fallback_url",
                "sms_status_callback",
                "message_status_callback",
                "voice_url",
                "voice_fallback_url",
                "status_callback",
            ),
        ),
    }
)


def read_urls(account: TwilioAccount) -> tuple[WebhookUrl, ...] | Problem:
    """Every webhook URL of an account's numbers, messaging services and applications."""
    found: list[WebhookUrl] = []
    for kind, sort in SORTS.items():
        resources = _listed(account, sort)
        if isinstance(resources, Problem):
            return resources
        for each in resources:
            found += _urls(kind, each)
    return tuple(found)


def _listed(account: TwilioAccount, sort: _Sort) -> list[Any] | Problem:
    return account.ask(f"list {sort.plural}", lambda client: list(sort.resources(client).list(page_size=PAGE_SIZE)))


def fetch(account: TwilioAccount, kind: Kind, sid: str) -> Mapping[str, str] | Problem:
    """The URLs of one resource as they are now, by property; empty where it has none."""
    sort = SORTS[kind]
    found = account.ask(f"read {kind} {sid}", lambda client: sort.resources(client)(sid).fetch())
    return found if isinstance(found, Problem) else _values(sort, found)


def write(account: TwilioAccount, kind: Kind, sid: str, urls: Mapping[str, str]) -> Mapping[str, str] | Problem:
    """Set some URLs of one resource in one call; answers with what Twilio then holds."""
    sort = SORTS[kind]
    found = account.ask(f"change {kind} {sid}", lambda client: sort.resources(client)(sid).update(**urls))
    return found if isinstance(found, Problem) else _values(sort, found)


def _values(sort: _Sort, resource: Any) -> Mapping[str, str]:
    return {each: getattr(resource, each, None) or "" for each in sort.properties}


def _urls(kind: Kind, resource: Any) -> list[WebhookUrl]:
    sort = SORTS[kind]
    name = getattr(resource, sort.name, None) or resource.sid
    return [
        WebhookUrl(kind, resource.sid, name, each, url, _unused(kind, each, resource))
        for each, url in _values(sort, resource).items()
        if url
    ]


def _unused(kind: Kind, name: str, resource: Any) -> str:
    if kind == "service" and name != "status_callback" and resource.use_inbound_webhook_on_number:
        return "the service leaves inbound messages to the webhook of each number"
    if kind == "number":
        medium = name.partition("_")[0]
        application = getattr(resource, f"{medium}_application_sid", None) if medium in ("sms", "voice") else None
        if application:
            return f"the application {application} answers for this number instead"
    return ""
