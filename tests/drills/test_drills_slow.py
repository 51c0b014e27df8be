"""What takes hours or days to be told, at an hour a second: what GitHub forgets, a stuck rotation, old dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import urllib3

from drills.test_drills import traffic
from drills.test_drills_keeping import Keep
from hookwatch.sandbox.github_api_model import Event, Posted
from hookwatch.sender import github_request, load_example
from sandbox.recovery_rig import Recovery, recovery

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

SPEED = 3_600.0
HOUR_S = 3_600.0
PENDING = "what-the-hook-will-sign-with-when-the-rotation-goes-on"
REFUSED = Posted("Invalid HTTP Response: 401", 401)
"""A redelivery cannot mend this: it stays missing until somebody acts."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Recovery]:
    """A sandbox with the sweeper on its schedule, a pending key, and a dead letter that begins to age."""
    with recovery(SPEED, Sweeper="on") as made:
        outputs = made.cloud.get("/api/health")["outputs"]
        clients = made.cloud.through_proxy()
        clients("secretsmanager").put_secret_value(
            SecretId=outputs["GitHubSecretArn"], SecretString=PENDING, VersionStages=["AWSPENDING"]
        )
        clients("sqs").send_message(QueueUrl=outputs["ParkingDlqUrl"], MessageBody="given up")
        yield made


def test_what_github_will_forget_is_told_and_what_comes_back_is_not(stage: Recovery) -> None:
    """A refused delivery of 61 hours ago: missing for three hours, eleven left; a success of it ends both."""
    keep, world = Keep(stage.cloud), stage.world
    (hook,) = world.hooks.values()
    keep.wait(RedeliveryExpiring="OK", RedeliveryMissing="OK", SweeperFailing="OK")
    world.record(hook, Event("old", "push"), REFUSED, age_s=61 * HOUR_S)
    keep.wait(RedeliveryExpiring="ALARM", RedeliveryMissing="ALARM")
    world.record(hook, Event("old", "push"), Posted())
    keep.wait(RedeliveryExpiring="OK", RedeliveryMissing="OK", SweeperFailing="OK")


def test_a_rotation_that_has_stopped_half_way_is_a_ticket(stage: Recovery) -> None:
    """The hook signs with the pending key for hours: nothing is refused, and somebody is told."""
    keep = Keep(stage.cloud)

    def deliver() -> None:
        request = github_request(stage.cloud.sandbox.github_url or "", load_example("github", "push"), PENDING)
        with urllib3.PoolManager(retries=False, timeout=20) as http:
            answer = http.request("POST", request.url, body=request.body, headers=request.headers)
        assert answer.status == 200, answer.data

    with traffic(deliver, 0.3):
        keep.wait(GitHubPendingKeyUsed="ALARM", GitHubCustomerImpact="OK")
    keep.wait(GitHubPendingKeyUsed="OK")


def test_a_dead_letter_of_two_days_tells_by_itself(stage: Recovery) -> None:
    """Its depth was told at once, and its age once more, while there is still time to bring it back."""
    keep = Keep(stage.cloud)
    keep.wait(DlqDepth="ALARM", DlqAge="ALARM", DeadLetters="ALARM", Delivery="OK")
    keep.empty()
    keep.wait(DlqDepth="OK", DlqAge="OK", DeadLetters="OK")
