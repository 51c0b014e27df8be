"""The overrides that we recommend for the Twilio function, each value with its reason. Decides nothing by itself.

docs/overrides.md tells the same for people, and tests hold both to what `lint` says.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Situation = Literal["normal", "incident"]

NORMAL: Mapping[str, str] = MappingProxyType(
    {
        # A connection to Lambda takes tens of milliseconds; three waits of 2 s and a slow answer fit into 15 s.
        "ct": "2000",
        # The function answers within 8 s and is ended after 9 s: sooner would be a retry while the first still works.
        "rt": "9000",
        "tt": "15000",
        "rc": "3",
        # What trying again can mend. Not 4xx: those are our refusals, and they stay what they are.
        "rp": "5xx,ct,rt",
    }
)
INCIDENT: Mapping[str, str] = MappingProxyType(
    {
        **NORMAL,
        # While Lambda throttles, the answer is 429. More attempts, because each of them is refused within a moment.
        "rc": "5",
        "rp": "4xx,5xx,ct,rt",
    }
)
PRESETS: Mapping[Situation, Mapping[str, str]] = MappingProxyType({"normal": NORMAL, "incident": INCIDENT})
