"""The payloads that an installed hookwatch can send, and payload files of one's own. Never signs and never sends.

The GitHub examples are octokit's (MIT, notice beside them); the Twilio sets are our own, every value in them invented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from hookwatch.ingest.providers.github_events import CHARACTERISTIC_KEYS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

ProviderName = Literal["github", "twilio"]
Form = tuple[tuple[str, str], ...]

DEFAULT_EVENT: dict[ProviderName, str] = {"github": "push", "twilio": "message.inbound"}


class UnknownExampleError(LookupError):
    """No example of this event ships with hookwatch; the message names those that do."""


class PayloadFileError(ValueError):
    """A payload file cannot be sent; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Example:
    """One payload that can be sent.

    Attributes:
        provider: whose payload it is.
        event: GitHub's event name, or the kind of a Twilio webhook.
        content: a JSON body as bytes, or the form parameters in order.
        fresh: whether ids inside may be renewed for every delivery; a file of the user's own is sent as it is.
    """

    provider: ProviderName
    event: str
    content: bytes | Form
    fresh: bool = False


def example_names(provider: ProviderName) -> list[str]:
    """What `load_example` knows, as `<event>.<variant>`."""
    return sorted(item.name.removesuffix(".json") for item in _folder(provider).iterdir() if _is_example(item))


def load_example(provider: ProviderName, event: str) -> Example:
    """The example of an event (`push`, `message.inbound`) or one variant of it (`issues.opened`).

    Raises:
        UnknownExampleError: none ships for this event.
    """
    names = example_names(provider)
    found = [name for name in names if name == event or name.startswith(f"{event}.")]
    if not found:
        raise UnknownExampleError(f"no {provider} example for the event {event!r}; there are: {', '.join(names)}")
    raw = _folder(provider).joinpath(f"{found[0]}.json").read_bytes()
    if provider == "github":
        return Example("github", found[0].partition(".")[0], raw, fresh=True)
    return Example("twilio", *_twilio_set(json.loads(raw)), fresh=True)


def read_payload(provider: ProviderName, path: Path, event: str | None) -> Example:
    """A payload file: any JSON for GitHub; for Twilio parameters, or a JSON array of Event Streams.

    Args:
        provider: whose payload it is.
        path: the file; for GitHub its bytes are sent exactly as they are.
        event: the event's name; None takes it from a file name like `issues.opened.json`, else it is `push`.

    Raises:
        PayloadFileError: the file cannot be read, or is not what the provider sends.
    """
    try:
        raw = path.read_bytes()
        value = json.loads(raw)
    except OSError as error:
        raise PayloadFileError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise PayloadFileError(f"{path} is not JSON: {error}") from error
    if provider == "github":
        named = path.name.partition(".")[0]
        return Example("github", event or (named if named in CHARACTERISTIC_KEYS else DEFAULT_EVENT["github"]), raw)
    try:
        kind, content = _twilio_set(value)
    except (TypeError, ValueError) as error:
        raise PayloadFileError(
            f'{path} holds no Twilio parameters: write {{"From": "+15005550006", "Body": "hello"}}, '
            f'or {{"params": [["From", "+15005550006"]]}}, or a JSON array of CloudEvents ({error})'
        ) from error
    return Example("twilio", event or kind, content)


def _twilio_set(value: object) -> tuple[str, bytes | Form]:
    match value:
        case {"params": [*pairs], **more}:
            return str(more.get("kind", "other")), tuple((_text(name), _text(text)) for name, text in pairs)
        case {"json": body, **more}:
            return str(more.get("kind", "other")), _compact(body)
        case [*events]:
            return "event-stream", _compact(events)
        case dict():
            lists = ((name, each if isinstance(each, list) else [each]) for name, each in value.items())
            return "other", tuple((name, _text(text)) for name, texts in lists for text in texts)
        case _:
            raise TypeError("neither an object nor an array")


def _text(value: object) -> str:
    match value:
        case str() if not any("\ud800" <= character <= "\udfff" for character in value):
            return value
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            raise TypeError(f"{value!r} is not text")


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _folder(provider: ProviderName) -> Traversable:
    return files("hookwatch.sender") / "examples" / provider


def _is_example(item: Traversable) -> bool:
    return item.name.endswith(".json")
