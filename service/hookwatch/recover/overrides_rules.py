"""The rules that a webhook's URL is held to, and what a finding is. Never checks anything: `overrides_lint` does.

Codes are stable; a rule that goes leaves its number. Twilio's own error codes stand in the sentences:
https://www.twilio.com/docs/api/errors (read 2026-11-22).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")

RULES: Mapping[str, tuple[Level, str]] = MappingProxyType(
    {
        "O001": ("error", "not an absolute http or https URL (11100)"),
        "O002": ("error", "a key that Twilio does not know"),
        "O003": ("error", "a value that is no number, or out of its range, or neither y nor n"),
        "O004": ("error", "a retry policy that Twilio refuses (11243)"),
        "O005": ("error", "an edge that Twilio refuses (11240, 11241)"),
        "O006": ("note", "an Interconnect edge, refused where the account has no Interconnect (11242)"),
        "O007": ("error", "a key or a word given twice"),
        "O008": ("warning", "the total time ends a read before its own timeout"),
        "O009": ("warning", "the total time ends a connect before its own timeout"),
        "O010": ("warning", "no retry can begin before the total time is over"),
        "O011": ("note", "not all retries can begin before the total time is over"),
        "O012": ("warning", "4xx answers are tried again, our refusals among them"),
        "O013": ("warning", "5xx answers are not tried again"),
        "O014": ("note", "a throttle of Lambda is a 429, which is a 4xx, and is not tried again"),
        "O015": ("note", "edges mean nothing with Static Proxy"),
        "O016": ("note", "some products ignore overrides"),
        "O017": ("note", "a rule of the Webhooks configuration API takes precedence"),
        "O018": ("warning", "a retry policy without retries"),
        "O019": ("warning", "no retry policy: Twilio's default"),
        "O020": ("warning", "Twilio gives up while the function may still be working"),
        "O021": ("note", "the read timeout outlives the function"),
        "O022": ("error", "longer than Twilio takes (21609)"),
        "O023": ("warning", "credentials in the URL"),
        "O024": ("error", "not https"),
        "O025": ("error", "not key=value"),
        "O026": ("warning", "no Server Name Indication"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one URL.

    Attributes:
        code: of the rule.
        message: what is wrong here and what follows from it.
        fix: what to do, one sentence.
        level: how bad it is; the rule's own level, unless what was asked for makes it another.
    """

    code: str
    message: str
    fix: str
    level: Level


def finding(code: str, message: str, fix: str, level: Level | None = None) -> Finding:
    """A finding at its rule's level, or at another."""
    return Finding(code, message, fix, level or RULES[code][0])
