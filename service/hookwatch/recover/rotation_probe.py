"""Proves that functions accept a key: a heartbeat signed with it, through the public URL. Never waits by itself.

What is sent is what the canary sends: marked, counted as `Heartbeat` and not as a delivery, never tried again here.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING

from hookwatch.ingest import canary

if TYPE_CHECKING:
    from hookwatch.recover.rotation import Key, Provider

SUCCESS = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """How a heartbeat was answered.

    Attributes:
        status: the HTTP status; None if no answer came.
        why: what went wrong on the way, if no answer came.
    """

    status: int | None
    why: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the key verified and the event is safe."""
        return self.status == SUCCESS


@dataclass(frozen=True, slots=True)
class Probe:
    """Sends heartbeats to one URL."""

    provider: Provider
    url: str

    def __call__(self, key: Key) -> Answered:
        """Send one."""
        sign = {"github": canary.github, "twilio": canary.twilio}[self.provider]
        try:
            # The URL is the stack's own output or the operator's option; a file answers with no status of HTTP's.
            with urllib.request.urlopen(sign(self.url, key.text.encode()), timeout=canary.TIMEOUT_S) as answer:  # noqa: S310 - see above
                return Answered(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return Answered(error.code)
        except (OSError, HTTPException, ValueError) as error:
            return Answered(None, type(error).__name__)
