"""Explanations: per path what is wanted, what was found, and a reason that a person can act on."""

from __future__ import annotations

import json

import pytest

from hookwatch.patterns import explain


def why(entry: str, event: str, path: str = "a") -> str:
    """Explain a pattern with one field; return the reason given for it."""
    explanation = explain(json.dumps({path: json.loads(f"[{entry}]")}), event)
    assert not explanation.matched
    return explanation.paths[0].why


@pytest.mark.parametrize(
    ("entry", "event", "reason"),
    [
        ('"push"', '{"a":"Push"}', '"Push" differs from "push" only in case'),
        ('"push"', '{"a":"push "}', '"push " differs from "push" only in white space'),
        ('"1"', '{"a":1}', 'the value is a number 1, wanted is the string "1"'),
        ('"true"', '{"a":true}', 'the value is a boolean true, wanted is the string "true"'),
        ("1", '{"a":"1"}', 'the value is the string "1", wanted is a number'),
        ("true", '{"a":"true"}', 'the value is the string "true", wanted is a boolean'),
        ('{"numeric":[">",5]}', '{"a":"7"}', 'the value is the string "7", wanted is a number'),
        ('{"prefix":"refs/"}', '{"a":"REFS/x"}', '"REFS/x" would fit {"prefix":"refs/"} if case were ignored'),
        ('{"suffix":".png"}', '{"a":"x.PNG"}', "if case were ignored"),
        ('{"wildcard":"a*c"}', '{"a":"AbC"}', "if case were ignored"),
        ('{"numeric":[">",5]}', '{"a":null}', "the value is null, wanted is a number"),
        ('"x","y"', '{"a":"z"}', 'the value is "z", wanted is "x" or "y"'),
        ('"x"', '{"a":["p","q"]}', 'none of 2 values is accepted, wanted is "x"'),
        ('{"anything-but":"x"}', '{"a":"x"}', 'the value is "x", wanted is {"anything-but":"x"}'),
        ('{"exists":false}', '{"a":1}', "the field exists and has to be absent"),
        ('{"anything-but":"x"}', "{}", "no such field; anything-but needs the field to exist"),
        ('"x"', "{}", "no such field (an empty object or array counts as absent)"),
        ('"x"', '{"a":{"b":1,"c":[]}}', "the field is an object (b); only its fields can be matched"),
        ('"x"', '{"A":"x"}', "no such field; the event has A, and names are compared exactly"),
        ('"x"', '{"detail":{"a":"x"}}', "no such field; the event has detail.a"),
    ],
)
def test_reason(entry: str, event: str, reason: str) -> None:
    """The reason names the difference that is most likely the mistake."""
    assert reason in why(entry, event)


def test_a_misspelt_envelope_field_is_recognised() -> None:
    """detail_type is told to be detail-type."""
    assert "the event has detail-type" in why('"push"', '{"detail-type":"push"}', "detail_type")


def test_values_in_different_elements_are_said_to_be_so() -> None:
    """Two paths that are satisfied only by different array elements say exactly that."""
    explanation = explain({"a": {"b": ["1"], "c": ["2"]}}, {"a": [{"b": "1"}, {"c": "2"}]})
    first, second = explanation.paths
    assert first.matched
    assert "another array element" in second.why


def test_the_closest_alternative_comes_first() -> None:
    """Of a $or the alternative that matched, or failed on the fewest paths, is the one that is shown."""
    pattern = {"$or": [{"a": ["x"], "b": ["x"]}, {"a": ["x"], "c": ["y"]}]}
    assert [path.path for path in explain(pattern, {"a": "x", "c": "z"}).paths] == ["a", "b"]
    assert [path.path for path in explain(pattern, {"a": "x", "c": "y"}).paths] == ["a", "c"]


def test_an_explanation_is_plain_data() -> None:
    """The JSON form holds the verdict and, per path, wanted and found as JSON values."""
    data = json.loads(json.dumps(explain('{"a":[1,{"prefix":"x"}]}', '{"a":[2,1e400]}').as_json()))
    assert data["matched"] is False
    assert data["paths"] == data["alternatives"][0]["paths"]
    assert data["paths"][0]["wanted"] == [1, {"prefix": "x"}]
    assert data["paths"][0]["found"] == [2, "1e400"]
    assert data["paths"][0]["pointer"] == "/a"


def test_an_absent_field_may_be_what_is_wanted() -> None:
    """A path that is absent, as wanted, is explained as satisfied with nothing found."""
    (path,) = explain({"a": [{"exists": False}]}, {"b": 1}).paths
    assert (path.matched, path.found, path.why) == (True, (), "")


def test_long_values_are_cut_in_reasons_only() -> None:
    """A reason repeats the beginning of a long value; the found value itself is whole."""
    (path,) = explain({"a": ["x"]}, {"a": "y" * 500}).paths
    assert len(path.why) < 200
    assert path.found == ("y" * 500,)
