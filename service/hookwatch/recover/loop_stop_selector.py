"""From what was asked for to the brakes that it means. Never changes anything; looks names up in a stack if it must."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookwatch.recover.loop_stop import Problem
from hookwatch.recover.loop_stop_actor import ActorBrake
from hookwatch.recover.loop_stop_function import FunctionBrake
from hookwatch.recover.loop_stop_rule import RuleBrake
from hookwatch.recover.loop_stop_stack import DEFAULT_BUS, DEFAULT_STACK, bus_name, read_stack

if TYPE_CHECKING:
    from hookwatch.recover.loop_stop import Brake
    from hookwatch.recover.loop_stop_aws import Account

PROVIDERS = ("github", "twilio")
"""What --function takes instead of a name: the stack knows the name."""

_RULE = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
_BUS = re.compile(r"(arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/)?[/.\-_A-Za-z0-9]{1,256}")
_FUNCTION = re.compile(r"(arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,64}")
# The list is separated by commas and its entries lose white space around them (hookwatch.config). Long enough for
# GitHub's 39 characters and `[bot]`, and for every address that Twilio sends from.
_ACTOR = re.compile(r"[^\s,\x00-\x1f](?:[^,\x00-\x1f]{0,126}[^\s,\x00-\x1f])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for; None for what was not."""

    rule: str | None = None
    bus: str | None = None
    actor: str | None = None
    function: str | None = None
    stack: str | None = None


def brakes(account: Account, asked: Asked) -> tuple[Brake, ...] | Problem:
    """The brakes that a stop or a resume is about."""
    problem = _misuse(asked)
    if problem is not None:
        return problem
    if asked.rule is not None:
        bus = bus_of(account, asked)
        return bus if isinstance(bus, Problem) else (RuleBrake(account, asked.rule, bus),)
    names = functions_of(account, asked)
    if isinstance(names, Problem):
        return names
    if asked.actor is not None:
        return tuple(ActorBrake(account, asked.actor, name) for name in names)
    return tuple(FunctionBrake(account, name) for name in names)


def functions_of(account: Account, asked: Asked) -> tuple[str, ...] | Problem:
    """The names of the functions: the one given, or all of the stack."""
    if asked.function is not None and asked.function not in PROVIDERS:
        return (asked.function,)
    stack = read_stack(account, asked.stack or DEFAULT_STACK)
    if isinstance(stack, Problem):
        return stack
    if asked.function is None:
        return tuple(stack.functions.values())
    if asked.function not in stack.functions:
        return Problem(f"the stack {asked.stack or DEFAULT_STACK} has no function for {asked.function}")
    return (stack.functions[asked.function],)


def bus_of(account: Account, asked: Asked) -> str | Problem:
    """The name of the bus: the one given, the stack's, or the account's default bus."""
    if asked.bus is not None:
        return bus_name(asked.bus)
    if asked.stack is None:
        return DEFAULT_BUS
    stack = read_stack(account, asked.stack)
    return stack if isinstance(stack, Problem) else stack.bus


def _misuse(asked: Asked) -> Problem | None:
    finer = asked.actor is not None or asked.function is not None
    if asked.rule is None and not finer:
        return Problem("of what? Give --rule, --actor or --function")
    if asked.rule is not None and finer:
        return Problem("one brake at a time: --rule goes with neither --actor nor --function")
    if asked.rule is None and asked.bus is not None:
        return Problem("--bus goes with --rule only")
    return wrong_names(asked)


def wrong_names(asked: Asked) -> Problem | None:
    """What is wrong with the names themselves, before AWS is asked about them."""
    rules = (
        ("--rule", asked.rule, _RULE, "the name of a rule: up to 64 letters, digits, dots, dashes and underscores"),
        ("--bus", asked.bus, _BUS, "the name or ARN of an event bus"),
        ("--function", asked.function, _FUNCTION, "the name or ARN of a function, without version or alias"),
        ("--actor", asked.actor, _ACTOR, "one login, app slug or phone number, without commas"),
    )
    for option, value, shape, meant in rules:
        if value is not None and not shape.fullmatch(value):
            return Problem(f"{option} {value!r} is not {meant}")
    return None
