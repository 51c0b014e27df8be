"""One rule against one event: the verdict, what was expected of it, and what the service says.

This module never prints, and never reads files. A broken pattern or event is a verdict, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from hookwatch.patterns.compiler import compile_pattern
from hookwatch.patterns.envelope import complete
from hookwatch.patterns.errors import InvalidPattern
from hookwatch.patterns.explanation import Explanation, explain_compiled
from hookwatch.patterns.live import Client, LiveAnswer, NoAnswer, ask

if TYPE_CHECKING:
    from hookwatch.patterns.pattern import Pattern
    from hookwatch.patterns.rules import TemplateRule


class Verdict(StrEnum):
    """How a pair ended."""

    MATCH = "match"
    NO_MATCH = "no_match"
    VALID = "valid"
    INVALID_PATTERN = "invalid_pattern"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a rule with its patterns as text.

    Attributes:
        name: what the user calls it.
        patterns: JSON texts.
        needs: whether one or every pattern has to match.
        place: the file that it comes from, for reports; None for a pattern given inline.
        line: 1-based line in that file, when known.
        pointers: JSON pointer to each pattern in its resource; "" where the pattern is a file of its own.
        not_judged: why it cannot be judged; None if it can.
    """

    name: str
    patterns: tuple[str, ...]
    needs: Literal["one", "every"] = "one"
    place: str | None = None
    line: int | None = None
    pointers: tuple[str, ...] = ("",)
    not_judged: str | None = None

    @classmethod
    def of(cls, rule: TemplateRule, place: str) -> Subject:
        """Make the subject of a template's rule."""
        unknown = [pattern.not_judged for pattern in rule.patterns if pattern.not_judged]
        return cls(
            name=rule.name,
            patterns=tuple(pattern.text for pattern in rule.patterns if pattern.text is not None),
            needs=rule.needs,
            place=place,
            line=rule.line,
            pointers=tuple(pattern.pointer for pattern in rule.patterns if pattern.text is not None),
            not_judged="; ".join(unknown) or None,
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one subject and one event.

    Attributes:
        subject: the rule.
        event: what the user calls the event.
        verdict: how it ended.
        expected: whether it should match; None if nobody said.
        reason: why the pattern is invalid or not judged; "" otherwise.
        pointer: JSON pointer to the fault in the pattern.
        explanations: one for each pattern.
        live: the service's answers, one for each pattern, if it was asked.
        disagrees: the service says otherwise than we do.
        completed: names of the fields that were added to the event before the service was asked.
    """

    subject: Subject
    event: str
    verdict: Verdict
    expected: bool | None = None
    reason: str = ""
    pointer: str = ""
    explanations: tuple[Explanation, ...] = ()
    live: tuple[LiveAnswer | NoAnswer, ...] = ()
    disagrees: bool = False
    completed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: judged, and as expected if somebody expected something."""
        if self.verdict in (Verdict.INVALID_PATTERN, Verdict.NOT_JUDGED):
            return False
        return self.expected is None or self.expected == (self.verdict is Verdict.MATCH)


def judge(subject: Subject, name: str, event: str | None, *, expected: bool | None = None) -> Judgement:
    """Judge one subject against one event; without an event, say whether its patterns are valid.

    Raises:
        InvalidEvent: the event is no JSON object.
    """
    if subject.not_judged is not None:
        return Judgement(subject, name, Verdict.NOT_JUDGED, expected, subject.not_judged)
    try:
        patterns = _compiled(subject)
    except InvalidPattern as invalid:
        return Judgement(subject, name, Verdict.INVALID_PATTERN, expected, invalid.reason, invalid.pointer)
    if event is None:
        return Judgement(subject, name, Verdict.VALID)
    explanations = tuple(explain_compiled(pattern, event) for pattern in patterns)
    verdict = Verdict.MATCH if _combine(subject, [one.matched for one in explanations]) else Verdict.NO_MATCH
    return Judgement(subject, name, verdict, expected, explanations=explanations)


def ask_service(judgement: Judgement, event: str, client: Client) -> Judgement:
    """Add what the service says, and compare it with our verdict on the same completed event.

    Raises:
        InvalidEvent: the event is no JSON object.
    """
    if judgement.verdict in (Verdict.NOT_JUDGED, Verdict.VALID):
        return judgement
    text, added = complete(event)
    answers = tuple(ask(client, pattern, text) for pattern in judgement.subject.patterns)
    disagrees = any(
        isinstance(answer, LiveAnswer) and answer.matched != _ours(pattern, text)
        for pattern, answer in zip(judgement.subject.patterns, answers, strict=True)
    )
    return replace(judgement, live=answers, disagrees=disagrees, completed=added)


def _ours(pattern: str, event: str) -> bool | None:
    try:
        return compile_pattern(pattern).matches(event)
    except InvalidPattern:
        return None


def _compiled(subject: Subject) -> list[Pattern]:
    return [compile_pattern(text) for text in subject.patterns]


def _combine(subject: Subject, verdicts: list[bool]) -> bool:
    return all(verdicts) if subject.needs == "every" else any(verdicts)
