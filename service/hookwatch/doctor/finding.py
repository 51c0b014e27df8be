"""What a check found: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.recover.loop_stop import Problem

Verdict = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: which check, and of what: `url github`.
        verdict: ok; warn: works and will not for long, or not as meant; fail: does not work; skip: could not be seen.
        sentence: what is so.
        fix: what to do about it, empty where nothing is to be done.
    """

    check: str
    verdict: Verdict
    sentence: str
    fix: str = ""


def ok(check: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", sentence)


def warn(check: str, sentence: str, fix: str) -> Finding:
    """It works, but."""
    return Finding(check, "warn", sentence, fix)


def fail(check: str, sentence: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(check, "fail", sentence, fix)


def skip(check: str, sentence: str, fix: str = "") -> Finding:
    """Nobody looked, and why."""
    return Finding(check, "skip", sentence, fix)


def unseen(check: str, problem: Problem) -> Finding:
    """AWS did not let us look: that says nothing about the thing itself."""
    return Finding(check, "skip", f"could not be seen: {problem.message}", "let this role read it, or ask who may")


def worst(findings: Iterable[Finding]) -> Verdict:
    """The verdict of all together; what was not seen does not count."""
    order: tuple[Verdict, ...] = ("ok", "skip", "warn", "fail")
    return max((finding.verdict for finding in findings), key=order.index, default="ok")
