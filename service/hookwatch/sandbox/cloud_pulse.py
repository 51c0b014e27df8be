"""What happens by itself in a running sandbox: logs are metered, queues are looked at, alarms are evaluated.

Never starts anything else. Real time passes between two beats; sandbox time passes `speed` times as fast, and the
alarm engine catches up with every evaluation that was due.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.aws_metrics_queues import QueueMeter
    from hookwatch.sandbox.cloud_observer import CloudObserver

BEAT_S = 0.1
QUEUES_EVERY_S = 1.0
"""Real seconds. SQS publishes once a minute: at speed 60 that is the same, at speed 1 a drill need not wait for it."""


class Pulse:
    """The background tasks, from `start` to `stop`."""

    def __init__(self, observer: CloudObserver, alarms: LiveAlarms, queues: QueueMeter | None) -> None:
        """Beat for these; `queues` is None when there is no queue to look at."""
        self._observer = observer
        self._alarms = alarms
        self._queues = queues
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks.append(asyncio.create_task(self._beat()))
        if self._queues is not None:
            self._tasks.append(asyncio.create_task(self._look(self._queues)))

    async def stop(self) -> None:
        """End; a look at the queues that is under way ends with the emulator."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            self._observer.meter_logs()
            self._alarms.step(self._observer.clock.now_s())
            await asyncio.sleep(BEAT_S)

    async def _look(self, queues: QueueMeter) -> None:
        while True:
            for point in await asyncio.to_thread(queues.measure):
                self._observer.metric(point)
            await asyncio.sleep(QUEUES_EVERY_S)
