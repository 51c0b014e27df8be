"""One event on its way to one target: attempts, retries, dead-letter queue, in sandbox time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from hookwatch.sandbox.faults import Fault, FaultKind
from hookwatch.sandbox.faults_request import BadFault, WantedFault, parse_fault
from hookwatch.sandbox.rule_book import LiveRule, LiveTarget
from hookwatch.sandbox.rule_delivery import Delivery, World

if TYPE_CHECKING:
    from hookwatch.sandbox.rule_dlq import DeadLetter

RULE = LiveRule("orders", "arn:aws:events:us-east-1:1:rule/saas/orders", None, ())
QUEUE, DLQ = "arn:aws:sqs:us-east-1:1:there", "arn:aws:sqs:us-east-1:1:dead"


@dataclass
class Elsewhere:
    """What a delivery meets, as a test wants it."""

    faults: list[Fault] = field(default_factory=list)
    there: bool = True
    taken: bool = True
    letters: list[DeadLetter] = field(default_factory=list)

    @property
    def world(self) -> World:
        return World(lambda _: self.faults, lambda _: self.there, self._send)

    def _send(self, arn: str, letter: DeadLetter) -> bool:
        assert arn == DLQ
        self.letters.append(letter)
        return self.taken


def failing(code: str | None = None) -> Fault:
    return Fault(operation="RuleTarget", kind=FaultKind.ERROR, code=code)


def delivery(*, retries: int = 185, age_s: int = 86_400, dlq: str | None = DLQ, before_ms: float = 7.0) -> Delivery:
    target = LiveTarget(QUEUE, retries, age_s, dlq)
    return Delivery(bus="saas", rule=RULE, target=target, event="{}", begun_s=1000.0, before_ms=before_ms)


def to_the_end(one: Delivery, elsewhere: Elsewhere) -> tuple[dict[str, float], list[float]]:
    """Carry a delivery to its end; returns the sum of each metric and when something happened."""
    total: dict[str, float] = {}
    times: list[float] = []
    while not one.over:
        times.append(one.due_s)
        for name, value in one.advance(one.due_s, elsewhere.world).items():
            total[name] = total.get(name, 0.0) + value
        assert len(times) < 1000
    return {name: value for name, value in total.items() if value}, times


def test_a_target_that_is_there_is_invoked_once() -> None:
    """One attempt, one success, and the time on the bus as latency."""
    total, times = to_the_end(delivery(), Elsewhere())
    assert times == [1000.0]
    assert total["IngestiontoInvocationStartLatency"] == 7.0
    assert total["IngestionToInvocationSuccessLatency"] >= 7.0
    assert {name: value for name, value in total.items() if "Latency" not in name} == {
        "InvocationAttempts": 1,
        "SuccessfulInvocationAttempts": 1,
        "Invocations": 1,
    }


def test_a_failing_target_is_tried_again_ever_more_slowly_until_its_retries_are_used_up() -> None:
    """After them the invocation has failed, and the event lies in the queue with EventBridge's attributes."""
    elsewhere = Elsewhere([failing()])
    total, times = to_the_end(delivery(retries=3), elsewhere)
    assert times == [1000.0, 1001.0, 1003.0, 1007.0]
    assert (total["InvocationAttempts"], total["RetryInvocationAttempts"]) == (4, 3)
    assert (total["Invocations"], total["FailedInvocations"], total["InvocationsSentToDlq"]) == (1, 1, 1)
    assert "IngestionToInvocationSuccessLatency" not in total
    assert total["IngestiontoInvocationStartLatency"] == 7.0
    (letter,) = elsewhere.letters
    texts = {name: value["StringValue"] for name, value in letter.attributes().items()}
    assert texts == {
        "RULE_ARN": RULE.arn,
        "TARGET_ARN": QUEUE,
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "the sandbox fails this target as it was told to",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "3",
    }


def test_an_event_that_grows_too_old_is_given_up_before_its_retries_are() -> None:
    """The last try is when the age is reached; the attribute says which limit it was."""
    elsewhere = Elsewhere([failing("THROTTLING")])
    _, times = to_the_end(delivery(age_s=60), elsewhere)
    assert times[-1] == 1060.0
    assert elsewhere.letters[0].exhausted == "MaximumEventAgeInSeconds"


def test_185_retries_fit_into_a_day() -> None:
    """What AWS promises by default: 24 hours and up to 185 retries."""
    elsewhere = Elsewhere([failing()])
    _, times = to_the_end(delivery(), elsewhere)
    assert 80_000 < times[-1] - times[0] <= 86_400
    assert elsewhere.letters[0].retries > 160


def test_a_target_that_recovers_takes_the_event() -> None:
    """A retry that succeeds is no failed invocation; its latency holds the wait."""
    elsewhere = Elsewhere([failing()])
    one = delivery()
    assert one.advance(1000.0, elsewhere.world)["InvocationAttempts"] == 1
    elsewhere.faults = []
    total, _ = to_the_end(one, elsewhere)
    assert (total["RetryInvocationAttempts"], total["Invocations"]) == (1, 1)
    assert total["IngestionToInvocationSuccessLatency"] >= 1007.0
    assert "FailedInvocations" not in total
    assert elsewhere.letters == []


@pytest.mark.parametrize("code", [None, "NO_PERMISSIONS"])
def test_what_no_retry_can_mend_is_given_up_at_once(code: str | None) -> None:
    """A target that is gone or forbidden is tried once, and the message names no exhausted limit."""
    elsewhere = Elsewhere([failing(code)] if code else [], there=bool(code))
    total, times = to_the_end(delivery(), elsewhere)
    assert len(times) == 1
    assert (total["FailedInvocations"], total["InvocationsSentToDlq"]) == (1, 1)
    attributes = elsewhere.letters[0].attributes()
    assert attributes["ERROR_CODE"]["StringValue"] == (code or "NO_RESOURCE")
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


def test_a_dead_letter_queue_that_is_gone_is_counted_and_without_one_the_event_is_lost() -> None:
    """Either way the invocation has failed."""
    gone, _ = to_the_end(delivery(), Elsewhere(there=False, taken=False))
    assert (gone["FailedInvocations"], gone["InvocationsFailedToBeSentToDlq"]) == (1, 1)
    without, _ = to_the_end(delivery(dlq=None), Elsewhere(there=False))
    assert without["FailedInvocations"] == 1
    assert not any("Dlq" in name for name in without)


def test_a_throttled_rule_waits_and_a_slow_one_is_late() -> None:
    """Neither is an attempt; the wait is the latency of the first one. A delay strikes an event once."""
    throttle = Fault(operation="RuleTarget", kind=FaultKind.THROTTLE)
    elsewhere = Elsewhere([throttle, Fault(operation="RuleTarget", kind=FaultKind.DELAY, seconds=45.0)])
    one = delivery()
    assert one.advance(1000.0, elsewhere.world) == {}
    assert one.due_s == 1045.0
    assert one.advance(1045.0, elsewhere.world) == {"ThrottledRules": 1}
    elsewhere.faults = []
    total, _ = to_the_end(one, elsewhere)
    assert total["IngestiontoInvocationStartLatency"] == 46_007.0
    assert "RetryInvocationAttempts" not in total


def test_a_rule_that_is_throttled_for_too_long_gives_its_events_up() -> None:
    """The age decides, and no attempt was made."""
    elsewhere = Elsewhere([Fault(operation="RuleTarget", kind=FaultKind.THROTTLE)])
    total, _ = to_the_end(delivery(age_s=60), elsewhere)
    assert (total["FailedInvocations"], total["InvocationsSentToDlq"]) == (1, 1)
    assert "InvocationAttempts" not in total
    assert (elsewhere.letters[0].code, elsewhere.letters[0].retries) == ("THROTTLING", 0)


def test_faults_of_targets_may_name_a_rule() -> None:
    """`rule` has a meaning for RuleTarget alone; what cannot happen to a target is refused."""
    wanted = parse_fault({"operation": "RuleTarget", "fault": "error", "rule": "orders", "function": "github"})
    assert isinstance(wanted, WantedFault)
    assert (wanted.fault.rule, wanted.ignored) == ("orders", ("function",))
    elsewhere = parse_fault({"operation": "PutEvents", "fault": "throttle", "rule": "orders"})
    assert isinstance(elsewhere, WantedFault)
    assert elsewhere.ignored == ("rule",)
    assert isinstance(parse_fault({"operation": "RuleTarget", "fault": "crash"}), BadFault)
    assert isinstance(parse_fault({"operation": "RuleTarget", "fault": "cut"}), BadFault)
    assert isinstance(parse_fault({"operation": "RuleTarget", "fault": "error", "rule": 7}), BadFault)
