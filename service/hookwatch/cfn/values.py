"""The words of the template reader: an unresolved value, and the one error.

Never reads a file. `Unresolved` is data and stays inside the resolved document; `TemplateError` is for
what makes the whole template useless (bad YAML, a missing file, a wrong parameter).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that the files alone cannot tell; `reason` is a sentence without a full stop."""

    reason: str

    def __str__(self) -> str:
        return f"<unresolved: {self.reason}>"


class TemplateError(Exception):
    """A template that cannot be used.

    Attributes:
        message: What is wrong and where to look.
        path: The file, when the text came from one.
        line: 1-based line of the fault, when known.
    """

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        self.message = message
        self.path = path
        self.line = line
        where = str(path) if path is not None else "template"
        super().__init__(f"{where}:{line}: {message}" if line is not None else f"{where}: {message}")


def find_unresolved(value: Any) -> Iterator[Unresolved]:
    """Yield every unresolved part of a resolved value, in document order."""
    match value:
        case Unresolved():
            yield value
        case dict():
            for item in value.values():
                yield from find_unresolved(item)
        case list():
            for item in value:
                yield from find_unresolved(item)
        case _:
            return


def contains_unresolved(value: Any) -> bool:
    """Tell whether any part of a resolved value is unresolved."""
    return next(find_unresolved(value), None) is not None


def as_text(value: Any) -> str | Unresolved:
    """Render a resolved value as CloudFormation does inside a string."""
    match value:
        case str() | Unresolved():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if all(isinstance(item, str | int | float) for item in value):
            return ",".join(str(item) for item in value)
        case _:
            return "" if value is None else Unresolved("a list or an object stands where a text is needed")
