"""Fires the schedules, in sandbox time: `--speed 60` runs what is due every fifteen minutes every fifteen seconds.

Never changes a schedule, and never fires one twice for what it missed: at a speed at which several turns fall between
two looks, it fires once.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hookwatch.sandbox.clock import iso
from hookwatch.sandbox.cloud_model import ACCOUNT, REGION
from hookwatch.sandbox.lambda_async import invoke_async
from hookwatch.sandbox.schedule_reading import Schedule, read_schedules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookwatch.sandbox.clock import Clock
    from hookwatch.sandbox.deploy_clients import Clients
    from hookwatch.sandbox.lambda_function import LambdaFunction

LOOK_S = 0.1
READ_EVERY_S = 1.0


class ScheduleClock:
    """The schedules of all functions, from `start` to `stop`.

    Attributes:
        schedules: Those that were there at the last look.
    """

    def __init__(
        self, clients: Clients, functions: Mapping[str, LambdaFunction], retries: Mapping[str, int], clock: Clock
    ) -> None:
        """Fire for these functions, by name; `retries` says how often a failed invocation is tried again."""
        self.schedules: list[Schedule] = []
        self._events, self._scheduler = clients("events"), clients("scheduler")
        self._functions, self._retries, self._clock = functions, retries, clock
        self._due_s: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Read the schedules, and begin."""
        await self._read()
        for work in (self._follow(), self._fire()):
            self._spawn(work)

    async def stop(self) -> None:
        """Stop firing; invocations under way end with their functions."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self) -> None:
        found = await asyncio.to_thread(read_schedules, self._events, self._scheduler)
        self.schedules = [schedule for schedule in found if schedule.function in self._functions]

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(READ_EVERY_S)
            try:
                await self._read()
            except (BotoCoreError, ClientError):
                continue  # the emulator is busy, or ends

    async def _fire(self) -> None:
        while True:
            now_s = self._clock.now_s()
            for schedule in self.schedules:
                due_s = None if schedule.every_s is None else self._due(schedule, schedule.every_s, now_s)
                if due_s is not None and schedule.enabled:
                    self._invoke(schedule, due_s)
            await asyncio.sleep(LOOK_S)

    def _due(self, schedule: Schedule, every_s: float, now_s: float) -> float | None:
        """Return the turn that has come, None before it; what was missed meanwhile is passed over."""
        # A rule's countdown begins when it is made; Scheduler's first invocation comes at once
        # (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html, read 2026-11-27).
        first_s = now_s + every_s if schedule.kind == "rule" else now_s
        key = f"{schedule.arn} {schedule.expression}"
        due_s = self._due_s.setdefault(key, first_s)
        if now_s < due_s:
            return None
        turn_s = due_s + (now_s - due_s) // every_s * every_s
        self._due_s[key] = turn_s + every_s
        return turn_s

    def _invoke(self, schedule: Schedule, due_s: float) -> None:
        payload = schedule.input.encode() if schedule.input is not None else _event(schedule, due_s)
        retries = self._retries.get(schedule.function, 2)
        self._spawn(invoke_async(self._functions[schedule.function], payload, self._clock, retries=retries))


def _event(schedule: Schedule, due_s: float) -> bytes:
    """Return what EventBridge sends by itself; Scheduler's detail is a text, a rule's an object."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events" if schedule.kind == "rule" else "aws.scheduler",
        "account": ACCOUNT,
        "time": f"{iso(due_s)[:19]}Z",
        "region": REGION,
        "resources": [schedule.arn],
        "detail": {} if schedule.kind == "rule" else "{}",
    }
    return json.dumps(event).encode()
