"""Where webhooks go: one URL as it will stand on the wire. Never resolves a name and never connects."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

import urllib3
from urllib3.exceptions import LocationParseError


class TargetError(ValueError):
    """The URL cannot be sent to; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in the spelling that is requested, and so in the one that Twilio's signature covers.

    Attributes:
        url: without userinfo and fragment, with a path.
        headers: the credentials that stood in the URL as a header, if there were any.
        is_loopback: whether the host is this machine.
    """

    url: str
    headers: dict[str, str] = field(repr=False)
    is_loopback: bool


def read_target(text: str) -> Target:
    """Read a URL.

    Raises:
        TargetError: it is no absolute http or https URL.
    """
    try:
        url = urllib3.util.parse_url(text)
    except LocationParseError as error:
        raise TargetError(f"{text!r} is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host or "://" not in text:
        raise TargetError(f"{text!r} is not an absolute http or https URL, such as http://127.0.0.1:8001/")
    headers = dict(urllib3.make_headers(basic_auth=url.auth)) if url.auth else {}
    return Target(str(url._replace(auth=None, fragment=None, path=url.path or "/")), headers, _is_loopback(url.host))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
