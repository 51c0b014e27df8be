"""Six causes, each rehearsed under `--speed 60` with the real template: one page, from the right composite."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from hookwatch.sandbox.cloud_model import SandboxConfig
from hookwatch.sender import github_request, load_example, twilio_request
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, eventually, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

SPEED = 60.0
PATIENCE_S = 100.0
"""The slowest alarm here wants two whole periods of five minutes, ten to fifteen seconds; a busy machine gets more."""

QUARTER_S = 16.0
"""The longest period here, a quarter of an hour (ReplayFailing), and a minute for its evaluation, in this clock."""

GITHUB_IMPACT, TWILIO_IMPACT = "Alarms.GitHubCustomerImpact", "Alarms.TwilioCustomerImpact"
GITHUB_DEGRADED = "Alarms.GitHubDegraded"
DELIVERY = "Alarms.Delivery"


@pytest.fixture(scope="module")
def fast() -> Iterator[Cloud]:
    """A sandbox whose minutes last a second.

    The same two examples are sent again and again, which is what a loop looks like; loops are not drilled here.
    """
    yield from run_sandbox(
        SandboxConfig(
            template=TEMPLATE,
            github_secret=GITHUB_SECRET,
            twilio_token=TWILIO_TOKEN,
            parameters={"LoopLimit": "0"},
            speed=SPEED,
        )
    )


@pytest.fixture
def drilled(fast: Cloud) -> Iterator[Drill]:
    """The sandbox without faults, with every composite at rest and nothing of an earlier drill left to tell."""
    fast.clear()
    drill = Drill(fast)
    drill.wait_for_quiet()
    yield Drill(fast, drill.told())
    fast.clear()


@dataclass(frozen=True)
class Drill:
    """A running sandbox, and how often each composite had told the topic before the drill."""

    cloud: Cloud
    before: Mapping[str, int] = field(default_factory=dict)

    def alarms(self) -> dict[str, Any]:
        """Return what /api/alarms shows of the composites, by logical id."""
        shown = self.cloud.get("/api/alarms")["alarms"]
        return {alarm["logical_id"]: alarm for alarm in shown if alarm["type"] == "composite"}

    def composites(self) -> dict[str, str]:
        """Return the state of every composite."""
        return {key: alarm["state"] for key, alarm in self.alarms().items()}

    def told(self) -> dict[str, int]:
        """Return how often each composite notified the topic."""
        return {key: len(alarm["actions"]) for key, alarm in self.alarms().items()}

    def pages(self) -> dict[str, int]:
        """Return how often each composite told the topic of an ALARM during the drill; the silent ones are left out."""
        told: dict[str, int] = {}
        for key, alarm in self.alarms().items():
            fresh = alarm["actions"][: len(alarm["actions"]) - self.before[key]]
            assert all(action["action"].endswith(":hookwatch-alarms") for action in fresh)
            if times := [action["state"] for action in fresh].count("ALARM"):
                told[key] = times
        return told

    def story(self) -> str:
        """Return every change of state so far, oldest first, for whoever reads a failure."""
        changes = self.cloud.get("/api/alarms/transitions")["transitions"]
        return "\n".join(str(change) for change in reversed(changes))

    def wait_for_page(self, *alarms: str) -> None:
        """Wait until composites have told of their ALARM."""
        eventually(lambda: self.pages().keys() >= set(alarms), PATIENCE_S)

    def wait_for_rest(self) -> None:
        """Wait until every composite is OK again."""
        eventually(lambda: set(self.composites().values()) == {"OK"}, PATIENCE_S)

    def wait_for_quiet(self) -> None:
        """Wait until a whole quarter of an hour has told nothing: an alarm that slow tells after its drill is over."""
        told: dict[str, int] = {}
        while told != (told := self.told()):
            self.wait_for_rest()
            time.sleep(QUARTER_S)


@contextlib.contextmanager
def traffic(send: Callable[[], object], every_s: float, senders: int = 1) -> Iterator[None]:
    """Send from some threads, each every so often, until the block ends."""
    over = threading.Event()

    def work(delay_s: float) -> None:
        over.wait(delay_s)
        while not over.is_set():
            begun = time.monotonic()
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                send()
            over.wait(max(0.0, begun + every_s - time.monotonic()))

    threads = [threading.Thread(target=work, args=(number * every_s / senders,)) for number in range(senders)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def post(cloud: Cloud, provider: str, secret: str) -> int:
    """Send one delivery signed with a secret; returns the status."""
    if provider == "github":
        request = github_request(cloud.sandbox.github_url or "", load_example("github", "push"), secret)
    else:
        request = twilio_request(cloud.sandbox.twilio_url or "", load_example("twilio", "message.inbound"), secret)
    with urllib3.PoolManager(retries=False, timeout=20) as http:  # of each thread's own
        return int(http.request("POST", request.url, body=request.body, headers=request.headers).status)


def test_forged_signatures_degrade_and_a_drifted_secret_is_customer_impact(drilled: Drill) -> None:
    """GitHub among forgeries stays served and tells P2; Twilio's token has drifted, so nothing verifies: P1."""
    cloud = drilled.cloud
    with traffic(lambda: post(cloud, "github", GITHUB_SECRET), 1.0):
        with (
            traffic(lambda: post(cloud, "github", "a forger's guess"), 0.4, senders=4),
            traffic(lambda: post(cloud, "twilio", "what Twilio signs with since somebody rotated its token"), 0.6),
        ):
            drilled.wait_for_page(GITHUB_DEGRADED, TWILIO_IMPACT)
        with traffic(lambda: post(cloud, "twilio", TWILIO_TOKEN), 0.6):
            drilled.wait_for_rest()
    assert drilled.pages() == {GITHUB_DEGRADED: 1, TWILIO_IMPACT: 1}


def empty_parking(cloud: Cloud) -> None:
    """Take away what the replay would publish in its own time: its pauses are minutes of this clock, not of ours."""
    sqs = cloud.through_proxy()("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="hookwatch-parked")["QueueUrls"][:1]
    sqs.purge_queue(QueueUrl=url)


def test_throttled_put_events_harms_no_provider_and_tells_that_events_wait(drilled: Drill) -> None:
    """While EventBridge throttles every call both providers hear 200, events wait, and one composite tells."""
    cloud = drilled.cloud
    statuses: list[int] = []
    # A throttled delivery is tried again for some seconds, which are minutes here: enough senders, and none in step
    # with another, so that every minute has its share as it would have at real speed.
    with (
        traffic(lambda: statuses.append(post(cloud, "github", GITHUB_SECRET)), 4.5, senders=5),
        traffic(lambda: statuses.append(post(cloud, "twilio", TWILIO_TOKEN)), 4.5, senders=5),
    ):
        cloud.fault(operation="PutEvents", fault="throttle")
        drilled.wait_for_page(DELIVERY)
        cloud.clear()
        empty_parking(cloud)
        drilled.wait_for_rest()
    assert set(statuses) == {200}
    assert drilled.pages() == {DELIVERY: 1}, drilled.story()


def test_no_bus_and_no_queue_is_customer_impact_of_both(drilled: Drill) -> None:
    """While neither PutEvents nor SendMessage works both providers are told 503; lifted, both recover."""
    cloud = drilled.cloud

    @contextlib.contextmanager
    def both() -> Iterator[None]:
        with (
            traffic(lambda: post(cloud, "github", GITHUB_SECRET), 4.5, senders=9),
            traffic(lambda: post(cloud, "twilio", TWILIO_TOKEN), 4.5, senders=9),
        ):
            yield

    with both():
        # The queue first, or the first few deliveries would be parked, and tell a story of their own.
        cloud.fault(operation="SendMessage", fault="error", code="AccessDeniedException")
        cloud.fault(operation="PutEvents", fault="throttle")
        drilled.wait_for_page(GITHUB_IMPACT, TWILIO_IMPACT)
    # What is on its way ends under the fault: eight real seconds are eight minutes here, and would tell once more.
    cloud.clear()
    with both():
        drilled.wait_for_rest()
    assert drilled.pages() == {GITHUB_IMPACT: 1, TWILIO_IMPACT: 1}, drilled.story()


def test_a_crashed_function_and_a_burst_over_the_limit_are_customer_impact(drilled: Drill) -> None:
    """GitHub's function is killed in every invocation; Twilio gets more at once than its concurrency: each pages."""
    cloud = drilled.cloud
    # A function that is killed each time needs its time to start: with one sender, minutes of this clock would pass
    # without a failure, and the outage would last until the alarms that look at quarters of an hour tell of it, too.
    with traffic(lambda: post(cloud, "github", GITHUB_SECRET), 2.4, senders=4):
        cloud.fault(operation="Invoke", fault="crash", function="github")
        cloud.fault(operation="Invoke", fault="delay", seconds=1.0, function="twilio")
        with traffic(lambda: post(cloud, "twilio", TWILIO_TOKEN), 0.9, senders=16):
            drilled.wait_for_page(GITHUB_IMPACT, TWILIO_IMPACT)
        cloud.clear()
        with traffic(lambda: post(cloud, "twilio", TWILIO_TOKEN), 0.6):
            drilled.wait_for_rest()
    assert drilled.pages() == {GITHUB_IMPACT: 1, TWILIO_IMPACT: 1}, drilled.story()
