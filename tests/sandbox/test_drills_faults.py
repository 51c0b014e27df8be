"""Faults of the functions themselves, and how forgiving the faults API is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from hookwatch.sandbox.faults import FaultTable
from hookwatch.sandbox.faults_request import BadFault, WantedFault, parse_fault
from sandbox.cloud_rig import eventually

if TYPE_CHECKING:
    from sandbox.cloud_rig import Cloud


@pytest.mark.parametrize(
    ("document", "ignored"),
    [
        ({"operation": "PutEvents", "fault": "throttle", "seconds": 5}, ("seconds",)),
        ({"operation": "PutEvents", "fault": "throttle", "seconds": "soon"}, ("seconds",)),
        ({"operation": "PutEvents", "fault": "delay", "seconds": 5, "code": "X"}, ("code",)),
        ({"operation": "PutEvents", "fault": "cut", "code": "X", "seconds": 1}, ("code", "seconds")),
        ({"operation": "PutEvents", "fault": "error", "cod": "X"}, ("cod",)),
        ({"operation": "PutEvents", "fault": "error", "function": "github"}, ("function",)),
        ({"operation": "Invoke", "fault": "crash", "code": "X", "seconds": 1}, ("code",)),
        ({"operation": "PutEvents", "fault": "error", "code": None, "rate": None, "seconds": None}, ()),
    ],
)
def test_fields_without_a_meaning_are_left_aside_and_named(document: dict[str, Any], ignored: tuple[str, ...]) -> None:
    """One set of fields fits every kind of fault; a misspelt one is seen in the answer."""
    wanted = parse_fault(document)
    assert isinstance(wanted, WantedFault), wanted
    assert wanted.ignored == ignored
    assert wanted.fault.rate == 1.0


@pytest.mark.parametrize(
    "document",
    [
        {"operation": "PutEvents", "fault": "crash"},
        {"operation": "*", "fault": "crash"},
        {"operation": "Invoke", "fault": "cut"},
        {"operation": "Invoke", "fault": "delay"},
        {"operation": "Invoke", "fault": "crash", "function": 7},
        {"operation": "PutEvents", "fault": "delay", "seconds": True},
    ],
)
def test_what_makes_no_sense_is_still_refused(document: dict[str, Any]) -> None:
    """Only a function can crash, and an invocation cannot be cut."""
    assert isinstance(parse_fault(document), BadFault)


def test_everything_does_not_mean_the_functions_themselves() -> None:
    """A fault on `*` strikes what functions call, not the calls of functions."""
    table = FaultTable()
    for document in ({"operation": "*", "fault": "throttle"}, {"operation": "Invoke", "fault": "crash"}):
        wanted = parse_fault(document)
        assert isinstance(wanted, WantedFault)
        table.add(wanted.fault)
    assert [fault.kind for fault in table.draw("PutEvents")] == ["throttle"]
    assert [fault.kind for fault in table.draw_invoke(["github"])] == ["crash"]


@pytest.mark.sandbox
def test_a_crash_kills_one_function_and_not_the_other(cloud: Cloud) -> None:
    """502 without our code's word, a line that says how it ended, an error counted; lifted, all is well."""
    cloud.fault(operation="Invoke", fault="crash", function="github")
    reply, _ = cloud.github()
    assert reply.status == 502
    assert cloud.twilio()[0].status == 200
    lines = [entry["line"] for entry in cloud.get("/api/logs")["lines"]]
    assert any("Runtime.ExitError" in line or "exited with error" in line for line in lines)
    errors = cloud.get("/api/metrics?namespace=AWS/Lambda&name=Errors")["metrics"]
    assert errors[1]["value"] == 1.0
    assert errors[1]["dimensions"] == {"FunctionName": "hookwatch-github"}
    cloud.clear()
    assert cloud.github()[0].status == 200


@pytest.mark.sandbox
def test_an_answer_that_no_service_gives_ends_as_crashed(cloud: Cloud) -> None:
    """Our one broad except: 500, a line that names the error, and nothing that AWS would have counted."""
    calls = len(cloud.get("/api/metrics?namespace=AWS/Events&name=PutEventsApproximateCallCount")["metrics"])
    cloud.fault(operation="PutEvents", fault="garble")
    reply, delivery_id = cloud.github()
    assert (reply.status, reply.json["outcome"]) == (500, "crashed")
    assert cloud.delivery(delivery_id)["error_code"] == "AttributeError"
    assert len(cloud.get("/api/metrics?namespace=AWS/Events&name=PutEventsApproximateCallCount")["metrics"]) == calls
    cloud.clear()
    assert cloud.github()[0].status == 200


@pytest.mark.sandbox
def test_a_throttled_invocation_is_a_429_that_our_code_never_sees(cloud: Cloud) -> None:
    """As if no concurrency were free: no line, a throttle counted."""
    seen = len(cloud.get("/api/deliveries?limit=10000")["deliveries"])
    cloud.fault(operation="Invoke", fault="throttle", function="hookwatch-twilio")
    assert cloud.twilio()[0].status == 429
    assert len(cloud.get("/api/deliveries?limit=10000")["deliveries"]) == seen
    throttles = cloud.get("/api/metrics?namespace=AWS/Lambda&name=Throttles&limit=1")["metrics"]
    assert (throttles[0]["value"], throttles[0]["dimensions"]["FunctionName"]) == (1.0, "hookwatch-twilio")


@pytest.mark.sandbox
def test_a_delayed_invocation_holds_its_place(cloud: Cloud) -> None:
    """Executions that are delayed count against the concurrency limit."""
    limit = cloud.get("/api/health")["functions"]["twilio"]["reserved_concurrency"]
    cloud.fault(operation="Invoke", fault="delay", seconds=1.5, function="twilio")
    statuses: list[int] = []
    senders = [
        threading.Thread(target=lambda: statuses.append(cloud.twilio()[0].status)) for _ in range(int(limit) + 2)
    ]
    for sender in senders:
        sender.start()
    eventually(lambda: statuses.count(429) == 2)
    for sender in senders:
        sender.join()
    assert sorted(statuses) == [200] * int(limit) + [429] * 2
