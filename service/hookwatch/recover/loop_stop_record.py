"""The undo record: what was there before a stop. Kept on the stopped resource itself, never on the caller's machine.

Whoever resumes may be somebody else, on another machine, a day later. A rule and a function carry the record as a tag.
An actor's record is one more variable of the function's environment: it is written by the same call as the drop list,
so neither can exist without the other, and a deployment that replaces the list also removes the record.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# Tag values may hold letters, digits, spaces and + - = . _ : / @, at most 256 characters.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html (read 2026-11-22)
TAG = "hookwatch:loop-stop"
VARIABLE = "HOOKWATCH_LOOP_UNDO"

_TAG_VALUE = re.compile(r"before=(?P<before>[A-Za-z0-9_]+) at=(?P<at>[0-9T:Z-]*)")


@dataclass(frozen=True, slots=True)
class Record:
    """What a tag says.

    Attributes:
        before: the state to restore.
        at: when it was stopped: UTC, ISO 8601.
    """

    before: str
    at: str

    def text(self) -> str:
        """The tag's value."""
        return f"before={self.before} at={self.at}"


@dataclass(frozen=True, slots=True)
class ActorRecord:
    """What the variable says.

    Attributes:
        actors: the text of the drop list before the first stop; None where the variable was not there.
        action: the same of the action.
        stopped: actor -> when: UTC, ISO 8601, in the order of the stops.
    """

    actors: str | None
    action: str | None
    stopped: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The variable's value."""
        document = {"actors": self.actors, "action": self.action, "stopped": dict(self.stopped)}
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def stamp(now: datetime) -> str:
    """A time as records hold it."""
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"


def read_tag(tags: Mapping[str, str]) -> Record | None:
    """The record among a resource's tags; one that cannot be read counts as none."""
    shape = _TAG_VALUE.fullmatch(tags.get(TAG, ""))
    return Record(shape["before"], shape["at"]) if shape else None


def read_variable(variables: Mapping[str, str]) -> ActorRecord | None:
    """The record in a function's environment; one that cannot be read counts as none."""
    try:
        document: Any = json.loads(variables.get(VARIABLE, ""))
    except ValueError:
        return None
    match document:
        case {"actors": str() | None as actors, "action": str() | None as action, "stopped": dict(stopped)}:
            known = {str(actor): str(at) for actor, at in stopped.items()}
            return ActorRecord(actors, action, known)
        case _:
            return None
