"""What only time brings about, at an hour a second: an event that nobody takes, and a sweeper that never ends well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from drills.test_drills_keeping import QUIET, Keep
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

SPEED = 3_600.0
RETENTION_DAYS = "1"
NO_TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:not-there-AbCdEf"


@pytest.fixture(scope="module")
def keep() -> Iterator[Keep]:
    """A sandbox whose hours last a second, with nobody who takes messages out, and a sweeper without a token."""
    parameters = {
        "LoopLimit": "0",
        "ParkingRetentionDays": RETENTION_DAYS,
        "Sweeper": "on",
        "SweeperRepository": "acme/shop",
        "SweeperTokenSecretArn": NO_TOKEN,
    }
    config = SandboxConfig(
        template=TEMPLATE,
        github_secret=GITHUB_SECRET,
        twilio_token=TWILIO_TOKEN,
        parameters=parameters,
        speed=SPEED,
    )
    for cloud in run_sandbox(config):
        made = Keep(cloud)
        functions = Clients(cloud.get("/api/health")["aws_endpoint_url"])("lambda")
        (mapping,) = functions.list_event_source_mappings(FunctionName=made.outputs["ReplayFunction"])[
            "EventSourceMappings"
        ]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        eventually(
            lambda cloud=cloud: any(
                source["function"].endswith("replay") and not source["enabled"]
                for source in cloud.get("/api/sources")["queues"]
            )
        )
        time.sleep(1.5)  # a look at the queue that had begun takes a second
        yield made


def test_an_event_that_nobody_takes_is_told_again_before_it_is_too_late(keep: Keep) -> None:
    """Depth after ten minutes, age after an hour, and by itself once more when half of the retention is over."""
    keep.wait(Delivery="OK", ParkedExpiring="OK")
    keep.park()
    keep.wait(ParkedDepth="ALARM", ParkedAge="ALARM", ParkedExpiring="OK", Delivery="ALARM", **QUIET)
    keep.wait(ParkedExpiring="ALARM", Delivery="ALARM", **QUIET)
    keep.empty()
    keep.wait(ParkedDepth="OK", ParkedAge="OK", ParkedExpiring="OK", Delivery="OK")


def test_a_sweeper_that_cannot_sweep_is_told_after_an_hour(keep: Keep) -> None:
    """Every run fails, because its token is not there; nothing else is said about it."""
    keep.wait(SweeperFailing="ALARM", RedeliveryExpiring="OK", RedeliveryMissing="OK", Delivery="OK", **QUIET)
