"""Findings as documents that machines read: JSON and SARIF 2.1.0.

Never prints and never judges.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hookwatch.patterns.fixes import moved
from hookwatch.patterns.lint.rules import RULES, SEVERITIES, Finding
from hookwatch.patterns.loops.report import bus_text

if TYPE_CHECKING:
    from hookwatch.patterns.lint.run import Linted

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_NOT_JUDGED = "not-judged"


def as_json(linted: Linted) -> dict[str, Any]:
    """Give the whole result as plain data."""
    active = [finding for finding in linted.findings if finding.suppressed is None]
    return {
        "findings": [_one(finding) for finding in active],
        "suppressed": [
            {**_one(one), "reason": one.suppressed} for one in linted.findings if one.suppressed is not None
        ],
        "not_judged": [
            {"rule": rule.name, "reason": rule.not_judged, "file": rule.place.file, "line": rule.place.line}
            for rule in linted.not_judged
        ],
        "survival": [
            {"rule": one.rule.name, "file": one.rule.place.file, "mutants": [asdict(mutant) for mutant in one.mutants]}
            for one in linted.survival
        ],
        "notes": list(linted.notes),
        "summary": {
            "rules": linted.rules,
            **{severity: sum(one.severity == severity for one in active) for severity in SEVERITIES},
            "suppressed": len(linted.findings) - len(active),
            "not_judged": len(linted.not_judged),
        },
    }


def _one(finding: Finding) -> dict[str, Any]:
    rule = RULES[finding.found.id]
    return {
        "id": finding.found.id,
        "severity": finding.severity,
        "rule": finding.rule.name,
        "bus": bus_text(finding.rule.bus),
        "file": finding.rule.place.file,
        "line": finding.rule.place.line,
        "pointer": finding.pointer,
        "pattern_pointer": finding.found.pointer,
        "message": finding.found.message,
        "practice": rule.practice,
        "url": rule.url,
        "fix": fix(finding),
        "evidence": list(finding.found.evidence),
    }


def fix(finding: Finding) -> dict[str, Any] | None:
    """Give the proposed patch: of the file where the pattern is part of it, of the pattern where it is text in it."""
    if not finding.found.patch:
        return None
    place = finding.rule.place
    if place.is_text or not place.pointer:
        return {"applies_to": "pattern", "patch": [dict(operation) for operation in finding.found.patch]}
    return {"applies_to": "file", "patch": [dict(operation) for operation in moved(finding.found.patch, place.pointer)]}


def as_sarif(linted: Linted, version: str) -> dict[str, Any]:
    """Give the findings as a SARIF 2.1.0 log; what is suppressed is marked so, with its reason."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.says},
            "helpUri": rule.url,
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in RULES.values()
    ]
    rules.append({"id": _NOT_JUDGED, "shortDescription": {"text": "a pattern that the files alone do not tell"}})
    results = [_result(finding) for finding in linted.findings]
    results += [
        {
            "ruleId": _NOT_JUDGED,
            "level": "warning",
            "message": {"text": f"{rule.name}: not judged: {rule.not_judged}"},
            "locations": [_location(rule.place.file, rule.place.line, rule.place.pointer)],
        }
        for rule in linted.not_judged
    ]
    driver = {"name": "hookwatch patterns lint", "version": version, "rules": rules}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(finding: Finding) -> dict[str, Any]:
    place = finding.rule.place
    result: dict[str, Any] = {
        "ruleId": finding.found.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.rule.name}: {finding.found.message}"},
        "locations": [_location(place.file, place.line, finding.pointer)],
    }
    if (proposed := fix(finding)) is not None:
        # SARIF's own fixes replace regions of text; a JSON Patch has no region, so it travels as a property.
        result["properties"] = {"fix": proposed}
    if finding.suppressed is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.suppressed}]
    return result


def _location(file: str, line: int | None, pointer: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": file.replace(" ", "%20")}}
    if line is not None:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": pointer or "/"}]}
