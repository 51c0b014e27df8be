from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookwatch.sandbox.cloud_model import SandboxConfig
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.sandbox


def enforcing(template: Path) -> Iterator[Cloud]:
    """Run a sandbox that holds every function to its role."""
    return run_sandbox(
        SandboxConfig(
            template=template,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters={"Heartbeat": "on"},
            enforce_iam=True,
            seed=7,
        )
    )


def test_the_roles_of_the_template_allow_exactly_what_the_functions_do() -> None:
    """With IAM enforced, both providers' deliveries are accepted and on the bus, and heartbeats arrive."""
    for cloud in enforcing(TEMPLATE):
        reply, delivery_id = cloud.github()
        assert reply.status == 200, cloud.delivery(delivery_id)
        assert cloud.event(delivery_id)["source"] == "github.com"
        for event in ("message.inbound", "event-stream"):
            reply, _ = cloud.twilio(event)
            assert reply.status == 200
        assert eventually(cloud.twilio_events)
        cloud.fault(operation="PutEvents", fault="entry-error", rate=0.3)
        assert {cloud.twilio("event-stream")[0].status for _ in range(3)} == {200}  # each entry is tried again
        cloud.clear()
        for canary in ("github-canary", "twilio-canary"):
            beat = cloud.call("POST", f"/api/functions/{canary}/invoke").json
            assert (beat["result"], beat["payload"].get("status")) == ("ok", 200), beat


def test_a_missing_permission_is_found_here_and_not_on_aws(tmp_path: Path) -> None:
    """A role without PutEvents: the delivery is parked and the log line carries AWS's code."""
    weakened = tmp_path / "template.yaml"
    text = TEMPLATE.read_text()
    assert "events:PutEvents" in text
    weakened.write_text(text.replace("events:PutEvents", "events:DescribeRule"))
    for beside in ("service", "alarms", "dashboards", "runbooks"):
        (tmp_path / beside).symlink_to(TEMPLATE.parent / beside)
    for cloud in enforcing(weakened):
        reply, delivery_id = cloud.github()
        assert reply.status == 200
        line = cloud.delivery(delivery_id)
        assert (line["outcome"], line["error_code"]) == ("parked", "AccessDeniedException")
