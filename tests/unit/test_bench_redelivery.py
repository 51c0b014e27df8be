"""The redelivery benchmark counts what it says it counts."""

from __future__ import annotations

from bench import bench_redelivery as bench
from redelivery_outage import TOTAL, WANTED


def test_ours_brings_back_the_wanted_and_the_loop_runs_into_the_limit() -> None:
    """Under GitHub's limits ours asks for exactly the 270; the loop is refused before it reaches one of them."""
    with bench.stage(limited=True) as on:
        ours = bench.measure("ours", on)
        again = bench.measure("ours", on)
    assert (ours.redelivered, ours.wanted, ours.not_wanted, ours.refused_by_limits) == (WANTED, WANTED, 0, 0)
    assert ours.ended == f"{WANTED} proven to be back"
    assert ours.with_waits_s >= WANTED - 1
    assert again.redelivered == 0
    with bench.stage(limited=True) as on:
        loop = bench.measure("naive", on)
    assert (loop.wanted, loop.refused_by_limits) == (0, 1)
    # 71 pages at a point each leave 829 of the 900 points of a minute, and a redelivery takes five of them.
    assert loop.requests == -(-TOTAL // 100) + loop.redelivered + 1
    assert loop.redelivered == (900 - TOTAL // 100) // 5
