"""What keeps deliveries safe fails, under a fast clock with the real template: its alarm, who tells, and back to OK."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import urllib3

from drills.test_drills import PATIENCE_S, traffic
from hookwatch.ingest.parked import encode
from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sandbox.deploy_clients import Clients
from hookwatch.sender import github_request, load_example
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox
from sandbox.replay_stage import DETAIL, parked

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

SPEED = 300.0
QUIET = {"GitHubCustomerImpact": "OK", "GitHubDegraded": "OK", "TwilioCustomerImpact": "OK", "LoopOrSpend": "OK"}


class Keep:
    """A sandbox, with a hand on its queues."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        health = cloud.get("/api/health")
        self.outputs: dict[str, str] = health["outputs"]
        self._sqs = Clients(health["aws_endpoint_url"])("sqs")
        self._parked = 0

    def states(self) -> dict[str, str]:
        """Return the state of every alarm by the end of its logical id."""
        alarms = self.cloud.get("/api/alarms")["alarms"]
        return {alarm["logical_id"].rpartition(".")[2]: alarm["state"] for alarm in alarms}

    def wait(self, **states: str) -> None:
        """Wait until alarms are in these states, all at once."""
        eventually(lambda: states.items() <= self.states().items(), 2 * PATIENCE_S)

    def send(self, body: str) -> None:
        """Put a message into the parking queue."""
        self._sqs.send_message(QueueUrl=self.outputs["ParkingQueueUrl"], MessageBody=body)

    def park(self) -> None:
        """Put an event into the parking queue, as the functions do."""
        self._parked += 1
        event = parked(self._parked)
        envelope = replace(event.envelope, detail=DETAIL % f"keep-{self._parked}")
        self.send(encode(replace(event, envelope=envelope)))

    def deliver(self, extra_bytes: int = 0) -> int:
        """Send a signed push with so much more in it; returns the status."""
        example = load_example("github", "push")
        assert isinstance(example.content, bytes)
        body = json.dumps({**json.loads(example.content), "more": "x" * extra_bytes}).encode()
        request = github_request(self.cloud.sandbox.github_url or "", replace(example, content=body), GITHUB_SECRET)
        with urllib3.PoolManager(retries=False, timeout=20) as http:
            return int(http.request("POST", request.url, body=request.body, headers=request.headers).status)

    def empty(self) -> None:
        """Forget whatever is in either queue."""
        for output in ("ParkingQueueUrl", "ParkingDlqUrl"):
            self._sqs.purge_queue(QueueUrl=self.outputs[output])


@pytest.fixture(scope="module")
def fast() -> Iterator[Cloud]:
    """A sandbox whose minutes last a fifth of a second."""
    yield from run_sandbox(
        SandboxConfig(
            template=TEMPLATE,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters={"LoopLimit": "0", "MaxEntryBytes": "20000", "Deduplicate": "on"},
            speed=SPEED,
        )
    )


@pytest.fixture
def keep(fast: Cloud) -> Iterator[Keep]:
    """The sandbox without faults, with empty queues and nothing in ALARM."""
    made = Keep(fast)
    made.wait(Delivery="OK", **QUIET)
    yield made
    fast.clear()
    made.empty()


def test_a_message_that_is_not_ours_is_told_as_a_dead_letter(keep: Keep) -> None:
    """The replay gives it up at once; it lies in the dead-letter queue until somebody looks, and then all is well."""
    keep.send("hello")
    keep.wait(DlqDepth="ALARM", DeadLetters="ALARM", Delivery="OK", ParkedDepth="OK", **QUIET)
    keep.empty()
    keep.wait(DlqDepth="OK", DeadLetters="OK", Delivery="OK")


def test_a_replay_that_cannot_publish_is_told_as_delivery_alone(keep: Keep) -> None:
    """Parked events go round, in flight and not visible: depth, then the replay itself, and no page but one."""
    keep.cloud.fault(operation="PutEvents", fault="error", code="InternalFailure")
    with traffic(keep.park, 0.4):
        keep.wait(ParkedDepth="ALARM", Delivery="ALARM", DlqDepth="OK", **QUIET)
        keep.wait(GitHubReplayFailing="ALARM", Delivery="ALARM", **QUIET)
    keep.cloud.clear()
    keep.empty()
    keep.wait(ParkedDepth="OK", GitHubReplayFailing="OK", Delivery="OK")


def test_a_replay_that_is_killed_is_told_as_delivery(keep: Keep) -> None:
    """A function that ends without an answer leaves its messages where they are, and is told by its errors."""
    keep.cloud.fault(operation="Invoke", fault="crash", function="hookwatch-replay")
    with traffic(keep.park, 0.4):
        keep.wait(ReplayErrors="ALARM", Delivery="ALARM", **QUIET)
    keep.cloud.clear()
    keep.empty()
    keep.wait(ReplayErrors="OK", ParkedDepth="OK", Delivery="OK")


def test_a_bus_and_a_queue_that_are_both_down_are_customer_impact(keep: Keep) -> None:
    """What neither takes is answered 503: the alarm on the queue says which of the two to mend, and one page does."""
    keep.cloud.fault(operation="PutEvents", fault="error", code="AccessDeniedException")
    keep.cloud.fault(operation="SendMessage", fault="error", code="AccessDenied")
    assert keep.deliver() == 503
    with traffic(keep.deliver, 0.4, senders=4):
        keep.wait(GitHubParkingFailing="ALARM", GitHubPutEventsFailed="ALARM", GitHubCustomerImpact="ALARM")
        assert keep.states()["Delivery"] == "OK"
        keep.cloud.clear()
        keep.wait(GitHubParkingFailing="OK", GitHubPutEventsFailed="OK", **QUIET)


def test_a_bucket_that_is_down_has_its_alarm_and_loses_nothing(keep: Keep) -> None:
    """What is too large for the bus is parked whole meanwhile, and answered 200; the replay checks it in afterwards."""
    assert keep.deliver(30_000) == 200
    keep.cloud.fault(operation="PutObject", fault="error", code="AccessDenied")
    assert keep.deliver(30_000) == 200
    with traffic(lambda: keep.deliver(30_000), 0.4, senders=2):
        keep.wait(GitHubClaimCheckFailing="ALARM", GitHubCustomerImpact="OK")
    keep.cloud.clear()
    keep.wait(GitHubClaimCheckFailing="OK", ParkedDepth="OK", Delivery="OK", **QUIET)


def test_a_table_that_is_down_stops_nothing_and_writes_a_ticket(keep: Keep) -> None:
    """Deliveries are accepted without it, and its alarm tells by itself: no composite is about it."""
    keep.cloud.fault(operation="PutItem", fault="error", code="AccessDeniedException")
    assert keep.deliver() == 200
    with traffic(keep.deliver, 0.4, senders=2):
        keep.wait(GitHubDedupeFailing="ALARM", Delivery="OK", **QUIET)
    keep.cloud.clear()
    with traffic(keep.deliver, 0.4, senders=2):
        keep.wait(GitHubDedupeFailing="OK", Delivery="OK", **QUIET)
