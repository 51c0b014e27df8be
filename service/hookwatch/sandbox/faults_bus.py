"""Holds PutEvents to its rules, and fails single entries where a fault strikes them.

Never strikes a whole call. What it refuses never reaches the emulator.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hookwatch.sandbox.faults_answer import error_answer
from hookwatch.sandbox.faults_http import Answer
from hookwatch.sandbox.faults_putevents import (
    EntryError,
    RequestError,
    check_entry,
    read_entries,
    unknown_bus,
)

if TYPE_CHECKING:
    from hookwatch.sandbox.events import EventBuses
    from hookwatch.sandbox.faults import FaultTable
    from hookwatch.sandbox.faults_forward import Forwarder
    from hookwatch.sandbox.faults_http import Request
    from hookwatch.sandbox.faults_operation import Call

FRESH_S = 5.0
"""How long the list of buses is believed."""


class BusKeeper:
    """Stands before the buses."""

    def __init__(self, forwarder: Forwarder, table: FaultTable, buses: EventBuses) -> None:
        self._forwarder = forwarder
        self._table = table
        self._event_buses = buses
        self._buses: frozenset[str] = frozenset()
        self._buses_read_s = float("-inf")

    async def put_events(self, request: Request, call: Call) -> Answer:
        """Return the answer of one PutEvents that was not struck as a whole."""
        size = len(request.body)
        entries = await self._forwarder.read(size, read_entries, request.body)
        if isinstance(entries, RequestError):
            return error_answer(call, entries.code, entries.message)
        if refusal := unknown_bus(entries, await self._known(entries)):
            return error_answer(call, refusal.code, refusal.message)
        refused = await self._forwarder.read(size, self._refused, entries)
        if not refused:
            return await self._forwarder.forward(request)
        left = [entry for index, entry in enumerate(entries) if index not in refused]
        # The caller signed all of its entries; what is left of them goes out under the account's own key.
        results: Any = await self._forwarder.in_thread(self._event_buses.put, left) if left else []
        rest = iter(results)
        merged = [refused[index].as_result() if index in refused else next(rest) for index in range(len(entries))]
        failed = sum("ErrorCode" in result for result in merged)
        body = json.dumps({"FailedEntryCount": failed, "Entries": merged}).encode()
        return Answer(200, body, {"content-type": "application/x-amz-json-1.1"})

    def _refused(self, entries: list[dict[str, Any]]) -> dict[int, EntryError]:
        refused: dict[int, EntryError] = {}
        for index, entry in enumerate(entries):
            if problem := check_entry(entry):
                refused[index] = problem
            elif fault := self._table.draw_entry("PutEvents"):
                refused[index] = EntryError(fault.code or "InternalFailure", fault.sentence)
        return refused

    async def _known(self, entries: list[dict[str, Any]]) -> frozenset[str]:
        """Return the names of all buses; asks again when a name is new or the answer has grown old."""
        fresh = time.monotonic() - self._buses_read_s < FRESH_S
        if not fresh or unknown_bus(entries, self._buses):
            names: Any = await self._forwarder.in_thread(self._event_buses.names)
            self._buses = frozenset(names)
            self._buses_read_s = time.monotonic()
        return self._buses
