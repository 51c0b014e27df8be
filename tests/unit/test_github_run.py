"""Carrying a plan out: what is noted, what stops it, and what is left in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from github_rig import APP, REPO, rig
from hookwatch.recover.github_api import GitHub
from hookwatch.recover.github_cause import CAUSES
from hookwatch.recover.github_claims import ACCEPTED, REFUSED, REINJECTED, RELEASED
from hookwatch.recover.github_errors import FORBIDDEN, INVALID, NOT_FOUND, UNAUTHORIZED, UNAVAILABLE, UNREACHABLE
from hookwatch.recover.github_limits import LIMITED
from hookwatch.recover.github_model import Delivery
from hookwatch.recover.github_plan import Item, Verdict, Wanted
from hookwatch.recover.github_planner import make_plan
from hookwatch.recover.github_read import read_deliveries, repository_ids, weigh
from hookwatch.recover.github_run import IN_A_ROW, UNPROVEN, UNPUBLISHED, Ran, Runner
from hookwatch.recover.problem import Problem
from hookwatch.sandbox.github_api_model import Event, Posted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookwatch.recover.github_http import Http
    from hookwatch.recover.github_model import DeliveryDetail, Scope

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def item(number: int, verdict: Verdict = Verdict.RETRY) -> Item:
    delivery = Delivery(
        id=number, guid=f"g{number}", delivered_at=NOW, redelivery=False, status="x", status_code=503, event="push"
    )
    return Item(
        hook_id=5,
        delivery=delivery,
        verdict=verdict,
        cause=CAUSES["server_error"],
        redeliveries=0,
        first_at=NOW,
        hours_left=1,
    )


class Claims:
    def __init__(self, claimed: bool | Problem = True) -> None:
        self.claimed = claimed
        self.settled: list[tuple[int, str]] = []

    def claim(self, item: Item, at: datetime) -> bool | Problem:
        return self.claimed

    def settle(self, item: Item, what: str, at: datetime) -> None:
        self.settled.append((item.delivery.id, what))


def run(ask: Callable[[Item], Problem | None], count: int = 8, claims: Claims | None = None) -> tuple[Ran, Claims]:
    claims = claims or Claims()
    runner = Runner(ask=ask, claims=claims, brake=lambda: None, now_s=lambda: 0.0)
    return runner.run([item(number) for number in range(count)], Ran()), claims


@pytest.mark.parametrize("code", [NOT_FOUND, INVALID, UNPROVEN, UNPUBLISHED])
def test_one_that_is_refused_does_not_stop_the_others(code: str) -> None:
    """It is told with its reason, and the run goes on."""
    ran, claims = run(lambda each: Problem("gone", code=code) if each.delivery.id == 2 else None)
    assert (len(ran.asked), len(ran.refused), ran.stopped) == (7, 1, None)
    assert claims.settled[2] == (2, REFUSED)


def test_one_without_an_answer_is_left_in_doubt() -> None:
    """It may have been carried out, so it stays claimed, and verification looks for it."""
    ran, claims = run(lambda each: Problem("502", code=UNAVAILABLE) if each.delivery.id == 2 else None)
    assert [each.delivery.id for each in ran.unknown] == [2]
    assert 2 not in dict(claims.settled)
    assert len(ran.asked) == 7


@pytest.mark.parametrize("code", [INVALID, UNPROVEN])
def test_deliveries_that_are_refused_for_what_they_are_hold_nobody_up(code: str) -> None:
    """After two rotations the oldest five are unproven, our own actor caused five: what comes behind them is tried."""
    ran, _ = run(lambda each: Problem("not this", code=code) if each.delivery.id < IN_A_ROW + 1 else None, count=20)
    assert (len(ran.refused), len(ran.asked), ran.stopped) == (IN_A_ROW + 1, 20 - IN_A_ROW - 1, None)


@pytest.mark.parametrize("code", [NOT_FOUND, UNAVAILABLE, UNPUBLISHED])
def test_many_in_a_row_are_no_bad_luck(code: str) -> None:
    """A hook that is gone, or a GitHub that fails, ends the run with its own sentence."""
    ran, _ = run(lambda each: None if each.delivery.id == 0 else Problem("all gone", code=code), count=20)
    assert ran.stopped == Problem("all gone", code=code)
    assert len(ran.refused) + len(ran.unknown) == IN_A_ROW


def test_a_success_in_between_begins_the_count_anew() -> None:
    """Every third one refused is no row."""
    ran, _ = run(lambda each: Problem("gone", code=NOT_FOUND) if each.delivery.id % 3 else None, count=30)
    assert (ran.stopped, len(ran.asked)) == (None, 10)


def test_a_missing_permission_stops_at_once_and_gives_the_claim_back() -> None:
    """Nothing was sent, so the next run may."""
    ran, claims = run(lambda each: Problem("no", code=FORBIDDEN) if each.delivery.id == 1 else None)
    assert ran.stopped == Problem("no", code=FORBIDDEN)
    assert claims.settled == [(0, ACCEPTED), (1, RELEASED)]


def test_what_another_run_has_is_left_to_it() -> None:
    """Taken, not asked; a claim that nobody can make stops the run."""
    ran, _ = run(lambda _: None, claims=Claims(claimed=False))
    assert (len(ran.taken), ran.asked, ran.stopped) == (8, [], None)
    ran, _ = run(lambda _: None, claims=Claims(claimed=Problem("no bucket")))
    assert (ran.asked, ran.stopped) == ([], Problem("no bucket"))


def test_what_is_published_from_here_is_remembered_as_that() -> None:
    """GitHub's record will go on calling it failed."""
    claims = Claims()
    Runner(ask=lambda _: None, claims=claims, brake=lambda: None, now_s=lambda: 0.0).run(
        [item(1, Verdict.REINJECT)], Ran()
    )
    assert claims.settled == [(1, REINJECTED)]


def test_what_failed_again_without_a_word_is_weighed() -> None:
    """After a first redelivery in vain the body's size is looked at: over six megabytes none can ever succeed."""
    with rig() as github:
        hook = github.world.hooks[5]
        large = b'{"fill":"' + b"x" * 6_000_000 + b'"}'
        for guid, payload in (("large", large), ("small", b"{}"), ("first", large)):
            event = Event(guid, "push", None, payload)
            github.world.record(hook, event, Posted("Invalid HTTP Response: 502", 502), age_s=60)
            if guid != "first":
                again = Posted("Invalid HTTP Response: 502", 502)
                github.world.record(hook, event, again, age_s=30, redelivery=True)
        client = github.client()
        now = datetime.fromtimestamp(github.time(), UTC)
        found = read_deliveries(client, REPO, [5], now.replace(year=2020))
        assert not isinstance(found, Problem)
        sizes = weigh(client, REPO, make_plan(found, Wanted(), now), 50)
        assert not isinstance(sizes, Problem)
        assert sorted(sizes.values()) == [2, len(large)]
        plan = make_plan(found, Wanted(), now, sizes=sizes)
    assert {each.delivery.guid: each.verdict for each in plan.items} == {
        "large": Verdict.NEVER,
        "small": Verdict.RETRY,
        "first": Verdict.RETRY,
    }


class Unreadable(GitHub):
    """A GitHub that does not tell some deliveries' details."""

    def __init__(self, api: Http, problem: Problem) -> None:
        super().__init__(api)
        self.problem = problem
        self.hidden: set[int] = set()

    def delivery(self, scope: Scope, hook_id: int, delivery_id: int) -> DeliveryDetail | Problem:
        return self.problem if delivery_id in self.hidden else super().delivery(REPO, hook_id, delivery_id)


@pytest.mark.parametrize("code", [NOT_FOUND, INVALID, UNAVAILABLE, UNREACHABLE, LIMITED, UNAUTHORIZED, FORBIDDEN])
def test_details_that_cannot_be_read_hold_up_nobody_else(code: str) -> None:
    """One delivery without details is left unweighed and unnamed; a limit or a missing permission ends the reading."""
    with rig() as github:
        client = Unreadable(github.http(), Problem("no details", code=code))
        for number, name in ((1, "o/wanted"), (2, "o/hidden")):
            payload = json.dumps({"repository": {"id": number, "full_name": name}}).encode()
            event = Event(f"g{number}", "push", None, payload, repository_id=number)
            for redelivery in (False, True):
                posted = Posted("Invalid HTTP Response: 502", 502)
                kept = github.world.record(github.world.hooks[5], event, posted, age_s=60, redelivery=redelivery)
                if name == "o/hidden":
                    client.hidden.add(kept.id)
                else:
                    readable = {kept.id: len(payload)}
        now = datetime.fromtimestamp(github.time(), UTC)
        found = read_deliveries(client, REPO, [5], now.replace(year=2020))
        assert not isinstance(found, Problem)
        sizes = weigh(client, REPO, make_plan(found, Wanted(), now), 50)
        ids = repository_ids(client, APP, ["o/wanted"], found)
    if code in (LIMITED, UNAUTHORIZED, FORBIDDEN):
        assert sizes == ids == Problem("no details", code=code)
    else:
        assert (sizes, ids) == (readable, {1})
