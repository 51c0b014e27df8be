"""Every connection override that Twilio knows, as one table. Never parses and never judges.

A connection override is a `key=value` in the fragment of a webhook's URL: `https://host/#rc=3&rp=5xx,ct`. Twilio reads
it and sends neither the fragment nor a signature over it.
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (dated 2026-09-07, read 2026-11-22)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"
READ = "2026-11-22"

Kind = Literal["number", "flag", "list"]

LONGEST_MS = 15_000
"""All attempts of one webhook together, whatever the URL says (the same page)."""

POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "4xx": "an answer from 400 to 499",
        "5xx": "an answer from 500 to 599",
        "ct": "no connection: TCP or TLS handshake failed or took longer than ct",
        "rt": "no first byte of an answer within rt",
        "all": "all four of them",
    }
)

EDGES = ("ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla")
INTERCONNECT_EDGES = ("ashburn-ix", "frankfurt-ix", "london-ix", "san-jose-ix", "singapore-ix")
# Twilio's page on Interconnect lists these three too, its page on overrides does not.
# https://www.twilio.com/docs/interconnect/configure-your-application (read 2026-11-27)
UNSURE_EDGES = ("sao-paulo-ix", "sydney-ix", "tokyo-ix")

IGNORED_BY = ("Conversations", "Frontline")
"""Products whose webhooks ignore overrides (the same page)."""

LONGEST_URL = 4000
"""Characters of a StatusCallback. https://www.twilio.com/docs/api/errors/21609 (read 2026-11-22)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One override.

    Attributes:
        key: as it stands in the URL.
        name: what Twilio calls it.
        kind: a number, y or n, or a list with commas.
        default: what holds where the URL does not say.
        unit: of a number.
        lowest: the smallest number.
        highest: the largest number.
        words: the words that a flag or a list takes.
        meaning: what it does.
    """

    key: str
    name: str
    kind: Kind
    default: str
    meaning: str
    unit: str = ""
    lowest: int = 0
    highest: int = 0
    words: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What it takes, as a phrase."""
        if self.kind == "number":
            return f"a whole number from {self.lowest} to {self.highest}{self.unit and f' {self.unit}'}"
        return f"{', '.join(self.words[:-1])} or {self.words[-1]}" + (
            ", or several with commas" * (self.kind == "list")
        )


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        each.key: each
        for each in (
            Parameter(
                key="ct",
                name="connect timeout",
                kind="number",
                default="5000",
                unit="ms",
                lowest=100,
                highest=10_000,
                meaning="how long one attempt waits for the TCP connection",
            ),
            Parameter(
                key="rt",
                name="read timeout",
                kind="number",
                default="15000",
                unit="ms",
                lowest=100,
                highest=LONGEST_MS,
                meaning="how long one attempt waits for the first packet of the answer, and between packets",
            ),
            Parameter(
                key="tt",
                name="total time",
                kind="number",
                default="15000",
                unit="ms",
                lowest=100,
                highest=LONGEST_MS,
                meaning="how long all attempts together may take",
            ),
            Parameter(
                key="rc",
                name="retry count",
                kind="number",
                default="1",
                lowest=0,
                highest=5,
                meaning="how many times it is tried again",
            ),
            Parameter(
                key="rp",
                name="retry policy",
                kind="list",
                default="ct",
                words=tuple(POLICIES),
                meaning="which failures are tried again; never one whose answer had begun to arrive",
            ),
            Parameter(
                key="sni",
                name="Server Name Indication",
                kind="flag",
                default="y",
                words=("y", "n"),
                meaning="whether the TLS handshake names the host (https only)",
            ),
            Parameter(
                key="e",
                name="edge",
                kind="list",
                default="ashburn",
                words=(*EDGES, *INTERCONNECT_EDGES),
                meaning="where the request leaves Twilio; with several, each retry takes the next; "
                "ignored with Static Proxy",
            ),
        )
    }
)
