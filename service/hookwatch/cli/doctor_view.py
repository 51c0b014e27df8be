"""How `hookwatch doctor` shows what it found, to people and to machines. Asks nobody anything."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from hookwatch.doctor import Finding, Verdict

STYLES: dict[Verdict, str] = {"ok": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}
CHECK_COLUMNS = 28


def draw(console: Console, finding: Finding) -> None:
    """Print one line, and below it what mends it."""
    line = Text(f"{finding.verdict:<5}", style=STYLES[finding.verdict])
    line.append(f"{finding.check:<{CHECK_COLUMNS}} ", style="default")
    line.append(finding.sentence, style="default")
    console.print(line)
    if finding.fix:
        console.print(Text(f"{'':<{CHECK_COLUMNS + 6}}fix: {finding.fix}", style="default"))


def as_document(findings: Sequence[Finding], verdict: Verdict, stack: str) -> str:
    """Everything as a JSON document."""
    counts = {each: sum(finding.verdict == each for finding in findings) for each in STYLES}
    document = {
        "stack": stack,
        "verdict": verdict,
        "counts": counts,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
