"""Deliveries that came before. Never stops one for its own sake: whatever the table does not say, the delivery goes on.

A delivery is remembered only when it is durable, so that one that failed can always be sent again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hookwatch.ingest.budget import TABLE_S
from hookwatch.ingest.calls import Failed, attempt
from hookwatch.ingest.dedupe_table import (
    COMPLETED,
    DedupeTable,
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.ingest.model import Accepted, Notes
    from hookwatch.ingest.secrets import Deadline

# Another copy of the function has the same delivery in hand: so long is waited for what becomes of it.
WAIT_S = 1.5
POLL_S = 0.1
# What a function may run longer than its answer takes. After that it was killed, and its entry counts no more.
KILLED_AFTER_S = 1.5
# Time that must be left beside what comes after, for our own code.
SLACK_S = 0.2


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery that is ours to do.

    Attributes:
        data: what makes it the same delivery.
        standing: ours, when the table knows that we have it in hand; shared, when somebody else has too and did not end
            in time; unknown, when the table did not answer.
    """

    data: dict[str, str]
    standing: Literal["ours", "shared", "unknown"]


class Duplicates:
    """Remembers deliveries in a table."""

    def __init__(self, table: DedupeTable, sleep: Callable[[float], None] = time.sleep, wait_s: float = WAIT_S) -> None:
        """Make it.

        Args:
            table: the table.
            sleep: how to wait, in seconds.
            wait_s: how long to wait for another copy that has the same delivery in hand, seconds.
        """
        self._table = table
        self._sleep = sleep
        self._wait_s = wait_s

    def begin(self, accepted: Accepted, signed_sha256: str, deadline: Deadline, notes: Notes) -> Entry | None:
        """Take a delivery in hand; None if it is done already.

        Args:
            accepted: the delivery; its events' keys are what the provider calls the same, their detail-types what it
                says that they are.
            signed_sha256: the hash of what was signed. The others are partly out of unsigned headers: something else
                under the same key, or the same under another name, is another delivery.
            deadline: when everything that must come after this has to begin.
            notes: takes down what failed.
        """
        data = {
            "key": "\n".join(envelope.key for envelope in accepted.envelopes),
            "type": "\n".join(envelope.detail_type for envelope in accepted.envelopes),
            "signed": signed_sha256,
        }
        deadline = deadline.earlier(SLACK_S)
        until_s = deadline.clock() + self._wait_s
        while True:
            begun = self._begin(data, deadline)
            if isinstance(begun, Failed):
                notes.dedupe_error = begun.code
                return Entry(data, "unknown")
            if begun == "done":
                return None
            if begun == "ours":
                return Entry(data, "ours")
            if deadline.clock() >= until_s or deadline.left_s() < TABLE_S + POLL_S:
                return Entry(data, "shared")
            self._sleep(POLL_S)

    def end(self, entry: Entry, deadline: Deadline, notes: Notes, *, durable: bool) -> None:
        """Remember a delivery that is durable; forget one that is not, so that it can be sent again."""
        if entry.standing == "unknown":
            return
        if durable:
            failed = self._tried(lambda table: table.save_success(entry.data, {}), deadline)
        elif entry.standing == "ours":
            failed = self._tried(lambda table: table.delete_record(entry.data, _NotDurableError()), deadline)
        else:
            return
        if isinstance(failed, Failed):
            notes.dedupe_error = failed.code

    def _begin(self, data: dict[str, str], deadline: Deadline) -> Literal["ours", "done", "in_hand"] | Failed:
        # The entry counts for as long as this function can possibly run.
        remaining_ms = round((max(deadline.left_s(), 0.0) + KILLED_AFTER_S) * 1000)
        try:
            failed = self._tried(lambda table: table.save_inprogress(data, remaining_ms), deadline)
        except IdempotencyItemAlreadyExistsError as error:
            if error.old_data_record is not None:
                return "done" if error.old_data_record.status == COMPLETED else "in_hand"
            return self._look(data, deadline)
        return failed if isinstance(failed, Failed) else "ours"

    def _look(self, data: dict[str, str], deadline: Deadline) -> Literal["done", "in_hand"] | Failed:
        try:
            record = self._tried(lambda table: table.get_record(data), deadline)
        except IdempotencyItemNotFoundError:
            # It failed a moment ago, and the next attempt makes the delivery ours.
            return "in_hand"
        if isinstance(record, Failed):
            return record
        return "done" if record.status == COMPLETED else "in_hand"

    def _tried(self, call: Callable[[DedupeTable], Any], deadline: Deadline) -> Any | Failed:
        # Once and not again: it is not worth the time that publishing may need.
        return attempt(lambda: self._table, call, deadline, TABLE_S, self._sleep, attempts=1)


class _NotDurableError(Exception):
    """What Powertools is told when a delivery is not durable; it logs the name at DEBUG."""


def duplicates(table: str, provider: str, remember_s: int) -> Duplicates:
    """What remembers this provider's deliveries in this table for so many seconds."""
    return Duplicates(DedupeTable(table, provider, remember_s))
