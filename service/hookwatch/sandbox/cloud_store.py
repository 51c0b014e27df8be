"""Memory that cannot grow without end: the newest items, up to a count and a size.

Never writes to disk: what the sandbox saw is gone when it ends.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")

STORE_BYTES = 64 * 1024 * 1024
"""Ours: whole payloads of up to 1 MB are kept, and a laptop has better uses for its memory."""


class Store(Generic[Item]):
    """Items in the order of their arrival; the oldest give way."""

    def __init__(self, max_items: int, max_bytes: int = STORE_BYTES) -> None:
        self._items: deque[tuple[Item, int]] = deque()
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._bytes = 0
        self.seen = 0

    def add(self, item: Item, size_bytes: int = 0) -> None:
        """Keep an item whose size is known; let older ones go where there are too many."""
        self.seen += 1
        self._items.append((item, size_bytes))
        self._bytes += size_bytes
        while len(self._items) > self._max_items or (self._bytes > self._max_bytes and len(self._items) > 1):
            _, gone_bytes = self._items.popleft()
            self._bytes -= gone_bytes

    def newest(self, limit: int) -> list[Item]:
        """Return up to `limit` items, newest first."""
        return [item for item, _ in _newest(self._items, limit)]

    def oldest_first(self) -> list[Item]:
        """Return everything that is kept, oldest first."""
        return [item for item, _ in self._items]


def _newest(items: deque[tuple[Item, int]], limit: int) -> list[tuple[Item, int]]:
    taken: list[tuple[Item, int]] = []
    for entry in reversed(items):
        if len(taken) >= limit:
            break
        taken.append(entry)
    return taken
