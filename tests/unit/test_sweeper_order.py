"""The sweeper's orders: reading changes nothing, a batch says whether there is more, nonsense is refused."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from github_rig import rig
from hookwatch.recover.problem import Problem
from hookwatch.recover.sweeper_app import SweepError
from hookwatch.recover.sweeper_order import Order, read_order
from hookwatch.sandbox.github_api_model import Posted
from unit.test_sweeper import FAILED, HOUR_S, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    """A hook whose URL answers 200 from now on."""
    with rig() as github:
        yield Bench(github, capsys)


def told(bench: Bench, **order: Any) -> Any:
    """What the function answers to an order, as JSON would carry it."""
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000, aws_request_id="r-1")
    return json.loads(json.dumps(bench.sweeper()(order, context)))


@pytest.mark.parametrize("action", ["plan", "verify"])
def test_a_plan_counts_and_asks_for_nothing(bench: Bench, action: str):
    """How many, why, and until when, in a sentence for whoever approves; GitHub is only read."""
    for guid in "abc":
        bench.fail(guid, age_s=70 * HOUR_S)
    bench.fail("secret", Posted("Invalid HTTP Response: 401", 401))
    answer = told(bench, action=action)
    assert (answer["wanted"], answer["missing"], answer["redelivered"], answer["more"]) == (3, 4, 0, False)
    assert answer["summary"].startswith("4 missing: ")
    assert "(retry)" in answer["summary"]
    assert answer["summary"].endswith("GitHub forgets the first in 2 h")
    assert not bench.world.attempts


def test_batches_go_on_until_nothing_is_left(bench: Bench):
    """Each batch takes the oldest and says whether another one is worth it; the last one says no."""
    ids = [bench.fail(f"g{number}", age_s=9 * HOUR_S - number) for number in range(5)]
    answers = [told(bench, action="redeliver", max=2) for _ in range(3)]
    assert [answer["redelivered"] for answer in answers] == [2, 2, 1]
    assert [answer["more"] for answer in answers] == [True, True, False]
    assert [delivery for _, delivery in bench.world.attempts] == ids
    assert told(bench, action="verify")["summary"] == "nothing is missing"


def test_a_batch_that_moves_nothing_ends_the_loop(bench: Bench):
    """While the loop alarm fires nothing is asked for, the answer says why, and there is no more."""
    bench.aws.alarm = "ALARM"
    for guid in "abc":
        bench.fail(guid)
    answer = told(bench, action="redeliver", max=1)
    assert (answer["redelivered"], answer["more"]) == (0, False)
    assert "loop" in answer["stopped"]
    assert not bench.world.attempts


def test_an_order_can_be_narrowed(bench: Bench):
    """Only an event, only as far back: the rest stays where it is."""
    bench.fail("old", age_s=20 * HOUR_S)
    bench.fail("new", age_s=2 * HOUR_S)
    assert told(bench, action="plan", since_hours=6)["wanted"] == 1
    assert told(bench, action="plan", event="push")["wanted"] == 2
    assert told(bench, action="plan", event="issues")["wanted"] == 0
    assert told(bench, action="plan", since_hours=0, event="all", max=0)["wanted"] == 2


@pytest.mark.parametrize("event", [{}, {"source": "aws.scheduler"}, None, [], "text"])
def test_the_schedules_event_means_to_sweep(event: object):
    """Whatever a schedule sends orders nothing in particular."""
    assert read_order(event) == Order()


@pytest.mark.parametrize(
    "event",
    [
        {"action": "delete"},
        {"action": "redeliver", "max": -1},
        {"action": "redeliver", "max": "25"},
        {"action": "redeliver", "max": True},
        {"action": "plan", "since_hours": 100_000},
        {"action": "plan", "event": "push; rm"},
        {"action": "plan", "event": 7},
    ],
)
def test_nonsense_is_refused_before_anything_is_read(bench: Bench, event: dict[str, Any]):
    """An order that makes no sense fails the invocation, with a line that says what would."""
    assert isinstance(read_order(event), Problem)
    bench.fail("a")
    with pytest.raises(SweepError, match="bad_order"):
        told(bench, **event)
    assert json.loads(bench.capsys.readouterr().out)["reason"] == "bad_order"
    assert not bench.world.attempts


def test_failed_again_is_seen_in_the_end(bench: Bench):
    """A URL that is still broken leaves everything missing, and verifying says so."""
    bench.fail("a")
    bench.github.answers.posted = FAILED
    assert told(bench, action="redeliver", max=10)["missing"] == 1
    assert told(bench, action="verify")["missing"] == 1
