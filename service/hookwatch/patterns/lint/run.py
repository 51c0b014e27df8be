"""Runs every check over every rule of a site.

Never stops at the first finding, and never reads a file or calls AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.errors import InvalidEvent
from hookwatch.patterns.lint import mutants
from hookwatch.patterns.lint.envelope import envelope
from hookwatch.patterns.lint.looping import looping
from hookwatch.patterns.lint.payloads import acts, payloads
from hookwatch.patterns.lint.rules import SEVERITIES, Finding, Found, Severity
from hookwatch.patterns.lint.scope import scope
from hookwatch.patterns.lint.subject import Subject, make_subject
from hookwatch.patterns.lint.suppress import faults, suppressed
from hookwatch.patterns.lint.validity import validity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hookwatch.patterns.emissions_file import Declared
    from hookwatch.patterns.lint.mutants import Mutant
    from hookwatch.patterns.loops.site import Site, SiteRule
    from hookwatch.patterns.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Survival:
    """What of tomorrow's events a rule's pattern would match."""

    rule: SiteRule
    mutants: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True)
class Linted:
    """The whole result. `not_judged` are rules whose pattern the files alone do not tell."""

    rules: int
    findings: tuple[Finding, ...]
    not_judged: tuple[SiteRule, ...]
    survival: tuple[Survival, ...]
    notes: tuple[str, ...]

    @property
    def active(self) -> tuple[Finding, ...]:
        """Findings that are not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)


def lint(site: Site, declared: Sequence[Declared] = (), samples: Sequence[dict[str, Any]] = ()) -> Linted:
    """Lint every rule; `samples` are events that mutants are made of, beside the witnesses made here."""
    findings: list[Finding] = []
    survival: list[Survival] = []
    for rule in site.rules:
        findings += [Finding(rule, found) for found in faults(rule)]
        if rule.text is None:
            continue
        shared = rule.bus is not None and rule.bus.name in site.shared_buses
        subject = make_subject(rule, rule.text, shared=shared)
        found = [*validity(subject), *envelope(subject), *scope(subject), *payloads(subject)]
        findings += [Finding(rule, one) for one in _once(found)]
        if subject.pattern is not None and subject.has_envelope:
            survival.append(Survival(rule, _mutants(subject, subject.pattern, samples)))
    findings += looping(site, declared)
    order = {severity: number for number, severity in enumerate(SEVERITIES)}
    place = {id(rule): number for number, rule in enumerate(site.rules)}
    marked = sorted(
        suppressed(findings),
        key=lambda one: (place.get(id(one.rule), 0), order[one.severity], one.found.id, one.found.pointer),
    )
    unknown = tuple(rule for rule in site.rules if rule.text is None)
    return Linted(len(site.rules), tuple(marked), unknown, tuple(survival), site.notes)


def _once(found: Iterable[Found]) -> Iterable[Found]:
    """Leave out what alternatives repeat, because they share a leaf."""
    return {(one.id, one.pointer, one.message): one for one in found}.values()


def _mutants(subject: Subject, pattern: Pattern, samples: Sequence[dict[str, Any]]) -> tuple[Mutant, ...]:
    given = [sample for sample in samples if _matches(pattern, sample)]
    made = mutants.samples_of(pattern)
    return mutants.survival(pattern, [*given, *made], with_action=acts(subject))


def _matches(pattern: Pattern, sample: dict[str, Any]) -> bool:
    try:
        return pattern.matches(sample)
    except InvalidEvent:
        return False


def at_least(findings: Sequence[Finding], severity: Severity) -> Iterator[Finding]:
    """Give the findings of this severity or worse that are not suppressed."""
    worst = SEVERITIES.index(severity)
    for finding in findings:
        if finding.suppressed is None and SEVERITIES.index(finding.severity) <= worst:
            yield finding
