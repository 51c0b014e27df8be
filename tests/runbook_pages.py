"""The pages under runbooks/, taken apart for the tests that judge them. Never runs a command."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml

from hookwatch.cfn import load, resolve
from sam_template import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = REPOSITORY / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
KINDS = ("check", "act", "aws-only")

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)")
# Options of the AWS CLI itself, not of an operation (`aws help`, version 2).
CLI_OPTIONS = {"query", "output", "max-items"}
# What the AWS CLI calls otherwise than the API does (its customization argrename).
CLI_NAMES = {("sns", "subscribe", "notification-endpoint"): "endpoint"}
CLI_SERVICES = {"s3api": "s3"}


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its kind and its text with continued lines joined."""

    info: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """One call of the AWS CLI."""

    service: str
    operation: str
    options: tuple[str, ...]
    line: str


def front(page: Path) -> dict[str, Any]:
    """The page's front matter."""
    parsed: dict[str, Any] = yaml.safe_load(page.read_text(encoding="utf-8").split("---\n")[1])
    return parsed


def body(page: Path) -> str:
    """The page without its front matter."""
    return page.read_text(encoding="utf-8").split("---\n", 2)[2]


def sections(page: Path) -> dict[str, str]:
    """Heading, with its marks, to the text below it, in order; marks inside fenced blocks are none."""
    found: dict[str, str] = {}
    heading, code = "", False
    for line in body(page).splitlines():
        code ^= line.startswith("```")
        if line.startswith("#") and not code:
            heading = line
            found[heading] = ""
        elif heading:
            found[heading] += line + "\n"
    return found


def blocks(text: str) -> list[Block]:
    """Every fenced block of a text."""
    return [Block(info.strip(), code.replace("\\\n", " ")) for info, code in _FENCE.findall(text)]


def commands(block: Block) -> Iterator[Command]:
    """Every call of the AWS CLI in a block, nested ones too."""
    for line in block.text.splitlines():
        starts = [found.start() for found in _COMMAND.finditer(line)]
        for start, end in pairwise([*starts, len(line)]):
            found = _COMMAND.match(line, start)
            assert found is not None
            options = re.findall(r"(?<=\s)--([a-z][a-z0-9-]*)", line[start:end])
            yield Command(found[1], found[2], tuple(options), line[start:end])


def anchor(heading: str) -> str:
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


@functools.cache
def alarms() -> dict[str, tuple[str, str]]:
    """Logical id of every alarm that says something, to its name (stack `hooks`) and its description."""
    found: dict[str, tuple[str, str]] = {}
    for name in ("stack", "cost"):
        template = load(REPOSITORY / "alarms" / f"{name}.yaml")
        given = {"GitHubFunctionName": "hooks-github", "TwilioFunctionName": "hooks-twilio", "NamePrefix": "hooks"}
        known = {key: value for key, value in given.items() if key in template.section("Parameters")}
        for logical_id, resource in resolve(template, known, every_resource=True).resources.items():
            if "AlarmDescription" in resource.properties:
                found[logical_id] = (str(resource.physical_name), str(resource.properties["AlarmDescription"]))
    return found
