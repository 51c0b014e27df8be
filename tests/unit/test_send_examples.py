from __future__ import annotations

import json
from pathlib import Path

import pytest

from hookwatch.ingest.providers.github_events import CHARACTERISTIC_KEYS
from hookwatch.sender import UnknownExampleError, load_example
from hookwatch.sender.examples import DEFAULT_EVENT, PayloadFileError, ProviderName, example_names, read_payload

SHIPPED = Path(__file__).parents[2] / "service" / "hookwatch" / "sender" / "examples"
SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.mark.parametrize("provider", ["github", "twilio"])
def test_every_shipped_example_loads(provider: ProviderName) -> None:
    """Every example that ships with the package loads under its own name and is one of the samples, byte for byte."""
    names = example_names(provider)
    assert len(names) >= 8
    for name in names:
        assert load_example(provider, name).content
        assert (SHIPPED / provider / f"{name}.json").read_bytes() == (SAMPLES / provider / f"{name}.json").read_bytes()


@pytest.mark.parametrize("provider", ["github", "twilio"])
def test_default_event_ships(provider: ProviderName) -> None:
    """What is sent when no event is named ships with the package."""
    assert load_example(provider, DEFAULT_EVENT[provider]).event == DEFAULT_EVENT[provider]


def test_notice_ships_with_the_examples() -> None:
    """The MIT notice stands beside octokit's payloads, in the package and in the samples."""
    for folder in (SHIPPED, SAMPLES):
        assert "Copyright (c) 2018 Gregor Martynus" in (folder / "github" / "LICENSE-octokit").read_text()


def test_variant_names_its_event() -> None:
    """`issues.opened` is the event `issues`; a name that is only the beginning of another one is unknown."""
    assert load_example("github", "issues.opened").event == "issues"
    with pytest.raises(UnknownExampleError, match=r"issues\.opened"):
        load_example("github", "iss")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_github_file_is_sent_as_it_is(tmp_path: Path) -> None:
    """A file of one's own keeps every byte, and its name says the event if it is one of GitHub's."""
    path = write(tmp_path, "issues.my-case.json", '{ "a" : 1.0 }\n')
    assert (read_payload("github", path, None).content, read_payload("github", path, None).event) == (
        b'{ "a" : 1.0 }\n',
        "issues",
    )
    assert read_payload("github", path, "push").event == "push"
    assert read_payload("github", write(tmp_path, "mine.json", "{}"), None).event == "push"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            '{"From": "+1", "Digits": ["1", "2"], "N": 3}',
            (("From", "+1"), ("Digits", "1"), ("Digits", "2"), ("N", "3")),
        ),
        ('{"params": [["a", ""], ["a", "b"]]}', (("a", ""), ("a", "b"))),
        ('[{"id": "EZ1"}]', b'[{"id":"EZ1"}]'),
        ('{"kind": "event-stream", "json": [{"id": "☃"}]}', b'[{"id":"\\u2603"}]'),
    ],
)
def test_twilio_file_in_every_shape(tmp_path: Path, text: str, content: object) -> None:
    """A Twilio file may be a plain object, a list of pairs, an array of CloudEvents, or a sample of ours."""
    assert read_payload("twilio", write(tmp_path, "x.json", text), None).content == content


@pytest.mark.parametrize(
    "text",
    ["3", '"text"', '{"From": {"a": 1}}', '{"params": [["a"]]}', '{"a": null}', '{"a": true}', '{"a": "\\ud800"}'],
)
def test_twilio_file_that_is_no_parameter_set_is_refused(tmp_path: Path, text: str) -> None:
    """What cannot be form parameters is refused with a sentence that shows what can."""
    with pytest.raises(PayloadFileError, match="holds no Twilio parameters: write"):
        read_payload("twilio", write(tmp_path, "x.json", text), None)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_file_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    """A file that is not JSON is refused with its name."""
    with pytest.raises(PayloadFileError, match=r"x\.json is not JSON"):
        read_payload("github", write(tmp_path, "x.json", text), None)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is refused with the reason."""
    with pytest.raises(PayloadFileError, match="No such file"):
        read_payload("github", tmp_path / "gone.json", None)


def test_shipped_github_payloads_fit_their_event() -> None:
    """No shipped payload would be refused under its own name."""
    for name in example_names("github"):
        example = load_example("github", name)
        assert isinstance(example.content, bytes)
        assert set(CHARACTERISTIC_KEYS[example.event]) <= set(json.loads(example.content))
