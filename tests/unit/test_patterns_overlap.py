"""Whether two patterns can match one event: witnesses, proofs, and honest doubt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookwatch.patterns import compile_pattern
from hookwatch.patterns.knowledge import github_event, github_events, sources
from hookwatch.patterns.languages import NoValue, Value, common_value
from hookwatch.patterns.overlap import PAIRS_MAX, Disjoint, Maybe, Meets, overlap

GITHUB = {"source": ["github.com"], "detail-type": ["issues"]}


def compared(left: dict[str, Any], right: dict[str, Any]) -> Meets | Disjoint | Maybe:
    return overlap(compile_pattern(left), compile_pattern(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"source": ["a"]}, {"detail-type": ["b"]}),
        ({"source": [{"prefix": "acme."}]}, {"source": [{"suffix": ".shop"}]}),
        ({"source": [{"wildcard": "a*c*e"}]}, {"source": [{"anything-but": ["ace", "abcde"]}]}),
        ({"source": [{"equals-ignore-case": "STRASSE"}]}, {"source": [{"equals-ignore-case": "stra\u00dfe"}]}),
        ({"detail": {"n": [{"numeric": [">", 1, "<", 2]}]}}, {"detail": {"n": [{"anything-but": [1.5]}]}}),
        ({"detail": {"n": [{"numeric": [">=", 5]}]}}, {"detail": {"n": [{"numeric": ["<=", 5]}]}}),
        ({"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}, {"detail": {"ip": ["10.1.2.3"]}}),
        ({"detail": {"a": [{"exists": False}]}}, {"detail": {"b": [{"exists": True}]}}),
        ({"detail": {"a": ["1"]}}, {"detail": {"a": {"b": ["2"]}}}),
        ({"$or": [{"source": ["a"]}, {"source": ["b"]}]}, {"$or": [{"source": ["c"]}, {"source": ["b"]}]}),
    ],
)
def test_a_witness_matches_both(left: dict[str, Any], right: dict[str, Any]):
    """Where two patterns overlap, the event that is shown is accepted by the matcher for both."""
    found = compared(left, right)
    assert isinstance(found, Meets)
    assert compile_pattern(left).matches(found.event)
    assert compile_pattern(right).matches(found.event)


@pytest.mark.parametrize(
    ("left", "right", "path"),
    [
        ({"source": ["a"]}, {"source": ["b"]}, "source"),
        ({"source": [{"prefix": "a"}]}, {"source": [{"prefix": "b"}]}, "source"),
        ({"source": [{"wildcard": "*a"}]}, {"source": [{"wildcard": "*b"}]}, "source"),
        ({"source": [{"prefix": "a"}]}, {"source": [{"anything-but": {"prefix": "a"}}]}, "source"),
        ({"source": ["A"]}, {"source": [{"anything-but": {"equals-ignore-case": "a"}}]}, "source"),
        ({"account": ["1"]}, {"account": [{"exists": False}]}, "account"),
        ({**GITHUB, "detail": {"action": ["opened"]}}, {**GITHUB, "detail": {"action": ["closed"]}}, "detail.action"),
        ({**GITHUB, "detail": {"issue": {"id": [1]}}}, {**GITHUB, "detail": {"issue": {"id": [2]}}}, "detail.issue.id"),
        ({"detail": {"hop": [{"exists": False}]}}, {"detail": {"hop": [1]}}, "detail.hop"),
    ],
)
def test_what_holds_one_value_keeps_patterns_apart(left: dict[str, Any], right: dict[str, Any], path: str):
    """Envelope fields, and fields that GitHub's schemas say hold one value, prove that no event matches both."""
    found = compared(left, right)
    assert isinstance(found, Disjoint)
    assert found.path == path


@pytest.mark.parametrize("path", ["resources", "detail.colour", "detail.a.b"])
def test_what_may_be_an_array_never_keeps_patterns_apart(path: str):
    """Two values of a field that may be an array meet in an event that has both."""
    *way, last = path.split(".")

    def pattern(value: str) -> dict[str, Any]:
        node: dict[str, Any] = {last: [value]}
        for step in reversed(way):
            node = {step: node}
        return node

    found = compared(pattern("x"), pattern("y"))
    assert isinstance(found, Meets)
    value: Any = json.loads(found.event)
    for step in (*way, last):
        value = value[step]
    assert sorted(value) == ["x", "y"]


def test_labels_of_an_issue_may_be_several():
    """A field that GitHub's schema puts into an array does not keep patterns apart, though it looks like one value."""
    left = {**GITHUB, "detail": {"issue": {"labels": {"name": ["bug"]}}}}
    right = {**GITHUB, "detail": {"issue": {"labels": {"name": ["wontfix"]}}}}
    assert isinstance(compared(left, right), Meets)


def test_absence_beside_an_array_is_not_called_apart():
    """event-ruler judges exists: false within the chosen element, so an array of objects can satisfy both patterns."""
    absent = {"detail": {"a": {"b": ["1"], "c": [{"exists": False}]}}}
    present = {"detail": {"a": {"c": ["2"]}}}
    event = {"detail": {"a": [{"b": "1"}, {"c": "2"}]}}
    assert compile_pattern(absent).matches(event)
    assert compile_pattern(present).matches(event)
    assert not isinstance(compared(absent, present), Disjoint)


def test_numbers_between_neighbours_are_none():
    """Between two doubles that are neighbours lies no value, and that is a proof."""
    low = 1.0000000000000002
    (left,) = compile_pattern({"a": [{"numeric": [">", 1.0]}]}).alternatives[0].leaves
    (right,) = compile_pattern({"a": [{"numeric": ["<", low]}]}).alternatives[0].leaves
    (upto,) = compile_pattern({"a": [{"numeric": ["<=", low]}]}).alternatives[0].leaves
    assert common_value([left, right]) == NoValue()
    assert common_value([left, upto]) == Value(b"1.0000000000000002")


def test_a_literal_beyond_every_double_is_found():
    """A number that no double holds satisfies what refuses all doubles but not numbers."""
    (leaf,) = compile_pattern({"a": [{"exists": True}]}).alternatives[0].leaves
    (text,) = compile_pattern({"a": [{"prefix": ""}, None, True, False]}).alternatives[0].leaves
    (numbers,) = compile_pattern({"a": [{"numeric": [">=", 0]}, {"numeric": ["<", 0]}]}).alternatives[0].leaves
    found = common_value([leaf], [text, numbers])
    assert isinstance(found, Value)
    assert found.scalar == b"1e400"


def test_time_is_bounded_on_many_alternatives():
    """Patterns of 961 disjoint alternatives are left undecided after so many pairs, never called apart."""

    def pattern(mark: str) -> dict[str, Any]:
        def branches(name: str) -> list[dict[str, Any]]:
            return [{name: [f"{mark}{number}"]} for number in range(31)]

        return {"$or": branches("source"), "detail": {"$or": branches("b")}}

    found = compared(pattern("x"), pattern("y"))
    assert isinstance(found, Maybe)
    assert str(PAIRS_MAX) in found.why


def test_a_search_that_gives_up_says_so():
    """Where the search for a string ends at its bound, the answer is Maybe and not a proof."""
    tails = [f"{number}x" for number in range(150)]
    found = compared(
        {"source": [{"suffix": tail} for tail in tails]}, {"source": [{"anything-but": {"suffix": tails}}]}
    )
    assert isinstance(found, Maybe)
    assert "steps" in found.why


def test_deep_paths_are_written_with_dots():
    """A pattern of 390 levels has a witness too; its path is written in one key."""
    text = '{"a":' * 390 + '["x"]' + "}" * 390
    found = overlap(compile_pattern(text), compile_pattern(text))
    assert isinstance(found, Meets)


def test_knowledge_says_what_github_sends():
    """The data name their packages, know which events have an action, and tell scalars from objects and arrays."""
    assert any("@octokit/openapi-webhooks" in source for source in sources())
    assert len(github_events()) > 70
    push, issues = github_event("push"), github_event("issues")
    assert push is not None
    assert issues is not None
    assert push.actions is None
    assert issues.actions is not None
    assert {"opened", "closed", "labeled"} <= set(issues.actions)
    assert push.holds_one_value("pusher.name")
    assert not push.holds_one_value("commits.id")
    assert not push.holds_one_value("nobody.knows.this")
    assert push.field("refs") == "unknown"
    assert github_event("no_such_event") is None
    dispatch = github_event("repository_dispatch")
    assert dispatch is not None
    assert dispatch.actions == ()
    assert dispatch.field("client_payload.anything") == "open"
