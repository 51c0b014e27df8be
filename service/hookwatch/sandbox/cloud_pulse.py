"""What happens by itself in a running sandbox: measuring of logs and queues, judging of alarms, telling, retrying.

Never starts anything else. Real time passes between two beats; sandbox time passes `speed` times as fast, and the
alarm engine catches up with every evaluation that was due.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookwatch.sandbox.alarms_notice import notice
from hookwatch.sandbox.cloud_minutes import EveryMinute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookwatch.sandbox.alarms_live import LiveAlarms
    from hookwatch.sandbox.alarms_notice import Notice
    from hookwatch.sandbox.aws_metrics_queues import QueueMeter
    from hookwatch.sandbox.aws_metrics_rules import RuleMeter
    from hookwatch.sandbox.aws_metrics_topics import TopicMeter
    from hookwatch.sandbox.cloud_observer import CloudObserver
    from hookwatch.sandbox.lambda_model import MetricPoint

BEAT_S = 0.1
LOOK_EVERY_S = 1.0
"""Real seconds. SQS publishes once a minute: at speed 60 that is the same, at speed 1 a drill need not wait for it, and
faster than that the minutes between two looks are filled."""


class Pulse:
    """The background tasks, from `start` to `stop`."""

    def __init__(  # noqa: PLR0913 - what beats
        self,
        observer: CloudObserver,
        alarms: LiveAlarms,
        *,
        rules: RuleMeter,
        topics: TopicMeter,
        queues: QueueMeter | None,
        account: Callable[[], Sequence[MetricPoint]],
    ) -> None:
        """Beat for these; `queues` is None when there is no queue to look at, `account` measures all functions."""
        self._observer = observer
        self._alarms = alarms
        self._rules = rules
        self._topics = topics
        self._queues = queues
        self._account = account
        self._tasks: list[asyncio.Task[None]] = []
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()

    def start(self) -> None:
        """Begin."""
        self._tasks += [asyncio.create_task(work) for work in (self._beat(), self._look(), self._retry(), self._tell())]

    async def stop(self) -> None:
        """End; a call that is under way ends with the emulator."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            self._observer.meter_logs()
            self._alarms.step(self._observer.clock.now_s())
            for taken in self._alarms.fresh_actions():
                if told := notice(self._alarms, taken):
                    self._notices.put_nowait(told)
            await asyncio.sleep(BEAT_S)

    async def _retry(self) -> None:
        while True:
            if self._rules.due:
                for point in await asyncio.to_thread(self._rules.retry):
                    self._observer.metric(point)
            await asyncio.sleep(BEAT_S)

    async def _tell(self) -> None:
        while True:
            told = await self._notices.get()
            for point in await asyncio.to_thread(self._topics.publish, told):
                self._observer.metric(point)

    async def _look(self) -> None:
        minutes = EveryMinute()
        while True:
            measured = await asyncio.to_thread(self._queues.measure) if self._queues is not None else []
            depths = minutes.filled(measured, self._observer.clock.now_s())
            for point in (*depths, *self._account()):
                self._observer.metric(point)
            await asyncio.sleep(LOOK_EVERY_S)
