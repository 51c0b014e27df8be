"""Compares our handler with a plain one of the quick start's kind, side by side in one run: `make bench`.

Never judges by its exit status: 0 whatever the ratios, because a benchmark on a shared machine reports and does not
test; 2 if it cannot be run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.report import Measure

_MISUSE = 2
_TABLE_WIDTH = 132
_OLDEST_PYTHON = (3, 11)
_EXAMPLES = """examples:
  make bench                                       the table, in under five minutes
  make bench ARGS=--quick                          fewer rounds, no instructions: about a minute
  make bench ARGS="--python /usr/bin/python3.13"   with the Python that Lambda runs
  make bench ARGS=--json > bench.json              for a program
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build both handlers, measure them and print what came out."""
    from bench.trees import BenchError

    options = _parser().parse_args(arguments)
    try:
        version = _version(options.python)
        load_before = os.getloadavg()[0]
        measures = _measure(options.python, version, quick=options.quick)
    except BenchError as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return _MISUSE
    _print(measures, version, load_before, as_json=options.json)
    return 0


def _measure(python: Path, version: str, *, quick: bool) -> list[Measure]:
    from bench.aws_stub import AwsStub
    from bench.measures import FULL, QUICK, measure_all
    from bench.runs import Stand
    from bench.trees import ours, plain

    _say(f"building both handlers for Python {version}")
    short = version.rpartition(".")[0]
    trees = plain(python, short), ours(python, short)
    with tempfile.TemporaryDirectory(prefix="hookwatch-bench-") as scratch, AwsStub() as stub:
        return list(measure_all(Stand(python, stub, Path(scratch), *trees), QUICK if quick else FULL, _say))


def _print(measures: Sequence[Measure], version: str, load_before: float, *, as_json: bool) -> None:
    from rich.console import Console

    from bench.report import as_document, as_table

    if as_json:
        machine = {"python": version, "cores": os.cpu_count(), "load_before": load_before}
        print(json.dumps(machine | {"measures": as_document(measures)}, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_TABLE_WIDTH)
    console.print(as_table(measures))
    console.print(
        f"Python {version}, {os.cpu_count()} cores, load {load_before:.1f} before. Medians of alternating rounds;"
        " ratio is ours / plain, spread its middle half.",
        highlight=False,
    )


def _version(python: Path) -> str:
    """An interpreter's version.

    Raises:
        BenchError: If it is none, or too old.
    """
    from bench.trees import BenchError

    code = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    except OSError as problem:
        raise BenchError(
            f"{python} cannot be run ({problem.strerror}): give --python the path of a Python."
        ) from problem
    version = done.stdout.strip()
    if done.returncode or tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_PYTHON:
        raise BenchError(f"{python} is no Python 3.11 or newer.")
    return version


def _say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench_handler.py",
        description="Compares our handler with a plain one, side by side in one run.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and no instructions counted")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), metavar="PATH", help="which Python runs the handlers"
    )
    return parser


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.exit(main())
