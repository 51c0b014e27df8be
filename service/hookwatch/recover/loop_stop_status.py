"""Which stops are in force, and how the functions stand. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_actor import ActorBrake
from hookwatch.recover.loop_stop_function import NONE, FunctionBrake
from hookwatch.recover.loop_stop_list import ACTION, ACTORS
from hookwatch.recover.loop_stop_rule import DISABLED, RuleBrake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookwatch.recover.loop_stop import Stop
    from hookwatch.recover.loop_stop_aws import Account

MAX_RULES = 300
"""Rules of one bus that are looked at: the quota of rules of a bus
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html, read 2026-11-22)."""
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionStatus:
    """What a function does about loops.

    Attributes:
        name: its name.
        own_actors: the list as configured.
        own_actor_action: tag or drop.
        loop_limit: deliveries of a subject a minute, as configured.
        reserved_concurrency: a number as text, or `none`.
    """

    name: str
    own_actors: str
    own_actor_action: str
    loop_limit: str
    reserved_concurrency: str


@dataclass(frozen=True, slots=True)
class Status:
    """What was found."""

    stops: tuple[Stop, ...]
    functions: tuple[FunctionStatus, ...]
    buses: tuple[str, ...]


def read_status(
    account: Account, functions: Iterable[str], buses: Iterable[str], rules: Iterable[str] = ()
) -> Status | Problem:
    """Read the stops of functions and of rules.

    Args:
        account: where to look.
        functions: names or ARNs.
        buses: names of the buses whose rules are looked at.
        rules: names of rules; without any, all disabled rules of the buses are looked at.
    """
    names, bus_names = tuple(functions), tuple(buses)
    stops: list[Stop] = []
    statuses: list[FunctionStatus] = []
    for name in names:
        status = _function(account, name, stops)
        if isinstance(status, Problem):
            return status
        statuses.append(status)
    for bus in bus_names:
        disabled = tuple(rules) or _disabled(account, bus)
        if isinstance(disabled, Problem):
            return disabled
        for rule in disabled:
            found = RuleBrake(account, rule, bus).stops()
            if isinstance(found, Problem):
                return found
            stops += found
    return Status(tuple(stops), tuple(statuses), bus_names)


def _function(account: Account, name: str, stops: list[Stop]) -> FunctionStatus | Problem:
    settings = account.ask("lambda", "get_function_configuration", FunctionName=name)
    if isinstance(settings, Problem):
        return settings
    variables = settings.get("Environment", {}).get("Variables", {})
    coarse = FunctionBrake(account, name).stops()
    if isinstance(coarse, Problem):
        return coarse
    stops += coarse
    if "HOOKWATCH_PROVIDER" in variables:
        middle = ActorBrake(account, "", name).stops()
        if isinstance(middle, Problem):
            return middle
        stops += middle
    reserved = account.ask("lambda", "get_function_concurrency", FunctionName=name)
    if isinstance(reserved, Problem):
        return reserved
    return FunctionStatus(
        name=name,
        own_actors=variables.get(ACTORS, ""),
        own_actor_action=variables.get(ACTION, "tag"),
        loop_limit=variables.get("HOOKWATCH_LOOP_LIMIT", "0"),
        reserved_concurrency=str(reserved.get("ReservedConcurrentExecutions", NONE)),
    )


def _disabled(account: Account, bus: str) -> tuple[str, ...] | Problem:
    found: list[str] = []
    token: dict[str, str] = {}
    for _ in range(MAX_RULES // PAGE):
        answer = account.ask("events", "list_rules", EventBusName=bus, Limit=PAGE, **token)
        if isinstance(answer, Problem):
            if answer.code == "ResourceNotFoundException":
                return Problem(f"there is no event bus {bus} in this account and Region")
            return answer
        found += [rule["Name"] for rule in answer["Rules"] if rule.get("State") == DISABLED]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    return tuple(found)
