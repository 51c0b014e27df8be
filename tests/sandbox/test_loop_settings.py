"""A running function whose settings are changed, as `hookwatch loop` does it."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.lambda_rig import gone, running, spec_of

if TYPE_CHECKING:
    from sandbox.lambda_rig import Rig

pytestmark = pytest.mark.sandbox


def configure(rig: Rig, **changes: Any) -> None:
    """Change settings on the function's own event loop, and wait until that is done."""

    async def change() -> None:
        rig.function.configure(replace(rig.function.spec, **changes))

    assert rig.loop is not None
    asyncio.run_coroutine_threadsafe(change(), rig.loop).result(5)


def busy(rig: Rig) -> None:
    """Wait until an execution is under way."""
    while rig.function._in_flight == 0:
        time.sleep(0.01)
    time.sleep(0.1)


def test_a_new_environment_is_seen_by_the_next_request() -> None:
    """The next execution runs in a new process with the new variables; the old process is gone."""
    with running(spec_of("handlers.surroundings", environment={"COLOUR": "red"})) as rig:
        assert rig.request().json()["environment"]["COLOUR"] == "red"
        configure(rig, environment={"COLOUR": "blue"})
        assert rig.request().json()["environment"]["COLOUR"] == "blue"


def test_an_execution_under_way_ends_before_its_process_does() -> None:
    """Nobody's delivery is cut off because somebody changed a setting."""
    with running(spec_of("handlers.process", timeout_s=10)) as rig, ThreadPoolExecutor(1) as pool:
        first = rig.request().json()["pid"]
        slow = pool.submit(rig.request, target="/?seconds=1")
        busy(rig)
        configure(rig, environment={"COLOUR": "blue"})
        other = rig.request().json()["pid"]
        assert slow.result().json()["pid"] == first != other
        assert gone(first)


def test_concurrency_alone_keeps_the_processes() -> None:
    """A changed limit counts at once and costs no cold start."""
    with running(spec_of("handlers.process")) as rig:
        first = rig.request().json()["pid"]
        configure(rig, reserved_concurrency=0)
        assert rig.request().status == 429
        configure(rig, reserved_concurrency=None)
        assert rig.request().json()["pid"] == first


def test_a_function_that_stops_takes_its_retired_processes_along() -> None:
    """Processes that were to be replaced and are still busy do not survive the sandbox."""
    with running(spec_of("handlers.process", timeout_s=30)) as rig, ThreadPoolExecutor(1) as pool:
        first = rig.request().json()["pid"]
        pool.submit(rig.request, target="/?seconds=20")
        busy(rig)
        configure(rig, environment={"COLOUR": "blue"})
        assert not gone(first, within_s=0.3)
        assert rig.loop is not None
        asyncio.run_coroutine_threadsafe(rig.function.stop(), rig.loop).result(10)
        assert gone(first)
