"""Lost webhooks: alerts gathered into the events that they are about. Pure: asks nobody, sends nothing.

One event may have many alerts: each try of its URL and of the fallback URL makes one. What makes two webhooks the same
event is decided by the function's own code, so that it is the same here as in its log and on the bus.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from hookwatch.ingest.model import Accepted, Delivery
from hookwatch.ingest.providers.twilio import FORM, Twilio
from hookwatch.recover.twilio_cause import cause_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.config import EventFormat
    from hookwatch.ingest.model import Refusal
    from hookwatch.recover.twilio_alert import Alert
    from hookwatch.recover.twilio_cause import Cause
    from hookwatch.recover.twilio_form import Form

CALL_STATUS = "call.status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """One event that did not arrive.

    Attributes:
        delivery_id: what it is called in the log and on the bus; the alert's SID where nothing is known of it.
        kind: what kind of webhook; empty where nothing is known of it.
        form: its parameters; empty where nobody has them any more.
        alerts: what Twilio tells of it, oldest first.
        rebuilt: whether the parameters come from the message or call itself.
        missing: why there are no parameters.
        causes: why it failed, one for each alert.
    """

    delivery_id: str
    kind: str
    form: Form = field(repr=False)
    alerts: tuple[Alert, ...]
    causes: tuple[Cause, ...]
    rebuilt: bool = False
    missing: str = ""

    @property
    def last(self) -> Alert:
        """The newest of its alerts."""
        return self.alerts[-1]

    @property
    def cause(self) -> Cause:
        """Why it failed the last time."""
        return self.causes[-1]

    @property
    def unsure(self) -> bool:
        """Whether one of the tries may have arrived all the same."""
        return any(each.unsure for each in self.causes)

    @property
    def numberless(self) -> bool:
        """Whether its id lacks the sequence number that Twilio's own has: a call does not tell it."""
        return self.rebuilt and self.kind == CALL_STATUS

    @property
    def url(self) -> str:
        """Where it is to go: where it was sent first, without overrides."""
        return self.alerts[0].url.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Found:
    """One alert with the parameters that were found for it.

    Attributes:
        alert: what Twilio tells.
        form: the parameters.
        rebuilt: whether they come from the message or call itself.
        missing: why there are none.
        outcome: the outcome that our answer named.
    """

    alert: Alert
    form: Form = field(repr=False)
    outcome: str = ""
    rebuilt: bool = False
    missing: str = ""


def gather(found: Iterable[Found], provider: Twilio) -> tuple[Lost, ...]:
    """The events that alerts are about, oldest first."""
    known = [(each, *_name(each, provider)) for each in sorted(found, key=lambda one: (one.alert.at, one.alert.sid))]
    # A call's status with its sequence number is the one that was rebuilt without.
    numbered = {name.rpartition(":")[0]: name for each, name, kind in known if kind == CALL_STATUS and not each.rebuilt}
    events: dict[str, list[Found]] = {}
    kinds: dict[str, str] = {}
    for each, name, kind in known:
        same = numbered.get(name, name) if each.rebuilt else name
        events.setdefault(same, []).append(each)
        kinds[same] = kind
    return tuple(_lost(name, kinds[name], together) for name, together in events.items())


def _name(found: Found, provider: Twilio) -> tuple[str, str]:
    """What an event is called, and its kind; the alert's SID and no kind where nothing is known of it."""
    accepted = accept(found.form, found.alert, provider, "hookwatch") if found.form else None
    return (accepted.delivery_id, accepted.event_type) if isinstance(accepted, Accepted) else (found.alert.sid, "")


def _lost(name: str, kind: str, together: list[Found]) -> Lost:
    # What Twilio kept of the webhook itself says more than what was put together from its resource.
    best = next((each for each in together if each.form and not each.rebuilt), together[-1])
    return Lost(
        delivery_id=name,
        kind=kind,
        form=best.form,
        alerts=tuple(each.alert for each in together),
        causes=tuple(cause_of(each.alert.code, each.alert.status, each.outcome) for each in together),
        rebuilt=best.rebuilt,
        missing=best.missing,
    )


def accept(form: Form, alert: Alert, provider: Twilio, event_format: EventFormat) -> Accepted | Refusal:
    """What the function makes of these parameters, as if they had arrived when they failed."""
    parts = urlsplit(alert.url.partition("#")[0])
    body = urlencode(form)
    delivery = Delivery(
        method="POST",
        scheme=parts.scheme,
        host=parts.netloc.rpartition("@")[2],
        path=parts.path or "/",
        query=parts.query,
        headers={"content-type": FORM},
        text=body,
        is_base64=False,
        request_id="",
        source_ip="",
        received_at_ms=int(alert.at.timestamp() * 1000),
    )
    return provider.accept(delivery, body.encode("ascii"), event_format)
