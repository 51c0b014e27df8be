"""EventBridge with the account's own key, and the names of what the sandbox makes there for itself.

Never reads an event. Blocking: call it in a thread.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hookwatch.sandbox.deploy_clients import Clients

QUEUE = "hookwatch-sandbox-events"
RULE = "hookwatch-sandbox-everything"
PATTERN = json.dumps({"source": [{"prefix": ""}]})


class EventBuses:
    """The account's buses."""

    def __init__(self, clients: Clients) -> None:
        self._events = clients("events")

    def names(self) -> list[str]:
        """Return the names of all buses."""
        return [bus["Name"] for bus in self._events.list_event_buses()["EventBuses"]]

    def put(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Publish entries; returns their results."""
        results: list[dict[str, Any]] = self._events.put_events(Entries=entries)["Entries"]
        return results
