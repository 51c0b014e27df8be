"""Prints how fast event patterns are judged. Never a test: a shared machine's clock proves nothing.

    python tests/bench/bench_patterns.py [--seconds 2]

What is measured: (1) small events: compile the pattern and match once, both given as JSON text, so both are parsed
every time; (2) a push event of about 20 KB as JSON text against a pattern that is compiled once, so the event is
parsed every time; (3) the same with the event's JSON parsed beforehand; (4) an explanation of that event.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "service"))

from hookwatch.patterns import compile_pattern  # noqa: E402 - the path has to be set first
from hookwatch.patterns.explanation import explain_compiled  # noqa: E402 - the path has to be set first
from hookwatch.patterns.search import holds  # noqa: E402 - the path has to be set first

TARGETS_PER_S = {"compile and match, small events": 20_000, "match, 20 KB event as text": 3_000}
PATTERN = {
    "source": ["github.com"],
    "detail-type": ["push"],
    "detail": {
        "ref": ["refs/heads/main"],
        "deleted": [False],
        "pusher": {"name": [{"anything-but": ["acme-bot[bot]"]}]},
        "commits": {"author": {"username": [{"prefix": "octo"}]}},
    },
}


def push_event(size_bytes: int = 20_000) -> str:
    """Make a push with as many commits as it takes."""
    commits: list[dict[str, Any]] = []
    while True:
        number = len(commits)
        commits.append(
            {
                "id": f"{number:040x}",
                "message": f"Change number {number}: say what and why in a line of usual length",
                "timestamp": "2026-01-01T00:00:00Z",
                "author": {"name": "Mona", "email": "mona@example.com", "username": "octocat"},
                "added": [f"src/part_{number}/file.py"],
                "removed": [],
                "distinct": True,
            }
        )
        detail = {
            "ref": "refs/heads/main",
            "deleted": False,
            "forced": False,
            "pusher": {"name": "octocat"},
            "repository": {"id": 1296269, "full_name": "octocat/hello", "private": False, "forks": 9, "size": 108},
            "commits": commits,
        }
        text = json.dumps({"version": "0", "source": "github.com", "detail-type": "push", "detail": detail})
        if len(text) >= size_bytes:
            return text


def per_second(action: Callable[[], int], seconds: float) -> float:
    """Run the action, which returns how many units it did, for at least so long."""
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        done += action()
    return done / spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    cases = json.loads((ROOT / "tests/data/pattern-conformance.json").read_text())
    small = [(case["pattern"], case["event"]) for case in cases if case["expected"] != "invalid"]

    def compile_and_match() -> int:
        for pattern, event in small:
            compile_pattern(pattern).matches(event)
        return len(small)

    compiled, event = compile_pattern(PATTERN), push_event()
    node = compiled.read(event)
    leaves = compiled.alternatives[0].leaves
    rows: dict[str, Callable[[], int]] = {
        "compile and match, small events": compile_and_match,
        "match, 20 KB event as text": lambda: int(compiled.matches(event)),
        "match, 20 KB event parsed before": lambda: int(holds(leaves, compiled.find(node))),
        "explain, 20 KB event as text": lambda: int(explain_compiled(compiled, event).matched),
    }
    print(f"{len(small)} small pairs; event of {len(event)} characters; Python {sys.version.split()[0]}")
    for name, action in rows.items():
        rate = per_second(action, seconds)
        target = TARGETS_PER_S.get(name)
        share = f"{rate / target:6.2f} x the target of {target:,}" if target else ""
        print(f"{name:34} {rate:12,.0f}/s  {share}")


if __name__ == "__main__":
    main()
