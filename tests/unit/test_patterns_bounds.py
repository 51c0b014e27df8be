"""Hostile and oversized input: an error that says what is too much, soon and without much memory."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from hookwatch.patterns import InvalidEvent, InvalidPattern, compile_pattern, explain, matches
from hookwatch.patterns.compiler import CHARACTERS_MAX
from hookwatch.patterns.jsontext import MAX_DEPTH
from hookwatch.patterns.wildcards import complexity, pieces

GENEROUS_S = 10.0
"""No input below may take longer, on a machine that is busy with other things; they all take far less than one."""
GENEROUS_BYTES = 64 * 1024 * 1024


def refused(pattern: str) -> InvalidPattern:
    """Compile within the bounds above; return the refusal."""
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(InvalidPattern) as found:
            compile_pattern(pattern)
        assert time.process_time() - start < GENEROUS_S
        assert tracemalloc.get_traced_memory()[1] < GENEROUS_BYTES
    finally:
        tracemalloc.stop()
    return found.value


def padded(characters: int) -> str:
    """A pattern of exactly so many characters."""
    return '{"a":["' + "x" * (characters - len('{"a":[""]}')) + '"]}'


def test_4096_characters_are_the_most() -> None:
    """4,096 characters compile, 4,097 do not, and the reason says both numbers."""
    assert len(padded(CHARACTERS_MAX)) == 4096
    assert compile_pattern(padded(4096)).size_characters == 4096
    reason = refused(padded(4097)).reason
    assert "4097" in reason
    assert "4096" in reason


def test_white_space_does_not_count() -> None:
    """The size is that of the compact JSON, so an indented pattern may be longer; blanks within strings count."""
    pattern = {"detail": {f"field-{number}": ["a b"] for number in range(150)}}
    indented = json.dumps(pattern, indent=8)
    assert len(indented) > CHARACTERS_MAX
    assert compile_pattern(indented).size_characters == len(json.dumps(pattern, separators=(",", ":")))


def test_a_million_alternatives_are_refused_by_their_length() -> None:
    """A $or written out a million times is refused without being parsed."""
    assert "EventBridge takes at most" in refused('{"$or":[' + ",".join(['{"a":["x"]}'] * 1_000_000) + "]}").reason


def test_alternatives_are_counted_before_they_are_made() -> None:
    """Twenty $or of two branches each multiply to a million alternatives and are refused unmade."""
    branches = '{"a":["x"]},{"b":["x"]}'
    fields = ",".join(f'"f{number}":{{"$or":[{branches}]}}' for number in range(20))
    assert refused(f"{{{fields}}}").reason == "Event pattern contains more than 1000 rule combinations"


def test_a_thousand_alternatives_are_allowed() -> None:
    """1,000 combinations compile; one branch more does not."""
    ten = ",".join(f'{{"a":[{number}]}}' for number in range(10))
    fields = ",".join(f'"f{number}":{{"$or":[{ten}]}}' for number in range(3))
    assert len(compile_pattern(f"{{{fields}}}").alternatives) == 1000
    eleven = f'{ten},{{"a":["more"]}}'
    assert "combinations" in refused(f'{{"g":{{"$or":[{eleven}]}},{fields}}}').reason


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 5_000, 500_000])
def test_deep_nesting_is_an_error_not_a_crash(levels: int) -> None:
    """However deep a document is nested, it is refused as invalid."""
    assert "nesting" in refused('{"a":' * levels + '["x"]' + "}" * levels).reason or levels * 6 > CHARACTERS_MAX
    with pytest.raises(InvalidEvent):
        matches('{"a":["x"]}', '{"a":' * levels + "1" + "}" * levels)
    with pytest.raises(InvalidEvent):
        matches('{"a":["x"]}', '{"a":' + "[" * levels + "]" * levels + "}")


def test_nesting_up_to_the_limit_is_read() -> None:
    """A document just within the limit is judged; brackets inside strings do not count."""
    levels = MAX_DEPTH - 1
    nested = '{"a":' * levels
    assert matches(f'{nested}["x"]{"}" * levels}', f'{nested}"x"{"}" * levels}')
    assert matches('{"a":[{"prefix":"["}]}', json.dumps({"a": '[{"' * 1000}))


@pytest.mark.parametrize(
    "text", ["{" * 100_000, '{"a":' * 100, '"' * 99_999, '{"a":["' + "\\" * 99_999, "[" + "1," * 99_999]
)
def test_broken_json_is_refused(text: str) -> None:
    """Broken text of any form is an error with a reason, for patterns and for events."""
    assert refused(text).reason
    with pytest.raises(InvalidEvent):
        matches('{"a":["x"]}', text)


def test_wildcards_take_linear_time() -> None:
    """A wildcard that makes backtracking matchers hang is answered at once."""
    pattern = compile_pattern({"a": [{"wildcard": "*a*b*c*d"}]})
    start = time.process_time()
    assert not pattern.matches({"a": "abc" * 100_000})
    assert time.process_time() - start < GENEROUS_S


def test_wildcard_bombs_are_refused() -> None:
    """A pattern with more wildcard complexity than EventBridge takes is refused with its words."""
    assert refused(json.dumps({"a": [{"wildcard": "*a" * 1000}]})).reason.startswith("Rule is too complex")
    assert refused(json.dumps({"a": [{"wildcard": "*" + "a" * 1000}]})).reason.startswith("Rule is too complex")
    assert refused(json.dumps({"a": [{"anything-but": {"wildcard": "*a" * 20}}]})).reason.startswith("Rule is too")


@pytest.mark.parametrize(
    ("expressions", "score"),
    [
        (["*"], 2),
        (["a*b"], 2),
        (["*aaaa*"], 6),
        (["*ab*ab*"], 5),
        (["x*yz*yz"], 4),
        (["arn:*:aa*aa"], 5),
        (["abc", "*b"], 3),
        (["*:stack/abc/*", "*:stack/def/*", "*:stack/ghi/*"], 9),
    ],
)
def test_wildcard_complexity_is_the_engines(expressions: list[str], score: int) -> None:
    """The score of a field is that of event-ruler 2.0.1's own evaluator (measured 2026-11)."""
    assert complexity(tuple(sorted(map(pieces, expressions)))) == score


def test_three_stack_names_are_accepted_and_a_fourth_refused() -> None:
    """The known border of the service: three expressions of score three are accepted, four are not."""
    names = ["*:stack/abc/*", "*:stack/def/*", "*:stack/ghi/*", "*:stack/jkl/*"]
    assert compile_pattern({"a": [{"wildcard": name} for name in names[:3]]}).complexity() == 9
    refused(json.dumps({"a": [{"wildcard": name} for name in names]}))


def test_large_arrays_are_cheap() -> None:
    """Two sibling arrays of two thousand elements each cost their sum, not their product."""
    items = [{"x": "1", "y": str(number)} for number in range(2_000)]
    pattern = compile_pattern({"p": {"x": ["1"], "y": ["1999"]}, "q": {"x": ["1"], "y": ["nothing"]}})
    start = time.process_time()
    assert not pattern.matches({"p": items, "q": items})
    # the same within an element of another array, as in a batch of records
    batch = compile_pattern({"records": {"items": {"x": ["1"], "y": ["nothing"]}}})
    assert not batch.matches({"records": [{"items": items}]})
    assert time.process_time() - start < GENEROUS_S


def test_duplicate_arrays_cannot_explode() -> None:
    """An event made to multiply array choices ends in a refusal within bounds."""
    array = "[" + ",".join('{"a":"1","b":"1","c":"1","d":"1"}' for _ in range(60)) + "]"
    event = "{" + ",".join(f'"p":{array}' for _ in range(8)) + "}"
    pattern = '{"p":{"a":["1"],"b":["1"],"c":["1"],"d":["2"],"e":["1"]}}'
    assert matches(pattern, event) is False
    asking = '{"p":{"a":["1"],"b":["1"],"c":["1"],"d":["1",{"exists":false}],"e":[{"exists":false}]}}'
    start = time.process_time()
    assert matches(asking, event)
    hopeless = '{"p":{"a":["1"],"b":["1"],"c":["1"],"d":["2",{"exists":false}]}}'
    with pytest.raises(InvalidEvent, match="combinations"):
        matches(hopeless, event)
    assert time.process_time() - start < GENEROUS_S


def test_an_explanation_repeats_only_so_many_values() -> None:
    """Of a thousand values an explanation shows the first twenty."""
    assert len(explain({"a": ["x"]}, {"a": list(range(1000))}).paths[0].found) == 20
