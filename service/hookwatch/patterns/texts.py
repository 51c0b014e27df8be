"""Matchers of strings: equal, prefix, suffix, case ignored, wildcard.

This module never parses JSON and never sees a whole event. Standard library only. Strings match strings and nothing
else; event-ruler keeps the quotes around them, which shows in `Prefix` and `Suffix`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hookwatch.patterns import folding, wildcards
from hookwatch.patterns.jsontext import show

if TYPE_CHECKING:
    from hookwatch.patterns.jsontext import Scalar


@dataclass(frozen=True, slots=True)
class Text:
    """Equals this string, case and all."""

    text: str

    def accepts(self, value: Scalar) -> bool:
        """Strings only."""
        return isinstance(value, str) and value == self.text

    def wanted(self) -> str:
        """The JSON of this entry."""
        return show(self.text)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Starts with this text."""

    text: str
    ignore_case: bool = False

    def accepts(self, value: Scalar) -> bool:
        """Strings only. event-ruler keeps the closing quote, so a final `"` in the text also means "the end"."""
        if not isinstance(value, str):
            return False
        subject = value + '"' if self.text.endswith('"') else value
        return folding.fits(self.text, subject, "start") if self.ignore_case else subject.startswith(self.text)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return _expression("prefix", self.text, ignore_case=self.ignore_case)


@dataclass(frozen=True, slots=True)
class Suffix:
    """Ends with this text."""

    text: str
    ignore_case: bool = False

    def accepts(self, value: Scalar) -> bool:
        """Strings only. event-ruler keeps the opening quote, so a leading `"` in the text also means "the start"."""
        if not isinstance(value, str):
            return False
        subject = '"' + value if self.text.startswith('"') else value
        return folding.fits(self.text, subject, "end") if self.ignore_case else subject.endswith(self.text)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return _expression("suffix", self.text, ignore_case=self.ignore_case)


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """Equals this text when case is ignored (see `folding`)."""

    text: str

    def accepts(self, value: Scalar) -> bool:
        """Strings only."""
        return isinstance(value, str) and folding.fits(self.text, value, "whole")

    def wanted(self) -> str:
        """The JSON of this entry."""
        return f'{{"equals-ignore-case":{show(self.text)}}}'


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Fits this text, in which `*` stands for anything (see `wildcards`)."""

    text: str
    pieces: wildcards.Pieces

    def accepts(self, value: Scalar) -> bool:
        """Strings only."""
        return isinstance(value, str) and wildcards.fits(self.pieces, value)

    def wanted(self) -> str:
        """The JSON of this entry."""
        return f'{{"wildcard":{show(self.text)}}}'


def _expression(operator: Literal["prefix", "suffix"], text: str, *, ignore_case: bool) -> str:
    operand = f'{{"equals-ignore-case":{show(text)}}}' if ignore_case else show(text)
    return f'{{"{operator}":{operand}}}'
