"""The rules of `hookwatch patterns lint`, and what a finding is.

Never checks anything: each check names the rule that it holds. Ids are stable; a rule that goes leaves its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from hookwatch.patterns.fixes import Patch
    from hookwatch.patterns.loops.site import SiteRule

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

_GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
PRACTICES = f"{_GUIDE}eb-patterns-best-practices.html"
_SYNTAX = f"{_GUIDE}eb-event-patterns.html"
_OPERATORS = f"{_GUIDE}eb-create-pattern-operators.html"
_QUOTAS = f"{_GUIDE}eb-quota.html"
"""Pages of the EventBridge user guide (facts read 2026-11)."""

LOOPS = "Avoid writing infinite loops"
PRECISE = "Make event patterns as precise as possible"
SOURCE = "Specify event source and detail type as filters"
PLACE = "Specify account and region as filters"
CONTENT = "Specify content filters"
UPDATES = "Scope your event patterns to account for event source updates"
VALIDATE = "Validate event patterns"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `says` is what it finds, `practice` the section of the best-practice page, `url` where to read on."""

    id: str
    severity: Severity
    says: str
    practice: str
    url: str = PRACTICES


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found in one pattern.

    Attributes:
        id: of the rule.
        message: what is wrong and what to do.
        pointer: JSON pointer within the pattern; "" is the whole pattern.
        patch: JSON Patch of the pattern; () where no mechanical one is known.
        severity: where it differs from the rule's.
        evidence: what shows it: mutants, a witness, combinations.
    """

    id: str
    message: str
    pointer: str = ""
    patch: Patch = ()
    severity: Severity | None = None
    evidence: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at its place; `suppressed` is the reason that somebody gave for living with it."""

    rule: SiteRule
    found: Found
    suppressed: str | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is: `error` fails or never works or runs away, `warning` bites later, `info` only says."""
        return self.found.severity or RULES[self.found.id].severity

    @property
    def pointer(self) -> str:
        """JSON pointer in the file that the pattern stands in."""
        return self.rule.place.pointer + self.found.pointer


_TABLE: tuple[Rule, ...] = (
    Rule("P001", "error", "a pattern that EventBridge refuses", VALIDATE, _SYNTAX),
    Rule("P002", "warning", "a pattern of more characters than the quota", CONTENT, _QUOTAS),
    Rule("P003", "warning", "wildcards at the edge of what EventBridge still takes", CONTENT, _OPERATORS),
    Rule("P010", "warning", "no filter on `source`", SOURCE),
    Rule("P011", "warning", "no filter on `detail-type`, or one that takes types to come", SOURCE),
    Rule("P012", "info", "no filter on `account` (and `region`, where a bus is shared)", PLACE),
    Rule("P013", "warning", "a filter on `source` that takes every source", SOURCE),
    Rule("P014", "error", "a top-level key that no event has", VALIDATE, _SYNTAX),
    Rule("P020", "warning", "several sources beside several types: every combination matches; use $or", SOURCE),
    Rule("P021", "warning", "CloudTrail calls without a filter on `detail.eventName`", SOURCE),
    Rule("P022", "warning", "an action that does not exist yet would match", UPDATES),
    Rule("P023", "info", "filters that only exclude: every value to come matches", UPDATES),
    Rule("P024", "warning", "a filter that no event can satisfy", VALIDATE),
    Rule("P025", "info", "part of an ARN where the whole one could stand", PRECISE),
    Rule("P030", "error", "a loop: every event that comes back matches again", LOOPS),
    Rule("P031", "warning", "a possible loop: some event may come back and match again", LOOPS),
    Rule("P032", "info", "a loop that no pattern can decide: it needs a guard on the rate", LOOPS),
    Rule("P040", "info", "a wildcard, which the newer custom event bus does not take", CONTENT, _OPERATORS),
    Rule("P041", "warning", "a boolean or number in quotes, or a text without", VALIDATE, _OPERATORS),
    Rule("P042", "warning", "a key that stands twice: the last one counts", VALIDATE, _SYNTAX),
    Rule("P050", "warning", "a suppression without a reason, or of a rule that does not exist", VALIDATE),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _TABLE}
