"""Which failed deliveries are brought back, and why not the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookwatch.outcomes import ROWS, SIGNALS
from hookwatch.recover.cure import Cure
from hookwatch.recover.github_cause import CAUSES, cause_of
from hookwatch.recover.github_model import Delivery
from hookwatch.recover.github_plan import Asked, Plan, Verdict, Wanted
from hookwatch.recover.github_planner import make_plan

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def delivery(
    number: int, guid: str = "g", hours: float = 1, status: str = "OK", code: int = 200, **more: Any
) -> Delivery:
    return Delivery(
        id=number,
        guid=guid,
        delivered_at=NOW - hours * HOUR,
        redelivery=more.pop("redelivery", False),
        status=status,
        status_code=code,
        event=more.pop("event", "push"),
        **more,
    )


def failed(number: int, guid: str = "g", hours: float = 1, code: int = 503, **more: Any) -> Delivery:
    return delivery(number, guid, hours, f"Invalid HTTP Response: {code}", code, **more)


def verdicts(plan: Plan) -> dict[str, Verdict]:
    return {item.delivery.guid: item.verdict for item in plan.items}


def make(*deliveries: Delivery, wanted: Wanted = Wanted(), **more: Any) -> Plan:  # noqa: B008 - a frozen value
    return make_plan({5: deliveries}, wanted, NOW, **more)


@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        ("Invalid HTTP Response: 503", 503, "server_error"),
        ("Invalid HTTP Response: 500", 500, "server_error"),
        ("Invalid HTTP Response: 502", 502, "server_error"),
        ("Invalid HTTP Response: 429", 429, "throttled"),
        ("timed out", 0, "timed_out"),
        ("timed out", 504, "timed_out"),
        ("Service Timeout", 504, "timed_out"),
        ("failed to connect to host", 0, "not_connected"),
        ("failed to connect to host", 502, "not_connected"),
        ("failed to connect to network", 0, "not_connected"),
        ("Peer certificate cannot be authenticated with given CA certificates", 0, "certificate"),
        ("Invalid HTTP Response: 401", 401, "unauthorized"),
        ("Invalid HTTP Response: 403", 403, "forbidden"),
        ("Invalid HTTP Response: 404", 404, "not_found"),
        ("Invalid HTTP Response: 302", 302, "redirected"),
        ("Invalid HTTP Response: 400", 400, "malformed"),
        ("Invalid HTTP Response: 413", 413, "too_large"),
        ("Invalid HTTP Response: 418", 418, "refused"),
        ("something new", 0, "unknown"),
    ],
)
def test_every_failure_has_a_cause(status: str, code: int, cause: str) -> None:
    """GitHub's text and the status code together say why; something new is worth a retry."""
    assert cause_of(delivery(1, status=status, code=code)).name == cause


def test_our_own_answers_are_classified_as_our_table_means_them() -> None:
    """What the table calls temporary is retried, what has to be mended first is not, and 413 and 400 never are."""
    cures = {400: Cure.NEVER, 401: Cure.FIX, 413: Cure.NEVER}
    answers = {row.status for row in ROWS.values()} | {signal.status for signal in SIGNALS if signal.status}
    for code in answers - {200}:
        assert cause_of(failed(1, code=code)).cure is cures.get(code, Cure.RETRY), code


def test_a_success_anywhere_in_a_group_means_done() -> None:
    """Neither an earlier nor a later failure counts once any attempt has succeeded."""
    plan = make(failed(1, hours=3), delivery(2, hours=2), failed(3, hours=1, redelivery=True))
    assert (plan.items, plan.done, plan.read) == ((), 1, 3)


def test_a_guid_that_two_hooks_share_is_two_deliveries() -> None:
    """A success at one hook says nothing of the other."""
    plan = make_plan({5: [failed(1)], 6: [delivery(2)]}, Wanted(), NOW)
    assert [(item.hook_id, item.verdict) for item in plan.items] == [(5, Verdict.RETRY)]
    assert plan.done == 1


def test_the_newest_attempt_is_asked_for_and_decides() -> None:
    """A redelivery that failed otherwise than the first attempt shows what is wrong now."""
    (item,) = make(failed(1, hours=3, code=503), failed(2, hours=1, code=413, redelivery=True)).items
    assert (item.delivery.id, item.cause.name, item.verdict, item.redeliveries) == (2, "too_large", Verdict.NEVER, 1)


@pytest.mark.parametrize(
    ("code", "verdict"), [(503, Verdict.RETRY), (401, Verdict.FIX), (400, Verdict.NEVER), (413, Verdict.NEVER)]
)
def test_the_verdict_follows_the_cause(code: int, verdict: Verdict) -> None:
    """Retry what may pass, fix first what is ours to mend, never what stays as it is."""
    assert verdicts(make(failed(1, code=code))) == {"g": verdict}


def test_what_was_to_be_fixed_is_fixed_when_a_later_delivery_succeeded() -> None:
    """GitHub's own record shows that the secrets agree again; a success of before the failure shows nothing."""
    before, after = delivery(1, "ok", hours=3), delivery(3, "ok", hours=1)
    assert verdicts(make(before, failed(2, hours=2, code=401))) == {"g": Verdict.FIX}
    assert verdicts(make(failed(2, hours=2, code=401), after)) == {"g": Verdict.RETRY}
    assert verdicts(make(failed(2, hours=2, code=401), wanted=Wanted(fixed=True))) == {"g": Verdict.RETRY}
    # Moments are told in whole seconds: within one the ids tell what came after what.
    assert verdicts(make(failed(2, code=401), delivery(3, "ok"))) == {"g": Verdict.RETRY}
    assert verdicts(make(failed(2, code=401), delivery(1, "ok"))) == {"g": Verdict.FIX}


def test_attempts_are_capped_by_githubs_own_record() -> None:
    """Three redeliveries are enough, whoever asked for them and whatever we remember."""
    attempts = [failed(1, hours=5), *(failed(n, hours=5 - n, redelivery=True) for n in (2, 3))]
    assert verdicts(make(*attempts)) == {"g": Verdict.RETRY}
    attempts.append(failed(4, hours=0.5, redelivery=True))
    assert verdicts(make(*attempts)) == {"g": Verdict.CAPPED}
    assert verdicts(make(*attempts, wanted=Wanted(max_attempts=4))) == {"g": Verdict.RETRY}


def test_what_is_under_way_is_not_asked_for_again() -> None:
    """An accepted redelivery waits for its record for half an hour; after that, or once it shows, it counts no more."""
    asked = {(5, "g"): Asked(1, NOW - timedelta(minutes=10))}
    assert verdicts(make(failed(1), memory=asked)) == {"g": Verdict.PENDING}
    shown = failed(2, hours=0.1, redelivery=True)
    assert verdicts(make(failed(1), shown, memory=asked)) == {"g": Verdict.RETRY}
    long_ago = {(5, "g"): Asked(1, NOW - timedelta(minutes=31))}
    assert verdicts(make(failed(1), memory=long_ago)) == {"g": Verdict.RETRY}
    refused = {(5, "g"): Asked(1, NOW - timedelta(minutes=10), refused=True)}
    assert verdicts(make(failed(1), memory=refused)) == {"g": Verdict.RETRY}


def test_hours_left_count_from_the_first_attempt_and_the_parameter() -> None:
    """Three days on github.com, seven where --retention-hours says so; what is over is expired."""
    (item,) = make(failed(1, hours=70), failed(2, hours=1, redelivery=True)).items
    assert (item.hours_left, item.verdict) == (2.0, Verdict.RETRY)
    assert verdicts(make(failed(1, hours=73))) == {"g": Verdict.EXPIRED}
    (item,) = make(failed(1, hours=73), wanted=Wanted(retention=timedelta(days=7))).items
    assert (item.hours_left, item.verdict) == (95.0, Verdict.RETRY)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), "abcd"),
        (Wanted(events=frozenset({"issues"})), "b"),
        (Wanted(events=frozenset({"issues", "push"}), actions=frozenset({"opened"})), "b"),
        (Wanted(repositories=frozenset({7})), "c"),
        (Wanted(since=NOW - 2.5 * HOUR), "ab"),
        (Wanted(until=NOW - 2.5 * HOUR), "cd"),
        (Wanted(since=NOW - 3.5 * HOUR, until=NOW - 2.5 * HOUR), "c"),
        (Wanted(statuses=frozenset({"5xx"})), "abc"),
        (Wanted(statuses=frozenset({"504"})), "c"),
        (Wanted(statuses=frozenset({"timed_out"})), "d"),
    ],
)
def test_each_filter_narrows_the_plan(wanted: Wanted, found: str) -> None:
    """Event, action, repository, time and status; what is left out is counted."""
    plan = make(
        failed(1, "a", hours=1),
        failed(2, "b", hours=2, event="issues", action="opened"),
        failed(3, "c", hours=3, code=504, repository_id=7),
        delivery(4, "d", hours=4, status="timed out", code=0),
        wanted=wanted,
    )
    assert sorted(verdicts(plan)) == list(found)
    assert plan.filtered == 4 - len(found)


def test_a_success_outside_the_window_still_counts() -> None:
    """--until hides no later success: what was redelivered since is done."""
    assert make(failed(1, hours=5), delivery(2, hours=1), wanted=Wanted(until=NOW - 4 * HOUR)).done == 1


def test_the_maximum_keeps_the_oldest() -> None:
    """What is forgotten first goes first; what does not count for it takes no place."""
    attempts = [failed(number, f"g{number}", hours=10 - number) for number in range(5)]
    plan = make(failed(99, "bad", hours=20, code=400), *attempts, wanted=Wanted(maximum=2))
    assert [item.delivery.guid for item in plan.now] == ["g0", "g1"]
    assert len(plan.of(Verdict.LATER)) == 3


def test_reinjecting_takes_what_a_redelivery_cannot_bring() -> None:
    """Too large, or an endpoint that is gone: both are published; malformed stays malformed, and once is enough."""
    plan = make(
        failed(1, "large", code=413),
        failed(2, "gone", code=404),
        failed(3, "bad", code=400),
        failed(4, "again"),
        wanted=Wanted(reinject=True),
        memory={(5, "again"): Asked(4, NOW - 5 * HOUR, reinjected=True)},
    )
    assert verdicts(plan) == {
        "large": Verdict.REINJECT,
        "gone": Verdict.REINJECT,
        "bad": Verdict.NEVER,
        "again": Verdict.REINJECTED,
    }


def test_a_body_over_lambdas_limit_is_never_redelivered() -> None:
    """Whatever status it was answered with: six megabytes do not reach the function."""
    plan = make(failed(1, "large", code=502), failed(2, "small", code=502), sizes={1: 6_000_001, 2: 6_000_000})
    assert verdicts(plan) == {"large": Verdict.NEVER, "small": Verdict.RETRY}


def test_nothing_at_all_is_a_plan() -> None:
    """An empty first page, or a hook that never delivered, is no error."""
    assert make() == Plan(items=(), read=0, done=0, filtered=0)


def test_every_cause_says_what_to_do() -> None:
    """Each has a sentence, and a word that --status takes."""
    assert all(cause.sentence and name == cause.name for name, cause in CAUSES.items())


attempts = st.builds(
    lambda number, guid, hours, code: (
        failed(number, f"g{guid}", hours, code) if code != 200 else delivery(number, f"g{guid}", hours)
    ),
    st.integers(1, 40),
    st.integers(0, 5),
    st.floats(0, 80),
    st.sampled_from([200, 200, 400, 401, 413, 429, 500, 503]),
)


@given(st.lists(attempts, max_size=25, unique_by=lambda each: each.id), st.randoms(use_true_random=False), st.data())
def test_a_plan_does_not_depend_on_pages(found: list[Delivery], random: Any, data: st.DataObject) -> None:
    """In any order, with any of them read twice, the plan is the same, and every GUID is in it exactly once."""
    plan = make(*found)
    twice = found + data.draw(st.lists(st.sampled_from(found), max_size=5)) if found else []
    random.shuffle(twice)
    assert make(*twice) == plan
    assert plan.done + len(plan.items) == len({each.guid for each in found})
    assert not {item.delivery.guid for item in plan.items} & {each.guid for each in found if each.ok}
    assert len({item.key for item in plan.items}) == len(plan.items)


def test_what_was_refused_before_goes_last() -> None:
    """What GitHub refused comes after what it was not asked for yet, also under a cap; a newer attempt begins anew."""
    old, new = failed(1, "refused", hours=9), [failed(number, f"g{number}", hours=8 - number) for number in (2, 3)]
    again = failed(5, "again", hours=10)
    memory = {
        (5, "refused"): Asked(1, NOW - HOUR, refused=True),
        (5, "again"): Asked(4, NOW - HOUR, refused=True),
    }
    plan = make(old, *new, again, memory=memory)
    assert [item.delivery.guid for item in plan.now] == ["again", "g2", "g3", "refused"]
    capped = make(old, *new, again, memory=memory, wanted=Wanted(maximum=3))
    assert [item.delivery.guid for item in capped.now] == ["again", "g2", "g3"]
    assert [item.delivery.guid for item in capped.of(Verdict.LATER)] == ["refused"]
