"""Results of alarm tests as JSON and as JUnit XML.

Never prints and never writes a file.
"""

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from hookwatch.alarms.results import CaseResult, FileResult, Judged


def as_json(results: Sequence[FileResult]) -> dict[str, Any]:
    """Return the results as plain data: `ok`, `passed`, `failed`, and each file with its cases."""
    cases = [case for result in results for case in result.cases]
    return {
        "ok": all(result.ok for result in results),
        "passed": sum(case.ok for case in cases),
        "failed": sum(not case.ok for case in cases),
        "files": [_file(result) for result in results],
    }


def _file(result: FileResult) -> dict[str, Any]:
    return {
        "file": str(result.path),
        "template": str(result.template) if result.template is not None else None,
        "ok": result.ok,
        "errors": list(result.faults),
        "cases": [_case(case) for case in result.cases],
    }


def _case(case: CaseResult) -> dict[str, Any]:
    return {
        "name": case.name,
        "ok": case.ok,
        "expectations": [_judged(item) for item in case.judged],
        "notes": list(case.notes),
    }


def _judged(item: Judged) -> dict[str, Any]:
    wanted = item.expectation
    expected: dict[str, Any] = {"state": str(wanted.state)}
    if wanted.actions is not None:
        expected["actions"] = list(wanted.actions)
    return {
        "alarm": wanted.alarm,
        "at_s": wanted.at_s,
        "ok": item.ok,
        "expected": expected,
        "state": item.state or None,
        "actions": [{"at_s": a.at_s, "state": str(a.state), "action": a.action} for a in item.actions],
        "reason": item.why,
        "faults": list(item.faults),
        "datapoints": [
            {"start_s": p.start_s, "value": p.value, "breaching": p.breaching, "used": p.used} for p in item.datapoints
        ],
        "history": [
            {"at_s": t.at_s, "from": str(t.previous), "to": str(t.state), "reason": t.reason} for t in item.history
        ],
    }


def as_junit(results: Sequence[FileResult]) -> str:
    """Return the results as JUnit XML: a suite a file, a testcase a case; an unusable file is an error."""
    root = ET.Element("testsuites", name="hookwatch alarms")
    for result in results:
        failed = sum(not case.ok for case in result.cases)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=str(result.path),
            tests=str(len(result.cases) or 1),
            failures=str(failed),
            errors="1" if result.faults else "0",
        )
        for case in result.cases:
            element = ET.SubElement(suite, "testcase", classname=str(result.path), name=case.name)
            faults = [fault for item in case.judged for fault in item.faults]
            if faults:
                body = ET.SubElement(element, "failure", message=_printable(faults[0]))
                body.text = _printable("\n".join(details(case)))
        if result.faults:
            element = ET.SubElement(suite, "testcase", classname=str(result.path), name="the file can be run")
            ET.SubElement(element, "error", message=_printable(result.faults[0])).text = _printable(
                "\n".join(result.faults)
            )
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def details(case: CaseResult, *, every: bool = False) -> list[str]:
    """Say what failed in a case, line by line: the fault, the reason, the datapoints, the changes of state.

    With `every`, expectations that were met are shown too.
    """
    lines: list[str] = []
    for item in case.judged:
        if item.ok and not every:
            continue
        lines += item.faults or [f"{item.expectation.alarm} is {item.state} at {item.expectation.at_s} s, as expected"]
        if item.why not in item.faults:
            lines.append(f"  why: {item.why}")
        if item.datapoints:
            lines.append(f"  datapoints: {datapoints_line(item)}")
        lines += [f"  {t.at_s} s: {t.previous} -> {t.state} ({t.reason})" for t in item.history]
    return [*lines, *(f"note: {note}" for note in case.notes)]


def datapoints_line(item: Judged) -> str:
    """Write the evaluation range on one line: `start=value`, `!` breaching, [ ] not decisive."""
    parts = []
    for point in item.datapoints:
        value = "-" if point.value is None else f"{point.value:g}" + ("!" if point.breaching else "")
        text = f"{point.start_s}s={value}"
        parts.append(text if point.used or point.value is None else f"[{text}]")
    return " ".join(parts)


def _printable(text: str) -> str:
    """Drop what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")
