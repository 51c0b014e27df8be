from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.cloud_rig import Cloud, eventually
from sandbox.fed_rig import aws

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.sandbox


class Heard:
    """Counts the events of one test by their number."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.sizes: dict[int, int] = {}
        self.threads: set[str] = set()

    def event(self, envelope: Mapping[str, Any]) -> None:
        if envelope.get("detail-type") == self.mark:
            self.sizes[envelope["detail"]["number"]] = len(envelope["detail"]["filler"])
            self.threads.add(threading.current_thread().name)


def test_a_listener_hears_every_event_however_many_and_however_large(cloud: Cloud) -> None:
    """More events than are kept, then thirty of almost a megabyte: each is heard once and whole."""
    heard = Heard("listened")
    cloud.sandbox.listen(on_event=heard.event)
    events = aws(cloud, "events")
    sizes = [10] * 1_200 + [990_000] * 30

    def entry(number: int) -> dict[str, str]:
        detail = json.dumps({"number": number, "filler": "x" * sizes[number]})
        return {"Source": "hookwatch.tests", "DetailType": heard.mark, "Detail": detail}

    for first in range(0, 1_200, 10):
        events.put_events(Entries=[entry(number) for number in range(first, first + 10)])
    for number in range(1_200, 1_230):
        events.put_events(Entries=[entry(number)])
    assert eventually(lambda: len(heard.sizes) == len(sizes), patience_s=60)
    assert [heard.sizes[number] for number in range(len(sizes))] == sizes
    assert len(cloud.sandbox.events.oldest_first()) <= 1_000
    assert all(name.startswith("tap") for name in heard.threads)


def test_a_listener_hears_the_log_lines_of_every_delivery(cloud: Cloud) -> None:
    """The line of a delivery is told, word for word as the log group has it."""
    lines: list[str] = []
    cloud.sandbox.listen(on_line=lines.append)
    _, delivery_id = cloud.github()
    assert eventually(lambda: [line for line in lines if delivery_id in line and '"outcome"' in line])
