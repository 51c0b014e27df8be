"""Where calls of twilio-python go: Twilio, or for a rehearsal another address. Never logs a request.

`TWILIO_API_URL` sends every call for a host under twilio.com to one base address instead, path and query untouched. The
credentials go there too, so it must be https or this machine.
"""

from __future__ import annotations

import ipaddress
import logging
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient

VARIABLE = "TWILIO_API_URL"
TIMEOUT_S = 15.0

# twilio-python logs URLs and query parameters, which name phone numbers.
_SILENT = logging.getLogger("hookwatch-twilio")
_SILENT.disabled = True


class TwilioHttp(TwilioHttpClient):  # type: ignore[misc] # twilio-python publishes no types
    """Sends as twilio-python does, with a time limit, and to another address if one is given."""

    def __init__(self, base_url: str = "") -> None:
        """Make it.

        Args:
            base_url: where everything goes instead of *.twilio.com; empty: to Twilio.
        """
        super().__init__(timeout=TIMEOUT_S, logger=_SILENT)
        self._base_url = base_url
        if base_url and _is_loopback(base_url):
            # A proxy of the environment has no way back to this machine.
            self.session.trust_env = False

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Any:
        """Send one request."""
        return super().request(method, redirected(url, self._base_url), *arguments, **more)


def redirected(url: str, base_url: str) -> str:
    """The URL at another base; itself where there is none, or where it is not Twilio's."""
    parts = urlsplit(url)
    if not base_url or not (parts.hostname or "").endswith(".twilio.com"):
        return url
    base = urlsplit(base_url)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))


def wrong_base(base_url: str) -> str | None:
    """Why an address must not be given credentials; None if it may."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" and parts.hostname and not parts.query:
        return None
    if parts.scheme == "http" and _is_loopback(base_url):
        return None
    return f"{VARIABLE} must be https, or http on this machine: the account's credentials go there"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
