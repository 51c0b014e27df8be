"""Judgements as documents that machines read: JSON, SARIF 2.1.0, JUnit XML.

This module never prints and never judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hookwatch.patterns.judgement import Judgement, Verdict
from hookwatch.patterns.live import LiveAnswer, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_DOCS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"

RULES = {
    "pattern-invalid": "EventBridge would refuse this pattern",
    "pattern-not-judged": "The pattern cannot be known from the template alone",
    "pattern-expectation": "The rule does not treat a sample as expected",
    "pattern-live-disagreement": "EventBridge answers otherwise than this tool",
}


def summary(judgements: Sequence[Judgement]) -> dict[str, int]:
    """Count the judgements by verdict, the unexpected ones and the disagreements."""
    counts = {str(verdict): sum(one.verdict is verdict for one in judgements) for verdict in Verdict}
    unexpected = sum(one.expected is not None and not one.ok for one in judgements)
    return {
        "total": len(judgements),
        **counts,
        "unexpected": unexpected,
        "live_disagreements": sum(one.disagrees for one in judgements),
    }


def as_json(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Give the whole result as plain data."""
    return {"results": [_one(judgement) for judgement in judgements], "summary": summary(judgements)}


def _one(judgement: Judgement) -> dict[str, Any]:
    judged = judgement.verdict in (Verdict.MATCH, Verdict.NO_MATCH)
    found: dict[str, Any] = {
        "rule": judgement.subject.name,
        "event": judgement.event,
        "verdict": str(judgement.verdict),
        "matched": judgement.verdict is Verdict.MATCH if judged else None,
        "expected": judgement.expected,
        "ok": judgement.ok and not judgement.disagrees,
        "reason": judgement.reason or None,
        "pointer": judgement.pointer if judgement.verdict is Verdict.INVALID_PATTERN else None,
        "file": judgement.subject.place,
        "line": judgement.subject.line,
        "explanations": [explanation.as_json() for explanation in judgement.explanations],
    }
    if judgement.live:
        found["live"] = {
            "answers": [_answer(answer) for answer in judgement.live],
            "disagrees": judgement.disagrees,
            "completed_fields": list(judgement.completed),
        }
    return found


def _answer(answer: LiveAnswer | NoAnswer) -> dict[str, Any]:
    match answer:
        case LiveAnswer():
            return {"matched": answer.matched, "reason": answer.reason or None}
        case NoAnswer():
            return {"matched": None, "problem": answer.problem}


def finding(judgement: Judgement) -> tuple[str, str] | None:
    """Give the kind of fault (a key of `RULES`) and its message; None where nothing is wrong."""
    name, event = judgement.subject.name, judgement.event
    match judgement.verdict:
        case Verdict.INVALID_PATTERN:
            place = f" (at {judgement.pointer})" if judgement.pointer else ""
            return "pattern-invalid", f"{name}: Event pattern is not valid. Reason: {judgement.reason}{place}"
        case Verdict.NOT_JUDGED:
            return "pattern-not-judged", f"{name}: not judged: {judgement.reason}"
        case Verdict.MATCH | Verdict.NO_MATCH if judgement.disagrees:
            said = "; ".join(live_text(answer) for answer in judgement.live)
            return "pattern-live-disagreement", f"{name}: {event}: {judgement.verdict} here, EventBridge says {said}"
        case Verdict.MATCH if judgement.expected is False:
            return "pattern-expectation", f"{name}: {event} matches and must not"
        case Verdict.NO_MATCH if judgement.expected is True:
            return "pattern-expectation", f"{name}: {event} must match and does not: {why_not(judgement)}"
        case _:
            return None


def why_not(judgement: Judgement) -> str:
    """Say in one line which paths stand in the way."""
    failing = [verdict for one in judgement.explanations for verdict in one.paths if not verdict.matched]
    return "; ".join(f"{verdict.path}: {verdict.why}" for verdict in failing)


def live_text(answer: LiveAnswer | NoAnswer) -> str:
    """Say what the service said."""
    match answer:
        case NoAnswer():
            return f"nothing ({answer.problem})"
        case LiveAnswer(matched=None):
            return f"invalid pattern: {answer.reason}"
        case LiveAnswer():
            return "match" if answer.matched else "no_match"


def as_sarif(judgements: Sequence[Judgement], version: str) -> dict[str, Any]:
    """Give the faults as a SARIF 2.1.0 log."""
    results = []
    for judgement in judgements:
        if (fault := finding(judgement)) is None:
            continue
        kind, message = fault
        result: dict[str, Any] = {
            "ruleId": kind,
            "level": "warning" if kind == "pattern-not-judged" else "error",
            "message": {"text": message},
        }
        if judgement.subject.place is not None:
            physical: dict[str, Any] = {"artifactLocation": {"uri": judgement.subject.place}}
            if judgement.subject.line is not None:
                physical["region"] = {"startLine": judgement.subject.line}
            pointer = next(iter(judgement.subject.pointers), "") + judgement.pointer
            logical = {"fullyQualifiedName": f"{judgement.subject.name}{pointer}"}
            result["locations"] = [{"physicalLocation": physical, "logicalLocations": [logical]}]
        results.append(result)
    rules = [{"id": kind, "shortDescription": {"text": text}, "helpUri": _DOCS} for kind, text in RULES.items()]
    driver = {"name": "hookwatch patterns test", "version": version, "rules": rules}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def as_junit(judgements: Sequence[Judgement]) -> str:
    """Give one test case a judgement as JUnit XML; what is not judged counts as skipped but keeps its exit code."""
    faults = [finding(judgement) for judgement in judgements]
    skipped = sum(fault is not None and fault[0] == "pattern-not-judged" for fault in faults)
    suite = ET.Element(
        "testsuite",
        name="hookwatch patterns test",
        tests=str(len(judgements)),
        failures=str(sum(fault is not None for fault in faults) - skipped),
        errors="0",
        skipped=str(skipped),
    )
    for judgement, fault in zip(judgements, faults, strict=True):
        case = ET.SubElement(suite, "testcase", classname=_clean(judgement.subject.name), name=_clean(judgement.event))
        if fault is not None:
            tag = "skipped" if fault[0] == "pattern-not-judged" else "failure"
            ET.SubElement(case, tag, type=fault[0], message=_clean(fault[1]))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _clean(text: str) -> str:
    """Drop what XML 1.0 cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
