from __future__ import annotations

import json
import time

import pytest
from typer.testing import CliRunner

from hookwatch.cli import app, up
from hookwatch.sandbox import clock as clock_module
from hookwatch.sandbox.clock import Clock, iso
from hookwatch.sandbox.cloud_observer import CloudObserver

START_S = 1_795_000_000.0


class Machine:
    """The machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now_s = START_S

    def __call__(self) -> float:
        return self.now_s


def test_at_speed_one_sandbox_time_is_the_machines() -> None:
    """Nothing is changed by a rounding error, either."""
    machine = Machine()
    clock = Clock(1.0, machine)
    machine.now_s += 12.3
    assert clock.now_s() == pytest.approx(START_S + 12.3)
    assert clock.stamp_s(START_S + 0.1) == START_S + 0.1


def test_at_speed_sixty_a_second_is_a_minute() -> None:
    """Sandbox time starts at the machine's time and runs ahead of it."""
    machine = Machine()
    clock = Clock(60.0, machine)
    assert clock.now_s() == START_S
    machine.now_s += 60
    assert clock.now_s() == START_S + 3600


def test_a_delivery_takes_real_time_at_every_speed() -> None:
    """A point that is nine real seconds old when it comes is nine seconds old in sandbox time, not nine minutes."""
    machine = Machine()
    clock = Clock(60.0, machine)
    machine.now_s += 100
    assert clock.stamp_s(machine.now_s - 9) == pytest.approx(clock.now_s() - 9)


def test_what_waits_ages_with_the_sandbox() -> None:
    """A message that lay for two real seconds lay for two minutes; one from the future is not younger than nothing."""
    machine = Machine()
    clock = Clock(60.0, machine)
    machine.now_s += 10
    assert clock.age_s(machine.now_s - 2) == 120
    assert clock.age_s(machine.now_s + 5) == 0


def test_times_are_shown_in_utc_with_milliseconds() -> None:
    """ISO 8601, ending in Z."""
    assert iso(1.5) == "1970-01-01T00:00:01.500Z"


def test_emf_timestamps_are_mapped() -> None:
    """A handler stamps its metrics by the machine's clock; in the store they are in sandbox time."""
    machine = Machine()
    machine.now_s = time.time()
    clock = Clock(60.0, machine)
    machine.now_s += 1000
    observer = CloudObserver(clock)
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [[]], "Metrics": [{"Name": "M"}]}],
        },
        "M": 1,
    }
    observer.log_line("f", json.dumps(line))
    (point,) = observer.metrics.query(namespace="N")
    assert point.time_s == pytest.approx(clock.now_s() - 1000, abs=5)
    asked = int(point.time_s // 60 * 60)
    assert observer.series.query("N", "M", {}, "Sum", 60, asked, asked + 60, None) == [(asked, 1.0)]


def test_the_command_knows_the_bounds_of_the_clock() -> None:
    """`--speed` takes what the clock takes, and says so when it is given anything else."""
    assert (up.MIN_SPEED, up.MAX_SPEED) == (clock_module.MIN_SPEED, clock_module.MAX_SPEED)
    for wrong in ("0.5", "3601", "fast"):
        assert CliRunner().invoke(app, ["up", "--once", "--speed", wrong]).exit_code == 2
