"""`hookwatch loop`: stops a running loop and undoes it. Decides nothing: `hookwatch.recover.loop_stop*` plans."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from hookwatch.cli.loop_view import PIPED_WIDTH_COLUMNS, draw_plans, draw_status, plans_json, status_json
from hookwatch.recover.loop_stop import Plan, Problem
from hookwatch.recover.loop_stop_aws import account
from hookwatch.recover.loop_stop_selector import Asked, brakes, bus_of, functions_of, wrong_names
from hookwatch.recover.loop_stop_stack import DEFAULT_STACK
from hookwatch.recover.loop_stop_status import read_status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.loop_stop import Verb
    from hookwatch.recover.loop_stop_aws import Account

OK, FOUND, MISUSE = 0, 1, 2

app = typer.Typer(
    name="loop",
    help="Stop a loop that is running, see what is stopped, and undo it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich would fold the examples below into one paragraph
)


@app.callback()
def loop() -> None:
    """Stop a loop that is running, see what is stopped, and undo it (docs/loops.md)."""


_CODES = """\
Without --yes nothing is changed: what would be done is shown, and what it costs.

Exit codes: 0 done, planned, or nothing to do; 1 it is not as it was (changed meanwhile, stopped by somebody else, a
call failed half-way), for status: something is stopped; 2 misuse, not found, not allowed: nothing was changed.

Examples:

\b
"""
STOP_EPILOG = f"""{_CODES}  hookwatch loop stop --rule OnComment                     what would happen
  hookwatch loop stop --rule OnComment --bus hooks --yes
  hookwatch loop stop --actor 'acme-bot[bot]' --yes         at every function of the stack hookwatch
  hookwatch loop stop --actor +15005550006 --function twilio --stack hooks --yes
  hookwatch loop stop --function my-consumer --yes          reserved concurrency 0
"""
RESUME_EPILOG = f"""{_CODES}  hookwatch loop resume --rule OnComment --bus hooks --yes
  hookwatch loop resume --actor 'acme-bot[bot]' --yes
  hookwatch loop resume --function my-consumer --yes
"""
STATUS_EPILOG = f"""{_CODES}  hookwatch loop status
  hookwatch loop status --stack hooks --json
  hookwatch loop status --function my-consumer
"""

Rule = Annotated[str | None, typer.Option("--rule", help="An EventBridge rule, by name.")]
Bus = Annotated[str | None, typer.Option("--bus", help="Its bus; the stack's with --stack, else `default`.")]
Actor = Annotated[str | None, typer.Option("--actor", help="A login, app slug or phone number that is ours.")]
Function = Annotated[
    str | None, typer.Option("--function", help="A function, by name or ARN; github or twilio for the stack's.")
]
StackName = Annotated[
    str | None, typer.Option("--stack", help="The stack that knows the names; hookwatch if left out.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint, such as the sandbox's.")]


def _changing(verb: Verb) -> Callable[..., None]:
    """Return the command of a verb: both ways take the same options."""

    def change(
        ctx: typer.Context,
        *,
        rule: Rule = None,
        bus: Bus = None,
        actor: Actor = None,
        function: Function = None,
        stack: StackName = None,
        yes: Yes = False,
        as_json: AsJson = False,
        region: Region = None,
        endpoint_url: Endpoint = None,
    ) -> None:
        asked = Asked(rule=rule, bus=bus, actor=actor, function=function, stack=stack)
        _change(verb, _account(ctx, region, endpoint_url), asked, yes=yes, as_json=as_json)

    return change


STOP = "Disable a rule, drop what an actor causes, or give a function no concurrency."
RESUME = "Undo a stop exactly: the rule's state, the list, the concurrency that were there before."
app.command("stop", help=STOP, epilog=STOP_EPILOG)(_changing("stop"))
app.command("resume", help=RESUME, epilog=RESUME_EPILOG)(_changing("resume"))


@app.command("status", epilog=STATUS_EPILOG)
def status(
    ctx: typer.Context,
    *,
    rule: Rule = None,
    bus: Bus = None,
    function: Function = None,
    stack: StackName = None,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: Endpoint = None,
) -> None:
    """Show which stops are in force, since when, and how to undo each."""
    if not (rule or bus or function):
        stack = stack or DEFAULT_STACK  # the stack's functions, and the rules of the stack's bus
    asked = Asked(rule=rule, bus=bus, function=function, stack=stack)
    here = _account(ctx, region, endpoint_url)
    problem = wrong_names(asked)
    if problem is not None:
        _end(problem)
    # A rule or a bus alone is a question about that and no stack is needed for it; so is a function alone.
    names = () if (rule or bus) and not (function or stack) else functions_of(here, asked)
    if isinstance(names, Problem):
        _end(names)
    buses = None if function and not (rule or bus or stack) else bus_of(here, asked)
    if isinstance(buses, Problem):
        _end(buses)
    found = read_status(here, names, (buses,) if buses else (), (rule,) if rule else ())
    if isinstance(found, Problem):
        _end(found)
    if as_json:
        _print_json(status_json(found))
    else:
        draw_status(_console(), found)
    raise typer.Exit(FOUND if found.stops else OK)


def _account(ctx: typer.Context, region: str | None, endpoint_url: str | None) -> Account:
    """The caller's account, or what whoever called the command as a function gave instead."""
    make: Callable[[str | None, str | None], Account] = ctx.obj or account
    return make(region, endpoint_url)


def _change(verb: Verb, here: Account, asked: Asked, *, yes: bool, as_json: bool) -> None:
    found = brakes(here, asked)
    if isinstance(found, Problem):
        _end(found)
    plans: list[Plan] = []
    for brake in found:
        plan = brake.stop(datetime.now(UTC)) if verb == "stop" else brake.resume()
        if isinstance(plan, Problem):
            _end(plan)
        plans.append(plan)
    # All are planned before the first is carried out: a typing error must not leave half of it done.
    problems = {plan.target: problem for plan in plans if yes and (problem := here.carry_out(plan)) is not None}
    if as_json:
        _print_json(plans_json(plans, problems, done=yes))
    else:
        draw_plans(_console(), plans, problems, done=yes)
    for target, problem in problems.items():
        _complain(f"{target}: {problem.message}")
    raise typer.Exit(FOUND if problems else OK)


def _end(problem: Problem) -> NoReturn:
    _complain(problem.message)
    raise typer.Exit(FOUND if problem.found else MISUSE)


def _complain(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch loop: {message}", markup=False)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH_COLUMNS)


def _print_json(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
