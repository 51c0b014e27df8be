"""What matches what: the rules that a reader of the EventBridge guide would get wrong."""

from __future__ import annotations

import json

import pytest

from hookwatch.patterns import compile_pattern, matches
from hookwatch.patterns.addresses import digits


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("300", "300.0", True),
        ("300", "3.0e2", True),
        ("300", '"300"', False),
        ("9007199254740993", "9007199254740992", False),
        ("9007199254740993", "9007199254740993", True),
        ("1e400", "1e400", True),
        ("1e400", "10e399", False),
        ("-0.0", "0", True),
        ("0.1", "0.10", True),
        ('{"numeric":[">",0]}', "1e400", False),
        ('{"anything-but":1}', "1e400", True),
        ('{"anything-but":1}', "1.0", False),
    ],
)
def test_numbers_are_compared_by_value_where_a_double_holds_them(pattern: str, event: str, *, expected: bool) -> None:
    """300, 300.0 and 3.0e2 are equal; literals that no double holds are equal only to themselves."""
    assert matches(f'{{"a":[{pattern}]}}', f'{{"a":{event}}}') is expected


def test_dotted_keys_are_paths() -> None:
    """{"a.b": ..} and {"a": {"b": ..}} are one path, in patterns and in events."""
    for pattern in ('{"a.b":["x"]}', '{"a":{"b":["x"]}}'):
        for event in ('{"a.b":"x"}', '{"a":{"b":"x"}}', '{"a":[{"b":"x"}]}'):
            assert matches(pattern, event)


def test_the_last_of_two_leaves_counts() -> None:
    """Of a path that a pattern names twice the last counts, and nested objects with one key are merged."""
    assert not matches('{"a":["x"],"a":["y"]}', '{"a":"x"}')
    assert matches('{"a":{"b":["x"]},"a":{"c":["y"]}}', '{"a":{"b":"x","c":"y"}}')
    assert not matches('{"a":{"b":["x"]},"a":{"c":["y"]}}', '{"a":{"c":"y"}}')


def test_every_duplicate_of_an_event_counts() -> None:
    """Of a key that an event has twice each value can satisfy the pattern."""
    assert matches('{"a":["x"]}', '{"a":"x","a":"y"}')
    assert matches('{"a":["y"]}', '{"a":"x","a":"y"}')


def test_array_elements_are_kept_together() -> None:
    """Two fields below one array have to be satisfied by the same element."""
    pattern = {"a": {"b": ["1"], "c": ["2"]}}
    assert matches(pattern, {"a": [{"b": "1", "c": "2"}]})
    assert not matches(pattern, {"a": [{"b": "1"}, {"c": "2"}]})
    nested = {"a": {"b": {"x": ["1"]}, "c": ["2"]}}
    assert not matches(nested, {"a": [{"b": [{"x": "1"}]}, {"b": [{"x": "2"}], "c": "2"}]})


def test_absence_is_judged_in_the_chosen_element() -> None:
    """exists: false looks at the array element that earlier paths chose, and later paths cannot help it."""
    assert matches({"a": {"b": ["1"], "c": [{"exists": False}]}}, {"a": [{"b": "1"}, {"c": "2"}]})
    assert not matches({"a": {"b": [{"exists": False}], "c": ["2"]}}, {"a": [{"b": "1"}, {"c": "2"}]})


def test_only_leaves_exist() -> None:
    """An object, an empty object and an empty array count as absent."""
    values: list[object] = [{"b": 1}, {}, []]
    for value in values:
        assert matches({"a": [{"exists": False}]}, {"a": value})
        assert not matches({"a": [{"exists": True}]}, {"a": value})
    assert matches({"a": [{"exists": True}]}, {"a": None})


def test_anything_but_needs_the_field() -> None:
    """anything-but passes null, booleans and other types, any element of an array, and never an absent field."""
    pattern = {"a": [{"anything-but": ["x"]}]}
    for value in (None, True, 1, "y", ["x", "y"]):
        assert matches(pattern, {"a": value})
    events: list[dict[str, object]] = [{"a": "x"}, {"a": ["x"]}, {}, {"a": []}]
    for event in events:
        assert not matches(pattern, event)


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("straße", "STRASSE", True),
        ("straße", "strasse", False),
        ("k", "\N{KELVIN SIGN}", False),
        ("\N{KELVIN SIGN}", "k", True),
        ("École", "éCOLE", True),
        ("ΣΑΣ", "σας", False),
        ("", "", True),
    ],
)
def test_case_is_ignored_by_the_character(pattern: str, event: str, *, expected: bool) -> None:
    """Each character accepts its own lower and upper form, nothing that only a whole string folds to."""
    assert matches({"a": [{"equals-ignore-case": pattern}]}, {"a": event}) is expected
    assert matches({"a": [{"prefix": {"equals-ignore-case": pattern}}]}, {"a": event + "x"}) is expected
    assert matches({"a": [{"suffix": {"equals-ignore-case": pattern}}]}, {"a": "x" + event}) is expected


def test_an_address_in_a_pattern_is_normalised() -> None:
    """A string that is an IP address equals the same address written otherwise; "exactly" does not."""
    assert matches({"a": ["10.0.0.1"]}, {"a": "10.0.0.01"})
    assert matches({"a": ["2001:db8::1"]}, {"a": "2001:0DB8:0:0:0:0:0:1"})
    assert not matches({"a": [{"exactly": "10.0.0.1"}]}, {"a": "10.0.0.01"})
    assert not matches({"a": [{"anything-but": "10.0.0.1"}]}, {"a": "10.0.0.1"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", "0A000001"),
        ("::1", "0" * 31 + "1"),
        ("::ffff:a00:1", "0A000001"),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("10.0.0.256", None),
        ("0010.0.0.000001", "0A000001"),
        ("00010.0.0.000001", None),
        ("1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:8::", None),
        ("::1::", None),
        (":1:2:3:4:5:6:7", None),
        ("12345::", None),
        ("host", None),
        ("", None),
    ],
)
def test_addresses_are_read_as_the_engine_reads_them(text: str, expected: str | None) -> None:
    """IPv4 gives eight digits, IPv6 thirty-two, an IPv4-mapped address eight; anything else is no address."""
    assert digits(text) == expected


def test_blocks_take_what_begins_alike() -> None:
    """The engine decides a block from the left, so an IPv4 block takes an IPv6 address that begins with its digits."""
    assert matches({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.255"})
    assert not matches({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.0"})
    assert matches({"a": [{"cidr": "0.0.0.0/0"}]}, {"a": "::1"})
    assert matches({"a": [{"cidr": "10.0.0.0/+8/"}]}, {"a": "10.9.9.9"})


def test_wildcards_know_two_escapes() -> None:
    r"""\* is a star and \\ a backslash; a wildcard takes strings only."""
    assert matches(r'{"a":[{"wildcard":"a\\*b"}]}', '{"a":"a*b"}')
    assert not matches(r'{"a":[{"wildcard":"a\\*b"}]}', '{"a":"axb"}')
    assert matches(r'{"a":[{"wildcard":"*\\\\"}]}', r'{"a":"x\\"}')
    assert not matches('{"a":[{"wildcard":"*"}]}', '{"a":1}')
    assert not matches('{"a":[{"wildcard":"ab*ba"}]}', '{"a":"aba"}')


def test_or_overrides_and_is_overridden() -> None:
    """A branch of $or overrides the field before it; a field after it overrides the branch."""
    before = '{"name":["a","b"],"$or":[{"name":[{"anything-but":"a"}]},{"x":["1"]}]}'
    assert matches(before, '{"name":"c"}')
    assert matches(before, '{"name":"a","x":"1"}')
    after = '{"$or":[{"name":["a"]},{"x":["1"]}],"name":["z"]}'
    assert matches(after, '{"name":"z"}')
    assert not matches(after, '{"name":"a"}')


def test_a_compiled_pattern_shows_its_parts() -> None:
    """Alternatives, leaves, paths and pointers of a compiled pattern are there for linters."""
    pattern = compile_pattern('{"b":["x"],"$or":[{"a":{"c":[1]}},{"a":{"d":[2]}}]}')
    assert [[leaf.path for leaf in one.leaves] for one in pattern.alternatives] == [["a.c", "b"], ["a.d", "b"]]
    assert {leaf.pointer for leaf in pattern.leaves()} == {"/$or/0/a/c", "/$or/1/a/d", "/b"}
    leaf = pattern.alternatives[0].leaf("b")
    assert leaf is not None
    assert leaf.matchers[0].wanted() == '"x"'
    assert pattern.alternatives[0].leaf("nothing") is None


@pytest.mark.parametrize(
    "entry",
    [
        '"x"',
        "1.50",
        "null",
        '"10.0.0.1"',
        '{"prefix":"x"}',
        '{"suffix":{"equals-ignore-case":"é"}}',
        '{"equals-ignore-case":"x"}',
        '{"wildcard":"a*"}',
        '{"numeric":[">",0,"<=",5]}',
        '{"cidr":"10.0.0.0/8"}',
        '{"exists":false}',
        '{"anything-but":"x"}',
        '{"anything-but":[1,2.0]}',
        '{"anything-but":{"prefix":["x","y"]}}',
        '{"anything-but":{"wildcard":"a*"}}',
    ],
)
def test_a_matcher_repeats_what_was_written(entry: str) -> None:
    """Every matcher gives back the JSON that it was compiled from."""
    assert compile_pattern(f'{{"a":[{entry}]}}').alternatives[0].leaves[0].matchers[0].wanted() == entry


def test_text_and_mapping_agree() -> None:
    """A mapping is judged as its JSON text is."""
    pattern = {"source": ["github.com"], "detail": {"n": [{"numeric": ["=", 1.5]}], "b": [True, None]}}
    event = {"source": "github.com", "detail": {"n": 1.5, "b": None}}
    for one in (pattern, json.dumps(pattern)):
        for other in (event, json.dumps(event)):
            assert matches(one, other)
