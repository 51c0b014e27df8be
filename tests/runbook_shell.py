"""Runs the shell blocks of a runbook as an operator would: in order, in one shell, stopping at the first that fails.

Blocks marked `aws-only` are left out, because only AWS itself can answer them; tests/contract holds those to AWS's own
models. What a page says under "Undo" beside a block that acts is run right after it, so that no page leaves a trace.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbook_pages import body
from sam_template import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LIMIT_S = 120
_FENCE = re.compile(r"^```sh ([a-z-]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# A command with its options; without any it is only spoken of.
_UNDO = re.compile(r"\bUndo: `((?:aws|hookwatch) [^`]*--[^`]+)`")
# A name in capitals is the reader's to fill in.
_PLACEHOLDER = re.compile(r"\s[A-Z]{2,}(?=\s|$)")
_MARK = "@@ block"
RUN = ("check", "act")

# The AWS CLI, version 1, does not hear AWS_ENDPOINT_URL for SQS in us-east-1. And a command of ours that ends with 1
# has found something, which is an answer; one that could not be run ends with 2.
_TOOLS = """
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
hookwatch() { command hookwatch "$@" || [ $? -eq 1 ]; }
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run.

    Attributes:
        name: what it is, for whoever reads a failure: its kind and its first line.
        text: shell.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a page ran.

    Attributes:
        steps: what was run, in order.
        failed: the step that failed, None if all went well.
        output: everything that was printed, with a line between steps.
    """

    steps: tuple[Step, ...]
    failed: Step | None
    output: str

    def printed(self, number: int) -> str:
        """What one step printed."""
        parts = re.split(rf"^{_MARK} \d+$", self.output, flags=re.MULTILINE)
        return parts[number + 1].strip()


def steps(page: Path) -> Iterator[Step]:
    """What of a page is run."""
    text = body(page)
    found = list(_FENCE.finditer(text))
    for block, after in zip(found, [*found[1:], None], strict=True):
        kind, code = block[1], block[2]
        if kind not in RUN:
            continue
        yield Step(f"{kind}: {code.strip().splitlines()[0]}", code)
        if kind == "act":
            prose = text[block.end() : after.start() if after else len(text)].replace("\n", " ")
            for command in _UNDO.findall(prose):
                if not _PLACEHOLDER.search(command):
                    yield Step(f"undo: {command}", f"{command}\n")


def run(page: Path, environment: Mapping[str, str], folder: Path, typed: str = "") -> Done:
    """Run a page in a folder of its own.

    Args:
        page: the runbook.
        environment: what the page tells its reader to set, and where AWS is.
        folder: the working folder, and the home of whatever the commands keep.
        typed: what its reader types where it asks.
    """
    todo = tuple(steps(page))
    script = f"set -eo pipefail\n{_TOOLS}"
    for number, step in enumerate(todo):
        script += f"\nprintf '\\n{_MARK} {number}\\n'\n{step.text}"
    tools = (REPOSITORY / ".venv-aws" / "bin", REPOSITORY / ".venv" / "bin")
    done = subprocess.run(
        ["bash", "-c", script],
        env={
            "PATH": os.pathsep.join([*map(str, tools), os.environ["PATH"]]),
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "LANG": "C.UTF-8",
            "COLUMNS": "160",
            **environment,
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        input=typed,
    )
    reached = [int(number) for number in re.findall(rf"^{_MARK} (\d+)$", done.stdout, re.MULTILINE)]
    return Done(todo, todo[reached[-1]] if done.returncode else None, f"{done.stdout}\n{done.stderr}")
