"""Builds what Lambda runs: `make build`, `sam build` and the benchmark all come here.

Never uploads anything.

    python tools/build_artefact.py                             the artefact and its zip file in build/
    python tools/build_artefact.py --host --output build/host  one that this machine can run
    python tools/build_artefact.py --json                      the same, reported as JSON
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from artefact import archive, report
from artefact import imports as import_costs
from artefact.build import Artefact, build
from artefact.errors import BuildError
from artefact.target import LAMBDA, host

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / "build"


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds and reports.

    Returns:
        0, or 1 if the artefact cannot be made, or 2 for arguments that make no sense.
    """
    options = _parser().parse_args(arguments)
    target = host() if options.host else LAMBDA
    output = (options.output or BUILD / ("host" if options.host else "lambda")).resolve()
    zip_file = None if options.no_zip else (options.zip or output.with_name(f"hookwatch-{output.name}.zip")).resolve()
    try:
        artefact = build(REPOSITORY, target, output)
        size = archive.write_zip(output, zip_file) if zip_file else None
        runnable = None if options.no_imports else _runnable(artefact)
        costs = [import_costs.measure(runnable.folder, name) for name in import_costs.FUNCTIONS] if runnable else []
    except BuildError as problem:
        print(f"build_artefact: {problem}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report.as_document(artefact, size, runnable, costs), indent=2))
    else:
        print(report.as_text(artefact, size, runnable, costs))
    return 0


def _runnable(artefact: Artefact) -> Artefact:
    """The artefact itself if this machine runs it, else the same build for this machine.

    The compiled extensions of the Lambda artefact are for arm64 and for one version of Python.
    """
    if artefact.target == host():
        return artefact
    return build(REPOSITORY, host(), BUILD / "host")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Builds what Lambda runs.")
    parser.add_argument("--host", action="store_true", help="for this machine and Python instead of Lambda's")
    parser.add_argument("--output", type=Path, metavar="DIR", help="default: build/lambda, or build/host with --host")
    zipped = parser.add_mutually_exclusive_group()
    zipped.add_argument("--zip", type=Path, metavar="FILE", help="default: beside DIR, build/hookwatch-lambda.zip")
    zipped.add_argument("--no-zip", action="store_true", help="leave the zip file out")
    parser.add_argument("--no-imports", action="store_true", help="do not measure what the functions import")
    parser.add_argument("--json", action="store_true", help="report as one JSON document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
