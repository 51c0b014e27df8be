from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

from hookwatch.sandbox.traces import MAX_TRACES, TraceStore
from hookwatch.sandbox.traces_collector import TraceCollector


def segment(own_id: str, parent_id: str | None = None, **more: Any) -> dict[str, Any]:
    """One document of trace 1-a-b."""
    parent = {"parent_id": parent_id} if parent_id else {}
    return {"trace_id": "1-a-b", "id": own_id, "name": own_id, "start_time": 10.0, "end_time": 10.5, **parent, **more}


def test_subsegments_are_joined_to_their_parents_whatever_their_order() -> None:
    """A child that arrives before its parent hangs below it, beside the children that were inlined."""
    store = TraceStore()
    store.add(segment("child", "middle", annotations={"provider": "github"}, end_time=11.0))
    store.add(segment("middle", "root", subsegments=[{"id": "inline", "name": "inline", "annotations": {"x": 1}}]))
    store.add(segment("root"))
    trace = store.get("1-a-b")
    assert trace is not None
    (root,) = trace["segments"]
    (middle,) = root["subsegments"]
    assert [node["id"] for node in middle["subsegments"]] == ["inline", "child"]
    assert trace["annotations"] == {"provider": "github", "x": 1}
    assert trace["duration_ms"] == 1000.0


def test_reading_a_trace_twice_gives_the_same() -> None:
    """Joining copies: it does not grow the stored documents."""
    store = TraceStore()
    store.add(segment("root", subsegments=[]))
    store.add(segment("child", "root"))
    assert store.get("1-a-b") == store.get("1-a-b")


def test_a_document_sent_again_replaces_the_earlier_one() -> None:
    """A segment in progress and then complete is one segment."""
    store = TraceStore()
    store.add({"trace_id": "t", "id": "a", "in_progress": True, "start_time": 1.0})
    store.add({"trace_id": "t", "id": "a", "start_time": 1.0, "end_time": 2.0, "fault": True})
    trace = store.get("t")
    assert trace is not None
    assert len(trace["segments"]) == 1
    assert (trace["fault"], trace["duration_ms"]) == (True, 1000.0)


def test_documents_without_ids_and_odd_shapes_are_survived() -> None:
    """What is no segment is left out; odd fields do not raise."""
    store = TraceStore()
    store.add({})
    store.add({"trace_id": 1, "id": 2})
    store.add({"trace_id": "t", "id": "a", "start_time": "x", "subsegments": None, "annotations": None})
    store.add({"trace_id": "t", "id": "b", "parent_id": "b", "subsegments": [1, None]})
    assert store.get("t") is not None
    assert store.get("nothing") is None


def test_the_oldest_traces_give_way() -> None:
    """Memory is bounded, and the newest trace comes first."""
    store = TraceStore()
    for number in range(MAX_TRACES + 5):
        store.add({"trace_id": str(number), "id": "a"})
    assert store.get("0") is None
    assert store.newest(1)[0]["id"] == str(MAX_TRACES + 4)


def test_datagrams_of_the_sdk_are_collected_and_rubbish_is_counted() -> None:
    """Header line and document are taken apart; anything else is only counted."""

    async def main() -> tuple[list[dict[str, Any]], int]:
        taken: list[dict[str, Any]] = []
        collector = TraceCollector(taken.append)
        await collector.start()
        host, port = collector.address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for rubbish in (b"", b"x", b"{}\n[1]", b"{}\n\xff"):
                sender.sendto(rubbish, (host, int(port)))
            sender.sendto(b'{"format":"json","version":1}\n' + json.dumps(segment("a")).encode(), (host, int(port)))
        for _ in range(200):
            if taken:
                break
            await asyncio.sleep(0.01)
        collector.stop()
        return taken, collector.unreadable

    taken, unreadable = asyncio.run(main())
    assert [document["id"] for document in taken] == ["a"]
    assert unreadable == 4
