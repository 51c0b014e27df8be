"""Any order of stops and resumes: nothing but the drop list is touched, and the last resume restores it exactly."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from hookwatch.config import load
from hookwatch.recover.loop_stop import Plan
from hookwatch.recover.loop_stop_actor import ActorBrake
from hookwatch.recover.loop_stop_aws import Account
from hookwatch.recover.loop_stop_list import ACTION, ACTORS
from hookwatch.recover.loop_stop_record import VARIABLE
from hookwatch.recover.loop_stop_selector import Asked, wrong_names
from loop_account import FakeAws, Function

NOW = datetime(2026, 11, 26, tzinfo=UTC)
BASE = {
    "HOOKWATCH_PROVIDER": "github",
    "HOOKWATCH_SECRET_ARN": "arn:s",
    "HOOKWATCH_EVENT_BUS": "default",
    "HOOKWATCH_LOOP_LIMIT": "30",
}
ACTORS_KNOWN = ("acme-bot[bot]", "Acme-Bot", "+15005550006", "whatsapp:+15005550006", "Größe Shop")
LISTS = st.sampled_from([None, "", " ", "acme-bot", "octo-helper, +15005550006", " ,a,,b, "])
STEPS = st.lists(st.tuples(st.sampled_from(["stop", "resume"]), st.sampled_from(ACTORS_KNOWN)), max_size=12)


@given(LISTS, st.sampled_from([None, "tag", "drop"]), STEPS)
@settings(max_examples=200, deadline=None)
def test_every_order_of_stops_ends_where_it_began(
    actors: str | None, action: str | None, steps: list[tuple[str, str]]
) -> None:
    """While stopped an actor is dropped and no other setting changes; when all are resumed nothing is left of it."""
    given_ones = {name: value for name, value in ((ACTORS, actors), (ACTION, action)) if value is not None}
    aws = FakeAws()
    aws.functions["f"] = Function({**BASE, **given_ones})
    account = Account(aws)
    stopped: set[str] = set()
    for verb, actor in steps:
        brake = ActorBrake(account, actor, "f")
        plan = brake.stop(NOW) if verb == "stop" else brake.resume()
        if not isinstance(plan, Plan):
            continue  # dropped by the deployment itself: refused, and nothing changes
        assert account.carry_out(plan) is None
        if plan.calls:
            stopped = stopped | {actor} if verb == "stop" else stopped - {actor}
        variables = aws.functions["f"].variables
        assert {name: variables[name] for name in BASE} == BASE
        loops = load(variables).loops
        assert all(each.lower() in loops.own_actors and loops.drop_own for each in stopped)
        assert (VARIABLE in variables) is bool(stopped)
    for actor in stopped:
        plan = ActorBrake(account, actor, "f").resume()
        assert isinstance(plan, Plan)
        assert account.carry_out(plan) is None
    assert aws.functions["f"].variables == {**BASE, **given_ones}


@given(st.text(max_size=140))
@settings(max_examples=300, deadline=None)
def test_an_actor_that_is_taken_is_found_on_the_list_again(actor: str) -> None:
    """What --actor accepts is one entry of the list, so that a comma or a blank can never make it another."""
    if wrong_names(Asked(actor=actor)) is not None:
        return
    aws = FakeAws()
    aws.functions["f"] = Function(dict(BASE))
    account = Account(aws)
    plan = ActorBrake(account, actor, "f").stop(NOW)
    assert isinstance(plan, Plan)
    assert account.carry_out(plan) is None
    assert load(aws.functions["f"].variables).loops.own_actors == {actor.lower()}
