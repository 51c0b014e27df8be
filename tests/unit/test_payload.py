"""JSON is judged without being rebuilt."""

from __future__ import annotations

import json

import msgspec
import pytest

from hookwatch.ingest import payload


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "1",
        '"a"',
        "[1]",
        "{",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":01}',
        "{'a':1}",
        '{"a":1} x',
        '{"a":1}{}',
        "\ufeff{}",
        "\ud800",
    ],
)
def test_not_one_object(text: str):
    """Anything but exactly one JSON object has no fields."""
    assert payload.fields(text) is None


def test_ours_goes_in_front_and_nothing_else_changes():
    """The provider's text stays as it was, digit for digit."""
    text = ' {"n": 12345678901234567890.10, "a": "\\u00e9"} '
    top = payload.fields(text)
    assert top is not None
    assert (
        payload.with_key(text, top, {"x": 1}) == '{"hookwatch":{"x":1},"n": 12345678901234567890.10, "a": "\\u00e9"} '
    )


def test_ours_into_an_empty_object():
    """An empty object gets our key and no stray comma."""
    top = payload.fields("{ }")
    assert top is not None
    assert json.loads(payload.with_key("{ }", top, {"x": 1})) == {"hookwatch": {"x": 1}}


@pytest.mark.parametrize("text", ['{"hookwatch":"theirs","a":1}', '{"a":1,"hookwatch":2}', '{"hookwatch":{}}'])
def test_a_foreign_key_of_our_name_gives_way(text: str):
    """A payload cannot pass its own `hookwatch` for ours, not even by naming it twice."""
    top = payload.fields(text)
    assert top is not None
    ours = payload.with_key(text, top, {"x": 1})
    assert ours.count('"hookwatch"') == 1
    assert json.loads(ours)["hookwatch"] == {"x": 1}


@pytest.mark.parametrize(("levels", "deep"), [(1, False), (1000, False), (1001, True), (5000, True)])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"), ('{"a" : [ ', "] }")])
def test_nesting(levels: int, deep: bool, opening: str, closing: str):
    """A thousand levels pass, one more does not, whatever they are made of and however they alternate."""
    each = opening.count("[") + opening.count("{")
    turns, rest = divmod(levels - 1, each)
    value = "[" * rest + opening * turns + "1" + closing * turns + "]" * rest
    assert payload.too_deep({"a": msgspec.Raw(value.encode())}) is deep


@pytest.mark.parametrize("levels", [998, 999, 1000])
def test_depth_is_found_wherever_it_hides(levels: int):
    """A deep value among many shallow ones, behind two levels that are split up, is still measured exactly."""
    deep = "[" * levels + "]" * levels
    shallow = ",".join(json.dumps({"message": "x" * 50, "files": ["[", '\\"{']}) for _ in range(100))
    top = {"commits": msgspec.Raw(f"[{shallow},{deep}]".encode()), "ref": msgspec.Raw(b'"x"')}
    assert payload.too_deep(top) is (levels + 2 > 1000)


def test_brackets_inside_strings_do_not_nest():
    """Text that looks like nesting, escaped quotes among it, is only text."""
    text = json.dumps({"a": ["[{" * 700, '\\"[[[', "end\\"], "b": '"' + "{" * 1500})
    assert payload.too_deep({"a": msgspec.Raw(text.encode())}) is False


def test_lengths_are_bytes():
    """Sizes are counted in UTF-8."""
    assert payload.utf8_length(["abc", "é", "🙂"]) == 9
