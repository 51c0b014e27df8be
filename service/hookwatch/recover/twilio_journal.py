"""What earlier runs sent, in a small file, so that nothing is sent twice. Holds ids only: no number, no text.

A line is written before a webhook is sent and another after the answer, so that a run that is killed in between leaves
what is not known as not known. Losing the file means that our log, if it can be asked, is all that tells.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from hookwatch.recover.journal_file import append, opened, state_file
from hookwatch.recover.problem import Problem
from hookwatch.recover.twilio_history import NONE, History

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

KEEP = timedelta(days=31)
"""Longer than Twilio keeps alerts."""


class _Line(msgspec.Struct, frozen=True):
    id: str
    what: str
    at: datetime


class TwilioJournal:
    """The journal of one run."""

    def __init__(self, file: BinaryIO, memory: dict[str, History]) -> None:
        """Make it; `open_journal` does."""
        self._file = file
        self._memory = memory

    @property
    def memory(self) -> Mapping[str, History]:
        """Delivery id -> what was done about it."""
        return self._memory

    def write(self, delivery_id: str, what: str) -> None:
        """Write one line and see that it is on the disk."""
        append(self._file, msgspec.json.encode(_Line(delivery_id, what, datetime.now(UTC))))
        _add(self._memory, delivery_id, what)


def journal_path(environ: Mapping[str, str], account_sid: str, place: str = "") -> Path:
    """Where the file of one account is: under XDG_STATE_HOME. A rehearsal elsewhere has one of its own."""
    more = "".join(each if each.isalnum() else "-" for each in place)
    return state_file(environ, "redeliver-twilio", f"{account_sid}{more and f'-{more}'}")


def read_memory(path: Path, now: datetime) -> dict[str, History]:
    """What the file says; empty where there is none."""
    return _memory(_lines(path, now))


@contextmanager
def open_journal(path: Path, now: datetime) -> Iterator[TwilioJournal | Problem]:
    """Open the journal for one run; a `Problem` if another run has it or it cannot be written."""
    lines: list[_Line] = []

    def kept() -> list[bytes]:
        lines[:] = _lines(path, now)
        return [msgspec.json.encode(line) for line in lines]

    busy = "another run is bringing back webhooks of this account: wait for it, or stop it"
    with opened(path, kept, busy) as file:
        yield file if isinstance(file, Problem) else TwilioJournal(file, _memory(lines))


def _memory(lines: Iterable[_Line]) -> dict[str, History]:
    memory: dict[str, History] = {}
    for each in lines:
        _add(memory, each.id, each.what)
    return memory


def _add(memory: dict[str, History], delivery_id: str, what: str) -> None:
    memory[delivery_id] = History((*memory.get(delivery_id, NONE).words, what))


def _lines(path: Path, now: datetime) -> list[_Line]:
    """The lines that still count; one that was torn by a kill is left out."""
    try:
        texts = path.read_bytes().splitlines()
    except OSError:
        return []
    found: list[_Line] = []
    for text in texts:
        try:
            line = msgspec.json.decode(text, type=_Line)
        except msgspec.MsgspecError:
            continue
        if line.at.tzinfo is not None and line.at > now - KEEP:
            found.append(line)
    return found
