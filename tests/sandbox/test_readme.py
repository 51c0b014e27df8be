"""What the README tells a new user to type, typed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.cloud_rig import GITHUB_SECRET, TWILIO_TOKEN, Cloud, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.sandbox

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
BY_HAND = [block for block in re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE) if "openssl" in block]


@pytest.fixture
def typed(cloud: Cloud) -> Callable[[str], str]:
    """Type a block of the README, with the sandbox's real ports and secrets in it."""

    def run(block: str) -> str:
        urls = {"8001": cloud.sandbox.github_url, "8002": cloud.sandbox.twilio_url}
        for port, url in urls.items():
            block = block.replace(f"http://127.0.0.1:{port}/", str(url))
        block = block.replace("secret=...", f"secret={GITHUB_SECRET}").replace("token=...", f"token={TWILIO_TOKEN}")
        return subprocess.run(["bash", "-ec", block], capture_output=True, text=True, check=True).stdout

    return run


def test_there_are_two_ways_by_hand():
    """The README shows GitHub's recipe and Twilio's."""
    assert len(BY_HAND) == 2


def test_github_by_hand(cloud: Cloud, typed: Callable[[str], str]):
    """With curl and openssl alone, a delivery signed by hand is accepted and reaches the rule's target."""
    before = cloud.get("/api/events?limit=1000")["events"]
    answer = typed(BY_HAND[0])
    assert "200 OK" in answer
    assert '"outcome":"accepted"' in answer
    event = eventually(
        lambda: next((e for e in cloud.get("/api/events?limit=1000")["events"] if e not in before), None)
    )
    assert (event["source"], event["detail-type"]) == ("github.com", "push")
    assert event["detail"]["repository"] == {"full_name": "me/mine"}


def test_twilio_by_hand(cloud: Cloud, typed: Callable[[str], str]):
    """The same for Twilio, whose URL and parameters are signed."""
    answer = typed(BY_HAND[1])
    assert "200 OK" in answer
    assert "<Response/>" in answer
    event = eventually(
        lambda: next((e for e in cloud.twilio_events() if e["resources"] == ["hookwatch:twilio:delivery/SM1"]), None)
    )
    assert event["detail"]["Body"] == "hello"
    assert event["detail"]["hookwatch"]["kind"] == "message.inbound"
