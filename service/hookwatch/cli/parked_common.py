"""What the commands of `hookwatch parked` share: options, the account, and how they end. Decides nothing."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from hookwatch.recover.loop_stop_aws import account
from hookwatch.recover.parked_stack import read_parking
from hookwatch.recover.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookwatch.recover.loop_stop_aws import Account
    from hookwatch.recover.parked_stack import Parking

OK, FOUND, MISUSE = 0, 1, 2
# Enough to see what a dead-letter queue is made of before it is moved.
LOOK_AT = 100
ALL = 1_000_000

StackName = Annotated[str, typer.Option("--stack", help="The stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint-url", help="Another endpoint, such as the sandbox's.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is changed.")]
Max = Annotated[int, typer.Option("--max", min=1, help="At most so many messages.", show_default="all")]


def open_stack(ctx: typer.Context, stack: str, region: str | None, endpoint_url: str | None) -> tuple[Account, Parking]:
    """The caller's account, or what whoever called the command as a function gave instead, and the stack's parking."""
    make: Callable[[str | None, str | None], Account] = ctx.obj or account
    here = make(region, endpoint_url)
    parking = read_parking(here, stack)
    if isinstance(parking, Problem):
        end(parking)
    return here, parking


def end(problem: Problem) -> NoReturn:
    """Say what is wrong, and end with the code for it."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"hookwatch parked: {problem.message}", markup=False)
    raise typer.Exit(FOUND if problem.found else MISUSE)


def print_json(document: Mapping[str, Any]) -> None:
    """Print the one document."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
