"""What a sandbox is asked to be: values only.

This module never starts, opens or reads anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOOPBACK = "127.0.0.1"
"""The only address that anything here listens on or speaks to."""

REGION = "us-east-1"
ACCOUNT = "123456789012"
"""AWS's own documentation account: nobody can mistake an ARN of the sandbox for a real one."""

STACK_NAME = "hookwatch"

OVER_TLS = {"x-forwarded-proto": "https"}
"""What tells the emulator that a call would be encrypted on AWS: policies that refuse other calls hold here too."""


class SandboxError(Exception):
    """The sandbox cannot run; the message says what to do about it."""


class MisuseError(SandboxError):
    """The sandbox was asked for something that cannot be; asking differently helps."""


class PortTakenError(MisuseError):
    """Another program holds a port that the sandbox was told to use."""

    def __init__(self, port: int, role: str) -> None:
        super().__init__(f"port {port} ({role}) on {LOOPBACK} is taken by another program")
        self.port = port
        self.role = role


@dataclass(frozen=True, slots=True)
class Ports:
    """The three ports that people use; 0 lets the system choose."""

    api: int = 0
    github: int = 0
    twilio: int = 0

    @classmethod
    def from_first(cls, port: int) -> Ports:
        """Return P, P+1 and P+2: page and API, GitHub Function URL, Twilio Function URL."""
        return cls(api=port, github=port + 1, twilio=port + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """One sandbox.

    Attributes:
        template: The SAM or CloudFormation template to deploy.
        github_secret: Throwaway webhook secret, deployed as the parameter GitHubWebhookSecret.
        twilio_token: Throwaway auth token, deployed as the parameter TwilioWebhookSecret.
        ports: Where to listen.
        parameters: Further template parameters.
        seed: Seed of the fault proxy's dice; None rolls differently every time.
        speed: How many seconds of sandbox time pass in one second.
        enforce_iam: Give each function the session of its own role, so that what the role does not allow is refused.
    """

    template: Path
    github_secret: str = field(repr=False)
    twilio_token: str = field(repr=False)
    ports: Ports = field(default_factory=Ports)
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    seed: int | None = None
    speed: float = 1.0
    enforce_iam: bool = False


@dataclass(frozen=True, slots=True)
class Stripped:
    """A resource that was left out of the local deploy, and why."""

    logical_id: str
    type: str
    reason: str


def one_line(text: str, limit: int = 400) -> str:
    """Return text fit for one line of a terminal."""
    return re.sub(r"\s+", " ", text).strip()[:limit]
