"""What earlier runs asked GitHub for, in a small file, so that nothing is asked for twice while it is under way.

Never needed to be right: GitHub's own record comes first, and a lost or torn file only means that what is under way
this minute may be asked for again. A line is written before a request and another after it, so that a run that is
killed in between leaves what is not known as not known.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hookwatch.recover.github_claims import ASKED, REFUSED, REINJECTED, RELEASED
from hookwatch.recover.github_plan import Asked
from hookwatch.recover.journal_file import append, opened, state_file
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from hookwatch.recover.github_plan import Item, Key

KEEP = timedelta(days=8)
"""Longer than any GitHub keeps a delivery."""


class FileJournal:
    """A journal in a file of one JSON object a line."""

    def __init__(self, file: BinaryIO, memory: dict[Key, Asked]) -> None:
        """Make it; `open_journal` does."""
        self._file = file
        self.memory: Mapping[Key, Asked] = memory

    def claim(self, item: Item, at: datetime) -> bool:
        """Write down that a request is about to be made."""
        self._write(item, ASKED, at)
        return True

    def settle(self, item: Item, what: str, at: datetime) -> None:
        """Write down what became of it."""
        self._write(item, what, at)

    def _write(self, item: Item, what: str, at: datetime) -> None:
        line = {"hook": item.hook_id, "guid": item.delivery.guid, "id": item.delivery.id, "what": what}
        append(self._file, json.dumps(line | {"at": at.isoformat()}).encode())


def journal_path(environ: Mapping[str, str], api_url: str, scope: str) -> Path:
    """Where the file of one scope is: under XDG_STATE_HOME."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{api_url.partition('://')[2]}-{scope}").strip("-")
    return state_file(environ, "redeliver-github", name)


def read_memory(path: Path, now: datetime) -> Mapping[Key, Asked]:
    """What earlier runs did, without taking part: for a plan."""
    try:
        return _memory(_kept(path, now))
    except OSError:
        return {}


@contextmanager
def open_journal(path: Path, now: datetime) -> Iterator[FileJournal | Problem]:
    """Open a journal for one run; a `Problem` if another run has it or it cannot be written."""
    lines: list[dict[str, str | int]] = []

    def kept() -> list[bytes]:
        lines[:] = _kept(path, now)
        return [json.dumps(line).encode() for line in lines]

    busy = "another run is bringing back deliveries of the same hooks: wait for it, or stop it"
    with opened(path, kept, busy) as file:
        yield file if isinstance(file, Problem) else FileJournal(file, _memory(lines))


def _kept(path: Path, now: datetime) -> list[dict[str, str | int]]:
    """The lines that are still worth something; one that was torn by a kill is left out."""
    if not path.exists():
        return []
    kept: list[dict[str, str | int]] = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
            recent = datetime.fromisoformat(line["at"]) > now - KEEP
            known = isinstance(line["hook"], int) and isinstance(line["id"], int) and isinstance(line["guid"], str)
        except (ValueError, KeyError, TypeError):
            continue
        if recent and known:
            kept.append(line)
    return kept


def _memory(lines: list[dict[str, str | int]]) -> dict[Key, Asked]:
    memory: dict[Key, Asked] = {}
    for line in lines:
        key = (int(line["hook"]), str(line["guid"]))
        what = line.get("what")
        if what == RELEASED:
            memory.pop(key, None)
            continue
        at = datetime.fromisoformat(str(line["at"])).astimezone(UTC)
        before = memory.get(key)
        memory[key] = Asked(
            int(line["id"]),
            at,
            reinjected=what == REINJECTED or (before is not None and before.reinjected),
            refused=what == REFUSED,
        )
    return memory
