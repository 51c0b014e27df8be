"""What a URL's overrides mean, in a sentence and as a timeline for each way to fail. Values only: never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.overrides import read
from hookwatch.recover.overrides_table import PARAMETERS
from hookwatch.recover.overrides_timeline import FAILURES, Timeline, timeline

if TYPE_CHECKING:
    from hookwatch.recover.overrides import Overrides, Reading

_KINDS = {
    "5xx": "a 5xx answer",
    "4xx": "a 4xx answer",
    "ct": "a failed connection",
    "rt": "no answer within {read_timeout_ms} ms",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A URL's overrides, explained.

    Attributes:
        reading: what stands in the URL.
        sentence: what Twilio does, in one sentence.
        timelines: one for each way to fail.
    """

    reading: Reading
    sentence: str
    timelines: tuple[Timeline, ...]


def explain(url: str) -> Explanation:
    """Explain a URL's overrides."""
    reading = read(url)
    timelines = tuple(timeline(reading.overrides, name) for name in FAILURES)
    return Explanation(reading, sentence(reading.overrides), timelines)


def sentence(now: Overrides) -> str:
    """What Twilio does, in one sentence."""
    never = [_KINDS[each].format(read_timeout_ms=now.read_timeout_ms) for each in _KINDS if each not in now.retry_on]
    tried = [_KINDS[each].format(read_timeout_ms=now.read_timeout_ms) for each in _KINDS if each in now.retry_on]
    within = f"within {now.total_timeout_ms / 1000:g} s"
    if now.retries == 0:
        return f"Twilio sends once and never again, whatever happens, and waits {within} for the answer."
    again = "once" if now.retries == 1 else f"up to {now.retries} times"
    text = f"Twilio tries again {again} after {_or(tried)}, all {within}"
    if never:
        text += f"; never after {_or(never)}"
    edges = f", leaving Twilio at {', then '.join(now.edges)}" if len(now.edges) > 1 else ""
    return f"{text}{edges}. Later it never sends again."


def table() -> list[dict[str, str]]:
    """Every override with what it takes, as rows."""
    return [
        {
            "key": each.key,
            "name": each.name,
            "takes": each.allowed,
            "default": each.default,
            "meaning": each.meaning,
        }
        for each in PARAMETERS.values()
    ]


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
