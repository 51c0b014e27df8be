"""One sandbox for a whole session of tests: it starts in two seconds, and every test leaves it without faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookwatch.sandbox.cloud_model import SandboxConfig
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[Cloud]:
    """The session's sandbox."""
    yield from run_sandbox(
        SandboxConfig(template=TEMPLATE, github_secret=GITHUB_SECRET, twilio_token=TWILIO_TOKEN, seed=7)
    )


@pytest.fixture
def cloud(running_cloud: Cloud) -> Iterator[Cloud]:
    """The session's sandbox, without faults before and after."""
    running_cloud.clear()
    yield running_cloud
    running_cloud.clear()
