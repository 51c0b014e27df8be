"""What a queue held is known for every minute of a fast clock."""

from __future__ import annotations

from hookwatch.sandbox.clock import Clock
from hookwatch.sandbox.cloud_minutes import MOST_MINUTES, EveryMinute
from hookwatch.sandbox.lambda_model import MetricPoint


def depth(value: float, time_s: float) -> MetricPoint:
    """One data point of a queue."""
    return MetricPoint(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": "q"},
        unit="Count",
        value=value,
        time_s=time_s,
    )


def test_a_slow_clock_gets_what_was_measured() -> None:
    """At real speed there are several looks a minute, and nothing is added to them."""
    minutes = EveryMinute()
    for second in range(0, 240, 20):
        assert minutes.filled([depth(1, second)], float(second)) == [depth(1, second)]


def test_the_minutes_between_two_looks_hold_what_the_first_saw() -> None:
    """After a look that came three minutes late, each minute between has a point, on the sandbox's clock."""
    real = [1_000_000.0]
    clock = Clock(speed=120.0, real_s=lambda: real[0])
    minutes = EveryMinute()
    minutes.filled([depth(7, real[0])], clock.now_s())
    real[0] += 2.0
    found = minutes.filled([depth(0, real[0])], clock.now_s())
    assert [point.value for point in found] == [7, 7, 7, 0]
    stamped = [int(clock.stamp_s(point.time_s) // 60) for point in found]
    assert stamped == list(range(stamped[0], stamped[0] + 4))
    assert stamped[-1] == int(clock.now_s() // 60)


def test_a_queue_that_is_gone_leaves_nothing_behind() -> None:
    """A look that finds no queue fills nothing, and neither does the next one with what was before."""
    minutes = EveryMinute()
    minutes.filled([depth(7, 0)], 0.0)
    assert minutes.filled([], 600.0) == []
    assert minutes.filled([depth(1, 20)], 1_200.0) == [depth(1, 20)]


def test_a_long_sleep_fills_a_day_at_most() -> None:
    """What a sandbox missed while its machine slept is not made up for ever."""
    minutes = EveryMinute()
    minutes.filled([depth(7, 0)], 0.0)
    assert len(minutes.filled([depth(1, 9)], 60.0 * 100_000)) == MOST_MINUTES + 1
