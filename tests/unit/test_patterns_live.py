"""Asking EventBridge itself: the completed event, its answer, and what counts as disagreement."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from hookwatch.patterns import InvalidEvent
from hookwatch.patterns.envelope import MANDATORY, complete
from hookwatch.patterns.judgement import Judgement, Subject, Verdict, ask_service, judge
from hookwatch.patterns.live import LiveAnswer, NoAnswer

EVENT = '{"source":"github.com"}'


@dataclass
class Service:
    """Answers TestEventPattern with what it is told, and remembers what it was asked."""

    answer: Any
    asked: list[tuple[str, str]] = field(default_factory=list)

    def test_event_pattern(self, *, EventPattern: str, Event: str) -> Any:  # noqa: N803 - boto3 spells its arguments so
        """Answer or raise."""
        self.asked.append((EventPattern, Event))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def failure(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "TestEventPattern")


def asked(pattern: str, answer: Any, event: str = EVENT) -> tuple[Judgement, Service]:
    """Judge, ask a service that answers so, and return both."""
    service = Service(answer)
    judgement = judge(Subject("r", (pattern,)), "e", event)
    return ask_service(judgement, event, service), service


def test_the_event_is_completed_in_front() -> None:
    """Missing mandatory fields are added in front; what is there stays as it was written."""
    text, added = complete('{"account":"1", "detail":{"n":1.50,"n":1e400}}')
    assert text.endswith('"account":"1", "detail":{"n":1.50,"n":1e400}}')
    assert set(added) == set(MANDATORY) - {"account"}
    assert set(json.loads(text)) == {*MANDATORY, "detail"}
    assert complete(text) == (text, ())


@pytest.mark.parametrize("event", ["{}", " { } ", '\n{"a":1}\n'])
def test_any_object_can_be_completed(event: str) -> None:
    """An empty object and one with white space around it become complete JSON too."""
    assert set(MANDATORY) <= set(json.loads(complete(event)[0]))


@pytest.mark.parametrize("event", ["[]", "{", ""])
def test_only_objects_can_be_completed(event: str) -> None:
    """What is no JSON object is refused."""
    with pytest.raises(InvalidEvent):
        complete(event)


def test_the_same_verdict_is_no_disagreement() -> None:
    """A service that says what we say does not disagree, and was asked with the completed event."""
    judgement, service = asked('{"source":["github.com"]}', {"Result": True})
    assert judgement.live == (LiveAnswer(True),)
    assert not judgement.disagrees
    assert "detail-type" in judgement.completed
    assert set(MANDATORY) <= set(json.loads(service.asked[0][1]))


def test_another_verdict_is_a_disagreement() -> None:
    """A service that says otherwise disagrees."""
    assert asked('{"source":["github.com"]}', {"Result": False})[0].disagrees


def test_the_completed_event_is_what_is_compared() -> None:
    """A pattern that wants an added field to be absent is compared on the event that the service saw."""
    judgement, _ = asked('{"account":[{"exists":false}]}', {"Result": False})
    assert judgement.verdict is Verdict.MATCH
    assert not judgement.disagrees


def test_a_refused_pattern_is_an_answer() -> None:
    """A pattern that both refuse agrees; the service's reason is kept without its position."""
    refusal = failure(
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: Empty arrays are not allowed\n at [Source: (String)]",
    )
    judgement, _ = asked('{"a":[]}', refusal)
    assert judgement.live == (LiveAnswer(None, "Empty arrays are not allowed"),)
    assert not judgement.disagrees
    assert asked('{"a":["x"]}', refusal)[0].disagrees
    assert asked('{"a":[]}', {"Result": True})[0].disagrees


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (failure("AccessDeniedException", "not authorized"), "AccessDeniedException: not authorized"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "EndpointConnectionError"),
        ({}, "has no Result"),
        (None, "has no Result"),
    ],
)
def test_no_answer_is_no_verdict(answer: Any, problem: str) -> None:
    """A service that cannot be asked is said so and never counts as agreement or disagreement."""
    judgement, _ = asked('{"source":["github.com"]}', answer)
    (found,) = judgement.live
    assert isinstance(found, NoAnswer)
    assert problem in found.problem
    assert not judgement.disagrees


def test_what_is_not_judged_is_not_asked() -> None:
    """A rule without a known pattern is not sent to the service."""
    service = Service({"Result": True})
    judgement = judge(Subject("r", (), not_judged="unknown"), "e", EVENT)
    assert ask_service(judgement, EVENT, service) is judgement
    assert service.asked == []
