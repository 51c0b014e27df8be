"""The three brakes against an account in memory: what is planned, what is done, and that undoing is exact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hookwatch.config import VARIABLES, load
from hookwatch.recover.loop_stop import Plan, Problem
from hookwatch.recover.loop_stop_actor import PROVIDER, ActorBrake
from hookwatch.recover.loop_stop_aws import SETTLE_LIMIT_S, Account
from hookwatch.recover.loop_stop_function import FunctionBrake
from hookwatch.recover.loop_stop_list import ACTION, ACTORS
from hookwatch.recover.loop_stop_record import TAG, VARIABLE
from hookwatch.recover.loop_stop_rule import RuleBrake
from loop_account import FakeAws, Function

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop import Brake

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
BOT = "Acme-Bot[bot]"
OURS = {
    PROVIDER: "github",
    "HOOKWATCH_SECRET_ARN": "arn:s",
    "HOOKWATCH_EVENT_BUS": "default",
    ACTORS: "",
    ACTION: "tag",
    "OTHER": "kept",
}


@pytest.fixture
def aws() -> FakeAws:
    aws = FakeAws()
    aws.add_rule("R", EventPattern="{}")
    aws.add_rule("Elsewhere", bus="hooks")
    aws.functions["f"] = Function(dict(OURS), reserved=10)
    aws.functions["free"] = Function({})
    return aws


@pytest.fixture
def account(aws: FakeAws) -> Account:
    return Account(aws, aws.slept_s.append)


def brakes(account: Account) -> list[Brake]:
    return [RuleBrake(account, "R", "default"), ActorBrake(account, BOT, "f"), FunctionBrake(account, "f")]


def done(account: Account, plan: Plan | Problem) -> Plan:
    assert isinstance(plan, Plan), plan
    assert account.carry_out(plan) is None
    return plan


def problem(plan: Plan | Problem) -> Problem:
    assert isinstance(plan, Problem), plan
    return plan


@pytest.mark.parametrize("number", range(3))
def test_planning_changes_nothing(aws: FakeAws, account: Account, number: int) -> None:
    """A plan is made by reading only, and says what it costs."""
    before = aws.state()
    plan = brakes(account)[number].stop(NOW)
    assert isinstance(plan, Plan)
    assert plan.calls
    assert plan.costs
    assert plan.before != plan.after
    assert aws.changes == []
    assert aws.state() == before


@pytest.mark.parametrize("number", range(3))
def test_a_resume_restores_everything_as_it_was(aws: FakeAws, account: Account, number: int) -> None:
    """After stop and resume neither state, list, concurrency, nor any record is left different."""
    before, brake = aws.state(), brakes(account)[number]
    done(account, brake.stop(NOW))
    assert aws.state() != before
    done(account, brake.resume())
    assert aws.state() == before


@pytest.mark.parametrize("number", range(3))
def test_a_second_stop_and_a_second_resume_do_nothing(aws: FakeAws, account: Account, number: int) -> None:
    """Whoever repeats a command out of worry does no harm, and the first record stays."""
    brake = brakes(account)[number]
    done(account, brake.stop(NOW))
    stopped = aws.state()
    again = done(account, brake.stop(datetime(2027, 1, 1, tzinfo=UTC)))
    assert again.note == "stopped already, since 2026-11-26T10:00:00Z"
    assert (again.calls, aws.state()) == ((), stopped)
    done(account, brake.resume())
    assert done(account, brake.resume()).calls == ()


@pytest.mark.parametrize("number", range(3))
def test_a_stop_in_force_is_found_with_the_command_that_undoes_it(account: Account, number: int) -> None:
    """Whoever comes later finds what was stopped, when, what it was before, and how to go back."""
    brake = brakes(account)[number]
    assert brake.stops() == ()
    done(account, brake.stop(NOW))
    found = brake.stops()
    assert isinstance(found, tuple)
    assert [stop.since for stop in found] == ["2026-11-26T10:00:00Z"]
    assert found[0].before
    selector = ("--rule R --bus default", "--actor 'acme-bot[bot]' --function f", "--function f")[number]
    assert found[0].selector == selector


@pytest.mark.parametrize(("number", "fails"), [(0, "disable_rule"), (2, "put_function_concurrency")])
def test_a_stop_that_fails_leaves_no_record(aws: FakeAws, account: Account, number: int, fails: str) -> None:
    """The record is written first; if the stop itself is refused, the record goes again."""
    before, plan = aws.state(), brakes(account)[number].stop(NOW)
    assert isinstance(plan, Plan)
    aws.refuse[fails] = "AccessDeniedException"
    assert "not allowed to" in problem(account.carry_out(plan) or plan).message
    assert aws.state() == before


@pytest.mark.parametrize(("number", "fails"), [(0, "tag_resource"), (2, "tag_resource")])
def test_nothing_is_stopped_without_a_record(aws: FakeAws, account: Account, number: int, fails: str) -> None:
    """What could not be undone by whoever comes later is not done."""
    before, plan = aws.state(), brakes(account)[number].stop(NOW)
    assert isinstance(plan, Plan)
    aws.refuse[fails] = "AccessDeniedException"
    assert account.carry_out(plan) is not None
    assert (aws.state(), aws.changes) == (before, [])


@pytest.mark.parametrize("number", [0, 2])
def test_a_stop_without_an_answer_keeps_its_record(aws: FakeAws, account: Account, number: int) -> None:
    """AWS may have done what it did not answer: the record stays, a resume cleans up, and nobody is told it failed."""
    before, brake = aws.state(), brakes(account)[number]
    plan = brake.stop(NOW)
    assert isinstance(plan, Plan)
    aws.silent = plan.calls[1].operation
    refused = account.carry_out(plan)
    assert refused is not None
    assert "Whether it was done is not known" in refused.message
    aws.silent = ""
    assert len(done(account, brake.resume()).calls) == 2
    assert aws.state() == before


def test_a_rule_that_takes_cloudtrail_events_is_restored_to_that(aws: FakeAws, account: Account) -> None:
    """EnableRule would forget the other kind of enabled, so the whole rule is put again."""
    aws.rules["default", "R"] |= {
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        "Description": "d",
        "RoleArn": "r",
    }
    before, brake = aws.state(), RuleBrake(account, "R", "default")
    done(account, brake.stop(NOW))
    done(account, brake.resume())
    assert aws.state() == before
    assert "put_rule" in aws.changes


def test_what_somebody_else_stopped_stays_stopped(aws: FakeAws, account: Account) -> None:
    """A rule or function that was off before has no record of ours: stop leaves it, resume refuses and says why."""
    aws.rules["default", "R"]["State"] = "DISABLED"
    aws.functions["f"].reserved = 0
    before = aws.state()
    for brake in (RuleBrake(account, "R", "default"), FunctionBrake(account, "f")):
        assert "not by `hookwatch loop stop`" in done(account, brake.stop(NOW)).note
        refused = problem(brake.resume())
        assert refused.found
        assert "not by `hookwatch loop stop`" in refused.message
        assert brake.stops() == ()
    assert aws.state() == before


def test_what_somebody_resumed_by_hand_is_left_and_the_record_goes(aws: FakeAws, account: Account) -> None:
    """A new setting made meanwhile is newer than our record, so it stays."""
    rule, function = RuleBrake(account, "R", "default"), FunctionBrake(account, "f")
    done(account, rule.stop(NOW))
    done(account, function.stop(NOW))
    aws.rules["default", "R"]["State"], aws.functions["f"].reserved = "ENABLED", 3
    assert "meanwhile" in done(account, rule.resume()).note
    assert "set it to 3 meanwhile (10 before" in done(account, function.resume()).note
    assert aws.functions["f"].reserved == 3
    assert (aws.functions["f"].tags, list(aws.rule_tags.values())) == ({}, [{}, {}])


def test_a_function_that_reserved_nothing_reserves_nothing_again(aws: FakeAws, account: Account) -> None:
    """None before is none after, and not a number."""
    brake = FunctionBrake(account, "free")
    done(account, brake.stop(NOW))
    assert aws.functions["free"].reserved == 0
    assert done(account, brake.resume()).after == {"reserved_concurrency": "none"}
    assert aws.functions["free"].reserved is None


def test_a_record_that_nobody_can_read_is_no_record(aws: FakeAws, account: Account) -> None:
    """A tag that somebody wrote by hand restores nothing."""
    aws.functions["f"].reserved, aws.functions["f"].tags = 0, {TAG: "before=ten at=now"}
    aws.rules["default", "R"]["State"] = "DISABLED"
    aws.rule_tags[aws.rules["default", "R"]["Arn"]] = {TAG: "before=BROKEN at=2026-11-26T10:00:00Z"}
    aws.functions["f"].variables[VARIABLE] = '{"stopped": 3}'
    assert problem(FunctionBrake(account, "f").resume()).found
    assert problem(RuleBrake(account, "R", "default").resume()).found
    assert done(account, ActorBrake(account, BOT, "f").resume()).calls == ()


def test_a_rule_on_another_bus_is_pointed_to(account: Account) -> None:
    """Who forgets --bus is told which bus has the rule."""
    refused = problem(RuleBrake(account, "Elsewhere", "default").stop(NOW))
    assert not refused.found
    assert refused.message == "there is no rule Elsewhere on the bus default; there is one on hooks: give --bus hooks"


def test_a_rule_of_an_aws_service_is_refused_before_it_is_touched(aws: FakeAws, account: Account) -> None:
    """Managed rules cannot be disabled, and the message says whose it is."""
    aws.rules["default", "R"]["ManagedBy"] = "pipes.amazonaws.com"
    assert "pipes.amazonaws.com" in problem(RuleBrake(account, "R", "default").stop(NOW)).message


@pytest.mark.parametrize(
    ("targets", "archives", "said"),
    [
        (["arn:q"], ["a1"], ["no longer reach arn:q", "archive a1 can replay"]),
        ([], [], ["it has no targets", "no archive"]),
    ],
)
def test_the_cost_of_a_rule_names_targets_and_archive(
    aws: FakeAws, account: Account, targets: list[str], archives: list[str], said: list[str]
) -> None:
    """Whether events are lost depends on an archive, so the account is asked for one."""
    aws.targets, aws.archives = targets, archives
    costs = " ".join(getattr(RuleBrake(account, "R", "default").stop(NOW), "costs", ()))
    assert all(part in costs for part in said), costs


def test_a_cost_that_cannot_be_read_does_not_stop_the_stop(aws: FakeAws, account: Account) -> None:
    """In an outage a missing permission to list archives must not keep a loop running."""
    aws.refuse = {"list_archives": "AccessDeniedException", "list_targets_by_rule": "AccessDeniedException"}
    plan = done(account, RuleBrake(account, "R", "default").stop(NOW))
    assert "could not be read" in " ".join(plan.costs)
    assert aws.rules["default", "R"]["State"] == "DISABLED"


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("github", "lost from 2026-11-29 10:00 UTC on"),
        ("twilio", "429 and lost"),
        ("other", "of other"),
        ("", "dead-letter"),
    ],
)
def test_the_cost_of_a_function_depends_on_who_calls_it(
    aws: FakeAws, account: Account, provider: str, said: str
) -> None:
    """GitHub keeps deliveries for three days, Twilio keeps none, and a consumer's events go to its failure queue."""
    aws.functions["f"].variables = {PROVIDER: provider} if provider else {}
    assert said in " ".join(getattr(FunctionBrake(account, "f").stop(NOW), "costs", ()))


def test_dropping_one_actor_says_which_others_are_dropped_with_it(aws: FakeAws, account: Account) -> None:
    """The action is one for all own actors: those that were only marked are dropped from then on."""
    aws.functions["f"].variables[ACTORS] = "octo-helper, +15005550006"
    plan = done(account, ActorBrake(account, BOT, "f").stop(NOW))
    assert "what octo-helper, +15005550006 cause" in " ".join(plan.costs)
    assert aws.functions["f"].variables[ACTORS] == "octo-helper, +15005550006,acme-bot[bot]"


@pytest.mark.parametrize(
    ("provider", "said"),
    [("github", "redeliver it for 3 days"), ("twilio", "no status callbacks"), ("own", "cold once")],
)
def test_the_cost_of_a_drop_depends_on_the_provider(aws: FakeAws, account: Account, provider: str, said: str) -> None:
    """GitHub can send again what was dropped; at Twilio only inbound messages are dropped, and that is said."""
    aws.functions["f"].variables[PROVIDER] = provider
    assert said in " ".join(getattr(ActorBrake(account, BOT, "f").stop(NOW), "costs", ()))


def test_the_function_understands_the_list_that_is_written(aws: FakeAws, account: Account) -> None:
    """What is written is what the deployed configuration reads: the actor is on the list, and dropped."""
    assert {ACTORS, ACTION, PROVIDER} <= VARIABLES.keys()
    done(account, ActorBrake(account, BOT, "f").stop(NOW))
    loops = load(aws.functions["f"].variables).loops
    assert (loops.own_actors, loops.drop_own) == (frozenset({"acme-bot[bot]"}), True)
    assert aws.functions["f"].variables["OTHER"] == "kept"


@pytest.mark.parametrize("first", [0, 1])
def test_actors_are_resumed_in_any_order(aws: FakeAws, account: Account, first: int) -> None:
    """Two stops at one function are independent; the original list is back when both are undone."""
    before = aws.state()
    pair = [ActorBrake(account, "a-bot", "f"), ActorBrake(account, "b-bot", "f")]
    for brake in pair:
        done(account, brake.stop(NOW))
    done(account, pair[first].resume())
    assert aws.functions["f"].variables[ACTORS] == pair[1 - first].actor
    assert aws.functions["f"].variables[ACTION] == "drop"
    done(account, pair[1 - first].resume())
    assert aws.state() == before


def test_variables_that_were_not_there_are_not_there_again(aws: FakeAws, account: Account) -> None:
    """A function deployed without the two variables is left without them."""
    del aws.functions["f"].variables[ACTORS]
    del aws.functions["f"].variables[ACTION]
    before, brake = aws.state(), ActorBrake(account, BOT, "f")
    done(account, brake.stop(NOW))
    done(account, brake.resume())
    assert aws.state() == before


@pytest.mark.parametrize(("actors", "actor"), [("acme-bot", "acme-bot[bot]"), ("ACME-BOT[bot]", "acme-bot[bot]")])
def test_an_actor_that_is_dropped_by_deployment_is_neither_stopped_nor_resumed(
    aws: FakeAws, account: Account, actors: str, actor: str
) -> None:
    """The function's own rule for slugs and case decides whether an actor is dropped already."""
    aws.functions["f"].variables |= {ACTORS: actors, ACTION: "drop"}
    assert "not by `hookwatch loop stop`" in done(account, ActorBrake(account, actor, "f").stop(NOW)).note
    assert aws.changes == []


def test_a_list_that_was_edited_by_hand_is_not_overwritten(aws: FakeAws, account: Account) -> None:
    """Where record and list disagree, nobody can know what is right, so a person has to say it."""
    brake = ActorBrake(account, BOT, "f")
    done(account, brake.stop(NOW))
    aws.functions["f"].variables[ACTORS] += ",third"
    edited = aws.state()
    for refused in (brake.resume(), ActorBrake(account, "b-bot", "f").stop(NOW)):
        assert problem(refused).found
        assert VARIABLE in problem(refused).message
    assert aws.state() == edited


def test_a_deployment_that_replaces_the_environment_ends_the_stop(aws: FakeAws, account: Account) -> None:
    """The record lies in the environment, so it cannot outlive the list that it belongs to."""
    brake = ActorBrake(account, BOT, "f")
    done(account, brake.stop(NOW))
    aws.functions["f"].variables = dict(OURS)
    assert done(account, brake.resume()).calls == ()
    assert brake.stops() == ()


def test_a_function_that_changed_since_it_was_read_is_not_overwritten(aws: FakeAws, account: Account) -> None:
    """The update carries the revision that was read; Lambda refuses it if there is a newer one."""
    plan = ActorBrake(account, BOT, "f").stop(NOW)
    assert isinstance(plan, Plan)
    aws.functions["f"].revision += 1
    refused = account.carry_out(plan)
    assert refused is not None
    assert refused.found
    assert "run this again" in refused.message
    assert aws.functions["f"].variables == OURS


def test_an_environment_that_cannot_be_read_is_never_written(aws: FakeAws, account: Account) -> None:
    """An update replaces all variables: without kms:Decrypt it would wipe them."""
    aws.functions["f"].environment_error = "kms:Decrypt"
    assert "kms:Decrypt" in problem(ActorBrake(account, BOT, "f").stop(NOW)).message


def test_a_function_that_is_not_ours_gets_no_drop_list(account: Account) -> None:
    """A consumer would not know what the variable means, and the loop would go on."""
    assert "no function of hookwatch" in problem(ActorBrake(account, BOT, "free").stop(NOW)).message


def test_an_environment_beyond_the_limit_is_refused_beforehand(aws: FakeAws, account: Account) -> None:
    """Lambda takes 4 KB of variables; the message says what to stop instead."""
    aws.functions["f"].variables["OTHER"] = "x" * 4000
    assert "4096" in problem(ActorBrake(account, BOT, "f").stop(NOW)).message


def test_foreign_variables_are_in_no_text_that_is_shown(aws: FakeAws, account: Account) -> None:
    """Somebody may keep a secret in the environment: plans count such variables and never quote them."""
    aws.functions["f"].variables["OTHER"] = "s3cret"
    plan = ActorBrake(account, BOT, "f").stop(NOW)
    assert "s3cret" not in repr(plan)
    assert isinstance(plan, Plan)
    assert "4 others as they are" in plan.calls[0].text


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["Successful", "InProgress", "InProgress", "Successful"], None),
        (["Successful", "Failed"], "the key is disabled"),
        (["Successful"] + ["InProgress"] * 1000, "not over after"),
    ],
)
def test_a_drop_is_done_when_lambda_says_so(
    aws: FakeAws, account: Account, statuses: list[str], said: str | None
) -> None:
    """Lambda applies an update over seconds: until then, or if it fails, nobody is told that the loop has ended."""
    aws.functions["f"].statuses = statuses
    plan = ActorBrake(account, BOT, "f").stop(NOW)
    assert isinstance(plan, Plan)
    refused = account.carry_out(plan)
    assert (refused is None) if said is None else (refused is not None and said in refused.message)
    assert sum(aws.slept_s) <= SETTLE_LIMIT_S


@pytest.mark.parametrize("brake", [ActorBrake, FunctionBrake])
def test_a_function_that_does_not_exist_is_named(account: Account, brake: type[ActorBrake | FunctionBrake]) -> None:
    """A misspelt function is misuse, and the message repeats the name."""
    made = ActorBrake(account, BOT, "nope") if brake is ActorBrake else FunctionBrake(account, "nope")
    refused = problem(made.stop(NOW))
    assert (refused.message, refused.found) == ("there is no function nope in this account and Region", False)
