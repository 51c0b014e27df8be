"""How commands of `hookwatch secret` read a span, find their tools and end. Shared by them and by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import typer

from hookwatch.cli import secret_view as view
from hookwatch.cli.secret_asked import Tools
from hookwatch.recover.loop_stop import Problem

if TYPE_CHECKING:
    from datetime import timedelta

OK, FOUND, MISUSE = 0, 1, 2


def tools_of(ctx: typer.Context) -> Tools:
    """The real ones, or what whoever called the command as a function gave instead."""
    given: Any = ctx.obj
    return given if isinstance(given, Tools) else Tools()


def span_of(option: str, text: str) -> timedelta:
    """The span that an option was given."""
    found = view.span(text)
    if found is None:
        end(Problem(f"{option} must be a span such as 90s, 10m, 2h or 3d"))
    return found


def end(problem: Problem, *, changed: bool = False) -> NoReturn:
    """Say what is wrong and end; `changed` where it was found out after something had been changed."""
    view.complain(problem, changed=changed)
    raise typer.Exit(FOUND if problem.found or changed else MISUSE)
