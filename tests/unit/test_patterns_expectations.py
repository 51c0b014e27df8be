"""Files of expectations: how samples are written, and what is said of a file that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hookwatch.patterns.expectations import load_expectations
from hookwatch.patterns.samples import ExpectationsError

if TYPE_CHECKING:
    from pathlib import Path

PUSH = {"source": "github.com", "detail": {"ref": "refs/heads/main", "head_commit": {"id": "1"}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with one sample event."""
    (tmp_path / "push.json").write_text(json.dumps(PUSH))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    """Write a file of expectations into the folder."""
    path = folder / "expectations.yaml"
    path.write_text(text)
    return path


def test_samples_of_every_form(folder: Path) -> None:
    """A sample is a file, an event written out, or either of them changed by set and remove."""
    text = """
template: mine.yaml
parameters: {Bot: acme}
rules:
  - rule: OnPush
    must_match:
      - push.json
      - {event: {source: github.com, time: 2022-07-13T13:48:01Z, on: off}}
    must_not_match:
      - name: a branch
        event: push.json
        set: {detail.ref: refs/heads/dev, new.deep: 1}
        remove: [detail.head_commit]
  - pattern: {source: [github.com]}
    must_match: [push.json]
"""
    found = load_expectations(written(folder, text))
    assert (found.template, found.parameters) == (folder / "mine.yaml", {"Bot": "acme"})
    first, second = found.rules
    assert (first.rule, second.rule, json.loads(second.pattern or "")) == ("OnPush", None, {"source": ["github.com"]})
    file, inline, changed = first.samples
    assert (file.name, json.loads(file.event), file.must_match) == ("push.json", PUSH, True)
    # dates and on/off stay text, as they are in events
    assert json.loads(inline.event) == {"source": "github.com", "time": "2022-07-13T13:48:01Z", "on": "off"}
    assert (changed.name, changed.must_match) == ("a branch", False)
    assert json.loads(changed.event) == {
        "source": "github.com",
        "detail": {"ref": "refs/heads/dev"},
        "new": {"deep": 1},
    }


def test_a_pattern_may_be_text_or_a_file(folder: Path) -> None:
    """A pattern written as JSON text, or in a file beside the expectations, keeps its literals."""
    (folder / "pattern.json").write_text('{"a":[1e400]}')
    text = """
rules:
  - {pattern: '{"a":[1e400]}', must_match: [push.json]}
  - {pattern: pattern.json, must_match: [push.json]}
"""
    first, second = load_expectations(written(folder, text)).rules
    assert first.pattern == second.pattern == '{"a":[1e400]}'
    assert second.place == str(folder / "pattern.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has to be a mapping"),
        ("rules: [", "not YAML"),
        ("rules: []", "at least one rule"),
        ("rule: x", "unknown key 'rule'"),
        ("rules: [{rule: A}]", "has no samples"),
        ("rules: [{rule: A, pattern: {a: [1]}, must_match: [push.json]}]", "either a `rule`"),
        ("rules: [{must_match: [push.json]}]", "either a `rule`"),
        ("rules: [{rule: A, must_match: [nothing.json]}]", "No such file"),
        ("rules: [{rule: A, must_match: push.json}]", "has to be a list"),
        ("rules: [{rule: A, must_match: [{name: x}]}]", "`event` has to be"),
        ("rules: [{rule: A, must_match: [{evnt: push.json}]}]", "unknown key 'evnt'"),
        ("rules: [{rule: A, must_match: [{event: push.json, remove: [nothing]}]}]", "no nothing to remove"),
        ("rules: [{rule: A, must_match: [{event: push.json, set: {source.x: 1}}]}]", "no object at source"),
        ("rules: [{rule: A, must_match: [{event: push.json, set: [1]}]}]", "maps dotted paths"),
        ("rules: [{pattern: 5, must_match: [push.json]}]", "has to be a mapping, JSON text"),
        ("template: 5\nrules: [{rule: A, must_match: [push.json]}]", "`template` has to be a path"),
        ("parameters: 5\nrules: [{rule: A, must_match: [push.json]}]", "`parameters` has to be"),
        ("rules: [{pattern: {a: [.nan]}, must_match: [push.json]}]", "no JSON form"),
        ("rules: [{rule: 5, must_match: [push.json]}]", "either a `rule`"),
    ],
)
def test_mistakes_are_named(folder: Path, text: str, message: str) -> None:
    """A file that is no list of expectations is refused with its place and what to write instead."""
    with pytest.raises(ExpectationsError, match=message) as refused:
        load_expectations(written(folder, text))
    assert "expectations.yaml" in str(refused.value) or "nothing.json" in str(refused.value)


def test_a_changed_sample_has_to_be_json(folder: Path) -> None:
    """A sample that is to be changed and is not JSON is refused by name."""
    (folder / "broken.json").write_text("{")
    with pytest.raises(ExpectationsError, match="is not JSON"):
        load_expectations(written(folder, "rules: [{rule: A, must_match: [{event: broken.json, set: {a: 1}}]}]"))


def test_text_that_is_not_utf8_is_refused(folder: Path) -> None:
    """A sample in another encoding is refused, not guessed."""
    (folder / "latin.json").write_bytes(b'{"a":"\xe9"}')
    with pytest.raises(ExpectationsError, match="not UTF-8"):
        load_expectations(written(folder, "rules: [{rule: A, must_match: [latin.json]}]"))


def test_huge_files_are_refused(folder: Path) -> None:
    """A sample larger than four of the largest events is refused unread."""
    (folder / "huge.json").write_text(" " * 4_194_305)
    with pytest.raises(ExpectationsError, match="larger than"):
        load_expectations(written(folder, "rules: [{rule: A, must_match: [huge.json]}]"))


def test_a_template_beside_the_file_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The template is looked up beside the file of expectations, else from the working directory."""
    below = folder / "below"
    below.mkdir()
    (below / "push.json").write_text("{}")
    path = written(below, "template: t.yaml\nrules: [{rule: A, must_match: [push.json]}]")
    monkeypatch.chdir(folder)
    assert load_expectations(path).template == below / "t.yaml"
    (folder / "t.yaml").write_text("")
    assert str(load_expectations(path).template) == "t.yaml"
    (below / "t.yaml").write_text("")
    assert load_expectations(path).template == below / "t.yaml"
