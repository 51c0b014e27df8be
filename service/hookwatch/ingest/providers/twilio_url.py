"""Which URL did Twilio sign? Lists the possibilities; decides nothing and never rebuilds a query from its parameters.

Twilio signs the URL as it was configured, without userinfo and fragment. Whether the port is in it depends on the
product, and a URL without a path may or may not have been given its slash; so both forms are tried, as twilio-python
does. https://www.twilio.com/docs/usage/security#a-few-notes (read 2026-11-22).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookwatch.ingest.model import Delivery

_DEFAULT_PORT = {"https": "443", "http": "80"}


def candidates(delivery: Delivery, public_url: str | None) -> tuple[str, ...]:
    """The URLs that Twilio may have signed, likeliest first, none twice."""
    query = f"?{delivery.query}" if delivery.query else ""
    found: dict[str, None] = {}
    if public_url is not None:
        scheme, _, rest = public_url.partition("://")
        authority, slash, tail = rest.partition("/")
        path, _, own_query = f"{slash}{tail}".partition("?")
        # A proxy may hand on the query that it was configured with, or add to it, or leave it to us.
        queries = [query] if own_query == "" else [query or f"?{own_query}", f"?{own_query}"]
        for asked in queries:
            _add(found, scheme, authority, path or "/", asked)
        if path in ("", "/") and delivery.path != "/":
            _add(found, scheme, authority, delivery.path, query)
    _add(found, delivery.scheme, delivery.host, delivery.path, query)
    return tuple(found)


def _add(found: dict[str, None], scheme: str, authority: str, path: str, query: str) -> None:
    host = authority.rpartition("@")[2]
    name, port = _split_port(host)
    hosts = (host, name if port else f"{name}:{_DEFAULT_PORT.get(scheme, '443')}")
    for each in hosts:
        found[f"{scheme}://{each}{path}{query}"] = None
        if path == "/":
            found[f"{scheme}://{each}{query}"] = None


def _split_port(host: str) -> tuple[str, str]:
    """Host name and port; the colons inside an IPv6 literal's brackets are not ports."""
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and port.isdigit() and (not name.startswith("[") or name.endswith("]")) else (host, "")
