"""Patterns that EventBridge refuses: its reason, and where in the pattern."""

from __future__ import annotations

import pytest

from hookwatch.patterns import InvalidEvent, InvalidPattern, compile_pattern, matches

# The reasons are the first lines of what the real TestEventPattern answered (facts measured 2026-11).
RECORDED = [
    ('{"int": 42}', '"int" must be an object or an array', "/int"),
    ('{"resources": []}', "Empty arrays are not allowed", "/resources"),
    ('{"a": {"b": {}}}', "Empty objects are not allowed", "/a/b"),
    ("{}", "Empty objects are not allowed", ""),
    ('["not", "a", "dict"]', "Filter is not an object", ""),
    ("", "Filter is not an object", ""),
    ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", "/my_key/0/EXISTS"),
    ('{"a": ["x", {"prefix": 123}]}', "prefix match pattern must be a string", "/a/1/prefix"),
    ('{"a": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", "/a/0/suffix"),
    ('{"a": [{"wildcard": 1}]}', "wildcard match pattern must be a string", "/a/0/wildcard"),
    (
        '{"a": [{"equals-ignore-case": {"prefix": "x"}}]}',
        "equals-ignore-case match pattern must be a string",
        "/a/0/equals-ignore-case",
    ),
    ('{"a": [{"numeric": [">", 0, ">", 0]}]}', "Bad numeric range operator: >", "/a/0/numeric/2"),
    ('{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric", "/a/0/numeric"),
    ('{"a": [{"numeric": 10}]}', "Value of numeric must be an array.", "/a/0/numeric"),
    ('{"a": [{"cidr": "bad"}]}', "Malformed CIDR, one '/' required", "/a/0/cidr"),
    ('{"a": [{"cidr": "bad-/64x"}]}', "Malformed CIDR, mask bits must be an integer", "/a/0/cidr"),
    ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx", "/a/0/cidr"),
    ('{"a": [{"cidr": ["x"]}]}', "prefix match pattern must be a string", "/a/0/cidr"),
    ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 2", "/a/0/wildcard"),
    (
        '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}',
        "Value of anything-but must be an array or single string/number value.",
        "/a/0/anything-but/prefix",
    ),
    (
        '{"a": [{"anything-but": ["x", null]}]}',
        "Inside anything but list, start|null|boolean is not supported.",
        "/a/0/anything-but/1",
    ),
    (
        '{"a": [{"anything-but": {"suffix": [1, ".txt"]}}]}',
        "prefix/suffix match pattern must be a string",
        "/a/0/anything-but/suffix/0",
    ),
    (
        '{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
        (
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a "
            "wildcard character"
        ),
        "/a",
    ),
    (
        "this is no JSON",
        (
            "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
            "'false')"
        ),
        "",
    ),
    (
        "{'bad': 'quotation'}",
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
        "",
    ),
]


@pytest.mark.parametrize(("pattern", "reason", "pointer"), RECORDED)
def test_reason_and_pointer(pattern: str, reason: str, pointer: str) -> None:
    """A refused pattern says EventBridge's own reason and points to the fault."""
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(pattern)
    assert (refused.value.reason, refused.value.pointer) == (reason, pointer)
    assert str(refused.value).startswith(f"Event pattern is not valid. Reason: {reason}")


# What event-ruler 2.0.1 says where no answer of the service is recorded (measured 2026-11).
RULER = [
    ('{"a": [{}]}', "Match expression name not found"),
    ('{"a": [[1]]}', "Match value must be String, number, true, false, or null"),
    ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
    ('{"a": [{"prefix": {"suffix": "x"}}]}', "Unsupported prefix pattern: suffix"),
    ('{"a": [{"suffix": {}}]}', "Suffix expression name not found"),
    (
        '{"a": [{"prefix": {"equals-ignore-case": "x", "more": 1}}]}',
        "Only one key allowed in match expression",
    ),
    ('{"a": [{"exactly": 1}]}', "exact match pattern must be a string"),
    ('{"a": [{"exists": "true"}]}', "exists match pattern must be either true or false."),
    ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: ]"),
    ('{"a": [{"numeric": [{}]}]}', "Invalid member in numeric match: {"),
    ('{"a": [{"numeric": [null]}]}', "Invalid member in numeric match: null"),
    ('{"a": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
    ('{"a": [{"numeric": ["=", "1"]}]}', "Value of equals must be numeric"),
    ('{"a": [{"numeric": ["=", 1, 2]}]}', "Too many elements in numeric expression"),
    ('{"a": [{"numeric": ["=", 1], "x": 1}]}', "Too many elements in numeric expression"),
    ('{"a": [{"numeric": [">", 1, 2]}]}', "Bad value in numeric range: 2"),
    ('{"a": [{"numeric": [">", 1, ["<"], 2]}]}', "Bad value in numeric range: ["),
    ('{"a": [{"numeric": [">", 1, "<", 2, 3]}]}', "Too many terms in numeric range expression"),
    ('{"a": [{"numeric": [">", 2, "<", 1]}]}', "Bottom must be less than top"),
    ('{"a": [{"numeric": ["=", 1e400]}]}', "Cannot compare number : 1e400"),
    ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value."),
    ('{"a": [{"anything-but": {}}]}', "Anything-But expression name not found"),
    ('{"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}', "Unsupported anything-but pattern: cidr"),
    ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
    ('{"a": [{"anything-but": {"prefix": "x", "suffix": "y"}}]}', "Too many elements in numeric expression"),
    (
        '{"a": [{"anything-but": ["x", 1]}]}',
        "Inside anything but list, either all values are number or string, mixed type is not supported",
    ),
    ('{"a": [{"cidr": "10.0.0.300/8"}]}', "Invalid IP address: 10.0.0.300"),
    ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
    ('{"a": [{"cidr": "::/128"}]}', "IPv6 mask bits must be < 128"),
    ('{"a": [{"cidr": "10.0.0.0/-1"}]}', "Malformed CIDR, mask bits must not be negative"),
    (r'{"a": [{"wildcard": "a\\b"}]}', "Invalid escape character at pos 2"),
    ('{"$or": [{"a": ["x"]}]}', "There must have at least 2 Objects in $or relationship."),
    ('{"$or": "x"}', "It must be an Array followed with $or."),
    ('{"$or": [{"a": ["x"]}, 5]}', "Only JSON object is allowed in array of $or relationship."),
    (
        '{"$or": [{"a": ["x"]}, {"prefix": ["x"]}]}',
        "prefix is Ruler reserved fieldName which cannot be used inside $or.",
    ),
]


@pytest.mark.parametrize(("pattern", "reason"), RULER)
def test_reason_of_the_engine(pattern: str, reason: str) -> None:
    """Where the service's answer is not recorded, the reason is that of the engine which it runs."""
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(pattern)
    assert refused.value.reason == reason


def test_or_without_the_operators_form_is_a_field() -> None:
    """A $or whose value is no list of objects is read as a field name, and the compiled pattern says so."""
    pattern = compile_pattern('{"$or": ["a"]}')
    assert pattern.or_is_a_field
    assert pattern.matches('{"$or": "a"}')
    assert not compile_pattern('{"$or": [{"a": [1]}, {"b": [1]}]}').or_is_a_field


def test_or_as_a_field_knows_fewer_operators() -> None:
    """Where $or is read as a field, event-ruler's older compiler refuses the newer anything-but forms."""
    for newer in ('{"wildcard": "x*"}', '{"prefix": ["x"]}'):
        with pytest.raises(InvalidPattern):
            compile_pattern(f'{{"$or": ["a"], "b": [{{"anything-but": {newer}}}]}}')
    assert compile_pattern('{"$or": ["a"], "b": [{"anything-but": {"prefix": "x"}}]}').or_is_a_field


def test_a_faulty_or_says_both_reasons() -> None:
    """The reason names the true fault of a $or; the hint adds what the service may answer instead."""
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern('{"a": ["x"], "$or": [{"b": ["x"]}]}')
    assert refused.value.pointer == "/$or"
    assert "Unrecognized match type b" in (refused.value.hint or "")


def test_pointers_are_escaped() -> None:
    """A slash and a tilde in a field name are escaped in the pointer (RFC 6901)."""
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern('{"a/b": {"c~d": []}}')
    assert refused.value.pointer == "/a~1b/c~0d"


@pytest.mark.parametrize("event", ["[]", "1", '"x"', "", "{", '{"a":NaN}', '{"a":01}', '{} {"b":1}'])
def test_an_event_has_to_be_a_json_object(event: str) -> None:
    """Anything but one JSON object is refused as an event, not answered with false."""
    with pytest.raises(InvalidEvent):
        matches('{"a": ["x"]}', event)


@pytest.mark.parametrize("event", [{"a": float("nan")}, {"a": {1, 2}}, {"a": object()}])
def test_a_mapping_has_to_have_a_json_form(event: dict[str, object]) -> None:
    """A Python value that JSON cannot hold is refused with a reason."""
    with pytest.raises(InvalidEvent, match="not JSON"):
        matches({"a": ["x"]}, event)
    with pytest.raises(InvalidPattern, match="not JSON"):
        compile_pattern(event)
