"""The undo file: what every URL was before it was changed. Written before the first change, never over another file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.overrides_plan import Change
from hookwatch.recover.webhook_urls import SORTS, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FORMAT = "overrides-undo/1"


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    sid: str
    name: str
    property: str
    before: str
    after: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    hookwatch: str
    account: str
    made: str
    changes: tuple[_Entry, ...]


def default_name(now: datetime) -> Path:
    """The name of a file in the working directory that no earlier run had."""
    return Path(f"hookwatch-overrides-undo-{now:%Y%m%dT%H%M%SZ}.json")


def write_undo(path: Path, account_sid: str, changes: Sequence[Change], now: datetime) -> Problem | None:
    """Write the file and see that it is on the disk; readable to its owner only, because URLs can hold credentials."""
    entries = tuple(
        _Entry(
            kind=each.kind,
            sid=each.sid,
            name=each.name,
            property=each.which,
            before=each.before,
            after=each.after,
        )
        for each in changes
    )
    content = _File(hookwatch=FORMAT, account=account_sid, made=f"{now:%Y-%m-%dT%H:%M:%SZ}", changes=entries)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return Problem(f"{path} exists: name another with --undo-file; nothing was changed")
    except OSError as error:
        return Problem(f"the undo file {path} cannot be written ({error.strerror}); nothing was changed")
    return None


def read_undo(path: Path, account_sid: str) -> tuple[Change, ...] | Problem:
    """The changes that a file tells of, as they were made."""
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        return Problem(f"cannot read {path}: {error.strerror}")
    except msgspec.MsgspecError as error:
        return Problem(f"{path} is no undo file of `hookwatch overrides apply`: {error}")
    if content.hookwatch != FORMAT:
        return Problem(f"{path} is no undo file of `hookwatch overrides apply`: its format is {content.hookwatch!r}")
    if content.account != account_sid:
        return Problem(f"{path} belongs to the account {content.account}, and TWILIO_ACCOUNT_SID is {account_sid}")
    for each in content.changes:
        if each.property not in SORTS[each.kind].properties:
            return Problem(f"{path} names {each.property!r}, which no {each.kind} has")
    return tuple(
        Change(each.kind, each.sid, each.name, each.property, each.before, each.after) for each in content.changes
    )
