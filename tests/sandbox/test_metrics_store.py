from __future__ import annotations

from hookwatch.sandbox.cloud_store import Store


def test_the_oldest_give_way_when_there_are_too_many() -> None:
    """Three kept of five, newest first, and all five counted."""
    store: Store[int] = Store(3)
    for number in range(5):
        store.add(number)
    assert store.newest(10) == [4, 3, 2]
    assert store.newest(1) == [4]
    assert store.oldest_first() == [2, 3, 4]
    assert store.seen == 5


def test_the_oldest_give_way_when_they_are_too_large_together() -> None:
    """The size limit holds too, but the newest always stays."""
    store: Store[str] = Store(100, max_bytes=10)
    store.add("a", 6)
    store.add("b", 6)
    assert store.newest(10) == ["b"]
    store.add("c", 50)
    assert store.newest(10) == ["c"]
    store.add("d", 1)
    assert store.newest(10) == ["d"]
