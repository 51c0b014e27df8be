"""Findings that somebody decided to live with: `hookwatch: {ignore: [{rule: P012, reason: "..."}]}` in Metadata.

Never suppresses without a reason, and never hides that it did: what is suppressed is listed with its reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hookwatch.patterns.lint.rules import RULES, Finding, Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookwatch.patterns.loops.site import SiteRule

NOT_SUPPRESSIBLE = frozenset({"P001", "P050"})
"""A pattern that EventBridge refuses does not deploy, whatever the reason."""


def suppressed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Mark what is suppressed."""
    for finding in findings:
        reasons = {one.id: one.reason for one in finding.rule.suppressions if one.reason}
        if finding.found.id in reasons and finding.found.id not in NOT_SUPPRESSIBLE:
            yield replace(finding, suppressed=reasons[finding.found.id])
        else:
            yield finding


def faults(rule: SiteRule) -> Iterator[Found]:
    """Find suppressions that do not count."""
    for one in rule.suppressions:
        if one.id not in RULES:
            yield Found("P050", f"the suppression names {one.id or 'no rule'}, which is no rule of this linter")
        elif one.id in NOT_SUPPRESSIBLE:
            yield Found("P050", f"{one.id} cannot be suppressed")
        elif not one.reason:
            yield Found("P050", f"the suppression of {one.id} gives no reason, so it does not count")
